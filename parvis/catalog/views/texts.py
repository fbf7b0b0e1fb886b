"""The texts of the house, both languages side by side."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.catalog import services
from parvis.catalog.editing import texts_rewritten
from parvis.catalog.forms import TextForm, bilingual_initial
from parvis.catalog.selectors import business, site_default
from parvis.catalog.texts import DEFAULTS, EXAMPLES, PURPOSES
from parvis.catalog.views.common import back_to, managers, saved
from parvis.kernel.sms import sms_length, sms_plain
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import fill


@require_safe
@managers
def texts(request: HttpRequest) -> HttpResponse:
    """All texts, with what each is for."""
    rewritten = texts_rewritten()
    rows = [
        {
            "key": key,
            "title": title,
            "lead": lead,
            "rewritten": key in rewritten,
            "icon": "message" if DEFAULTS[key].is_sms else "mail",
        }
        for key, (title, lead) in PURPOSES.items()
    ]
    return render(request, "catalog/texts.html", {"section": "texts", "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def text(request: HttpRequest, key: str) -> HttpResponse:
    """One text: rewrite it, look at it with example values."""
    if key not in DEFAULTS:
        raise Http404(key)
    form = TextForm(request.POST) if request.method == "POST" else TextForm(initial=_now(key))
    if saved(form, lambda: services.text_save(viewer=require_viewer(request), key=key, **form.parts())):
        return back_to(request, reverse("settings_text", args=[key]))
    if DEFAULTS[key].is_sms:
        form.short()
    title, lead = PURPOSES[key]
    context = {
        "section": "texts",
        "key": key,
        "title": title,
        "lead": lead,
        "form": form,
        "columns": [
            {
                "code": code,
                "name": get_language_info(code)["name_local"].capitalize(),
                "subject": form[f"subject_{code}"],
                "body": form[f"body_{code}"],
            }
            for code, __ in settings.LANGUAGES
        ],
        "is_sms": DEFAULTS[key].is_sms,
        "placeholders": DEFAULTS[key].placeholders,
        "needed": DEFAULTS[key].needed,
        "rewritten": key in texts_rewritten(),
        "previews": _previews(key, form),
    }
    return render(request, "catalog/text.html", context, status=422 if form.is_bound else 200)


@require_POST
@managers
def text_preview(request: HttpRequest, key: str) -> HttpResponse:
    """The text as it stands in the form, with example values."""
    if key not in DEFAULTS:
        raise Http404(key)
    return render(request, "catalog/text_preview.html", {"previews": _previews(key, TextForm(request.POST))})


@require_POST
@managers
def text_reset(request: HttpRequest, key: str) -> HttpResponse:
    """Back to the words Parvis came with."""
    services.text_reset(viewer=require_viewer(request), key=key)
    return back_to(request, reverse("settings_text", args=[key]), _("The text is as Parvis came with it."))


def _now(key: str) -> dict[str, str]:
    row, default = texts_rewritten().get(key), DEFAULTS[key]
    subject, body = (row.subject, row.body) if row else (default.subject, default.body)
    return {
        **bilingual_initial({**default.subject, **subject}, "subject"),
        **bilingual_initial({**default.body, **body}, "body"),
    }


def _previews(key: str, form: TextForm) -> list[dict[str, Any]]:
    house, site, default = business(), site_default(), DEFAULTS[key]
    previews = []
    for code, __ in settings.LANGUAGES:
        values = {name: by_language[code] for name, by_language in EXAMPLES.items()}
        if default.is_sms:  # as long as a real one
            values["link"] = f"{settings.BASE_URL}/b/MTIzNDU2:1vS3kq:{'x' * 43}/"
        values |= {"business": house.name if house else "Parvis", "site": site.name if site else ""}
        subject = str(form[f"subject_{code}"].value() or "").strip() or default.subject[code]
        body = str(form[f"body_{code}"].value() or "").strip() or default.body[code]
        preview: dict[str, Any] = {"code": code, "subject": fill(subject, values), "body": fill(body, values)}
        if default.is_sms:
            preview["body"] = sms_plain(preview["body"])
            preview["length"] = sms_length(preview["body"])
        previews.append(preview)
    return previews
