"""The house and its brand."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.catalog import services
from parvis.catalog.forms import BrandForm, HouseForm
from parvis.catalog.selectors import business
from parvis.catalog.views.common import back_to, managers, saved
from parvis.kernel.errors import Invalid, NotFound
from parvis.staff.middleware import require_viewer
from parvis.toolkit.brand import DARK_GROUNDS, DEFAULT_ACCENT, LIGHT_GROUNDS, brand_tokens, contrast
from parvis.toolkit.forms import put_errors


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def house(request: HttpRequest) -> HttpResponse:
    """Name, languages, country; and beside it the brand."""
    found = _house()
    form = HouseForm(request.POST) if request.method == "POST" else HouseForm.of(found)
    viewer = require_viewer(request)
    if saved(form, lambda: services.business_save(viewer=viewer, **form.changes())):
        return back_to(request, reverse("settings_business"))
    return _page(request, found, form=form)


@require_POST
@managers
def brand(request: HttpRequest) -> HttpResponse:
    """Colour, headings, greeting, and a new logo if one was chosen."""
    form, viewer = BrandForm(request.POST, request.FILES), require_viewer(request)
    if form.is_valid():
        try:
            if upload := form.cleaned_data["logo"]:
                services.logo_save(viewer=viewer, content=upload.read())
            services.business_save(viewer=viewer, **form.changes())
        except Invalid as error:
            put_errors(form, error)
        else:
            return back_to(request, f"{reverse('settings_business')}#brand")
    return _page(request, _house(), brand_form=form)


@require_POST
@managers
def logo_remove(request: HttpRequest) -> HttpResponse:
    """Back to the monogram."""
    services.logo_remove(viewer=require_viewer(request))
    messages.success(request, _("The logo has been removed."))
    return redirect(f"{reverse('settings_business')}#brand")


@require_safe
@managers
@never_cache
def brand_preview(request: HttpRequest) -> HttpResponse:
    """How a colour comes out in light and dark, with its contrasts; nothing is saved."""
    return render(request, "catalog/brand_preview.html", _preview(request.GET.get("accent", ""), request.GET))


def _page(request: HttpRequest, found: Any, **forms: Any) -> HttpResponse:
    form, brand_form = forms.get("form") or HouseForm.of(found), forms.get("brand_form") or BrandForm.of(found)
    shown = brand_form.data if brand_form.is_bound else brand_form.initial
    context = {
        "section": "business",
        "house": found,
        "form": form,
        "brand_form": brand_form,
        "has_logo": bool(found.logo_type),
        **_preview(str(shown.get("accent", "")), shown),
    }
    refused = form.is_bound or brand_form.is_bound
    return render(request, "catalog/house.html", context, status=422 if refused else 200)


def _preview(accent: str, shown: Any) -> dict[str, Any]:
    try:
        tokens = brand_tokens(accent)
    except Invalid:
        tokens = brand_tokens(DEFAULT_ACCENT)
    themes = [("light", tokens.light, LIGHT_GROUNDS), ("dark", tokens.dark, DARK_GROUNDS)]
    return {
        "themes": [
            {
                "name": name,
                "accent": accents,
                "ground": grounds["surface"],
                "paper": grounds["paper"],
                "ink": "#24211c" if name == "light" else "#e9ebee",
                "on_button": contrast(accents.ink, accents.accent),
                "on_paper": contrast(accents.text, grounds["paper"]),
            }
            for name, accents, grounds in themes
        ],
        "chosen": accent,
        "moved": {tokens.light.accent, tokens.light.text} != {accent.lower()},
        "serif": shown.get("headings") != "sans",
    }


def _house() -> Any:
    found = business()
    if found is None:
        raise NotFound(_("There is no house yet."), hint=_("Set it up with “parvis init”."))
    return found
