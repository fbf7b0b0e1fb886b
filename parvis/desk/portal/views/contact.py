"""The form: the need carried along, defended without troubling people, and lost by nothing."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from parvis.catalog.selectors import business, sites
from parvis.desk.portal.forms import ContactForm
from parvis.desk.portal.services import request_send
from parvis.desk.portal.tokens import encounter_of_link, form_stamp, stamp_read
from parvis.desk.portal.views.common import client_ip, page_language, tokened
from parvis.desk.portal.views.home import trail_to
from parvis.desk.portal.views.requests import promise_lines
from parvis.desk.services import Contact
from parvis.desk.services.letters import ENCOUNTER_SALT, portal_link
from parvis.kernel.errors import Invalid, NotFound, TooMany
from parvis.queueing.selectors import ticket_get, ticket_of_token


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def portal_contact(request: HttpRequest) -> HttpResponse:
    """Ask, check, send. Whatever is refused comes back as it was typed."""
    places = {site.slug: site for site in sites().order_by("pk")}
    house = business()
    options: dict[str, Any] = {
        "places": [(slug, site.name) for slug, site in places.items()],
        "country": house.country if house else "FR",
    }
    if request.method != "POST":
        given = {"need": request.GET.get("need", ""), "site": request.GET.get("site", ""), "stamp": form_stamp()}
        given |= _of_ticket(request.GET.get("ticket", ""))
        return _page(request, ContactForm(initial=given, **options))
    form = ContactForm(request.POST, request.FILES, **options)
    stamp = stamp_read(request.POST.get("stamp", ""))
    if not form.is_valid():
        return _page(request, form, renew=stamp.verdict in ("old", "bad"))
    if doubt := _doubt(form, stamp.verdict):
        return _page(request, form, notice=doubt, renew=stamp.verdict != "fast")
    site = places.get(form.cleaned_data.get("site", ""))
    try:
        encounter_id = request_send(contact=_contact(form, site), nonce=stamp.nonce, ip=client_ip(request))
    except TooMany as error:
        return _page(request, form, notice=f"{error} {error.hint}", status=429)
    except Invalid as error:
        form.add_error(None, str(error))
        return _page(request, form)
    return redirect("portal_sent", token=signing.dumps(encounter_id, salt=ENCOUNTER_SALT))


def _of_ticket(token: str) -> dict[str, str]:
    """What the holder of a ticket need not type again: what it was about, and what they gave when they took it."""
    try:
        ticket = ticket_get(ticket_of_token(token).pk) if token else None
    except NotFound:
        ticket = None
    if ticket is None:
        return {}
    about = _("About my visit with ticket %(code)s:") % {"code": ticket.code}
    given = {"site": ticket.site.slug, "name": ticket.name, "phone": ticket.phone, "email": ticket.email}
    public = ticket.need is not None and bool(trail_to(ticket.need.slug))
    return {**given, "need": ticket.need.slug if ticket.need and public else "", "message": f"{about}\n"}


def _doubt(form: ContactForm, verdict: str) -> str:
    """Why a complete form is asked for once more; "" when nothing speaks against it."""
    if form.cleaned_data["website"]:
        return _("Something filled in a field that people do not see. Please send your message once more.")
    if verdict == "fast":
        return _("That was very quick. Please look it over and send it once more.")
    if verdict in ("old", "bad"):
        return _("This page had been open for a long time. Please send your message once more.")
    return ""


def _contact(form: ContactForm, site: Any) -> Contact:
    data = form.cleaned_data
    trail = trail_to(data["need"]) if data["need"] else []
    return Contact(
        channel="form",
        text=data["message"].strip(),
        subject=trail[-1].name if trail else "",
        name=data["name"],
        email=data["email"],
        phone=data["phone"],
        language=page_language(),
        site_id=site.pk if site else None,
        need_id=trail[-1].need.pk if trail else None,
        files=data["attachments"],
    )


def _page(
    request: HttpRequest, form: ContactForm, *, notice: str = "", renew: bool = False, status: int | None = None
) -> HttpResponse:
    if form.is_bound:
        shown = QueryDict(mutable=True)
        shown.update(request.POST)
        # A trap once tripped would trip again; a stamp too old would stay so.
        shown["website"] = ""
        if renew:
            shown["stamp"] = form_stamp()
        form.data = shown
    trail = trail_to(str(form["need"].value() or ""))
    context = {
        "form": form,
        "trail": trail,
        "notice": notice,
        "files_again": [upload.name for upload in request.FILES.getlist("attachments")],
    }
    refused = form.is_bound and (form.errors or notice)
    return render(request, "portal/contact.html", context, status=status or (422 if refused else 200))


@tokened
def portal_sent(request: HttpRequest, token: str) -> HttpResponse:
    """The form arrived: by when an answer comes, and the link to follow it."""
    encounter = encounter_of_link(token)
    context = {
        "encounter": encounter,
        "promises": promise_lines(encounter),
        "link": portal_link(encounter.pk),
        "token": token,
    }
    return render(request, "portal/sent.html", context)
