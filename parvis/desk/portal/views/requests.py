"""My requests: one under its link, all of them by a mail."""

import io
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from parvis.customers.selectors import customers_by_contact
from parvis.desk.portal.forms import AddressForm, WordsForm
from parvis.desk.portal.services import request_add, requests_link_send
from parvis.desk.portal.shown import attachment_of, conversation_shown, promises_shown
from parvis.desk.portal.tokens import address_of_link, encounter_of_link
from parvis.desk.portal.views.common import client_ip, page_language, tokened
from parvis.desk.services.letters import ENCOUNTER_SALT
from parvis.encounters.selectors import encounters_of_customer
from parvis.kernel.errors import Invalid, TooMany
from parvis.staff.domain.viewer import Viewer

REQUESTS_LISTED = 100


def promise_lines(encounter: Any) -> list[Any]:
    """What the house promised for a request, in the visitor's language."""
    return promises_shown(encounter, page_language())


@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def request_page(request: HttpRequest, token: str) -> HttpResponse:
    """One request as its customer may see it, and a place to say more."""
    encounter = encounter_of_link(token)
    form, notice, status = WordsForm(), "", 200
    if request.method == "POST":
        form = WordsForm(request.POST, request.FILES)
        status = 422
        if form.is_valid():
            try:
                request_add(encounter=encounter, text=form.cleaned_data["text"], files=form.cleaned_data["attachments"])
                return redirect(f"{reverse('request', args=[token])}?sent#latest")
            except TooMany as error:
                notice, status = f"{error} {error.hint}", 429
            except Invalid as error:
                form.add_error("text", str(error))
    context = {
        "encounter": encounter,
        "token": token,
        "messages_shown": conversation_shown(encounter, token),
        "promises": promise_lines(encounter),
        "form": form,
        "notice": notice,
        "sent": "sent" in request.GET,
    }
    return render(request, "portal/request.html", context, status=status)


@tokened
def request_file(request: HttpRequest, token: str, attachment_id: int) -> HttpResponseBase:
    """A file of this conversation, to be saved and never run."""
    encounter = encounter_of_link(token)
    attachment, content = attachment_of(encounter, attachment_id)
    response = FileResponse(
        io.BytesIO(content), as_attachment=True, filename=attachment.name, content_type="application/octet-stream"
    )
    response["Content-Length"] = str(len(content))
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_requests(request: HttpRequest) -> HttpResponse:
    """Ask for a link to all requests; the answer is the same whether the address is known or not."""
    form = AddressForm(request.POST or None)
    asked, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            asked, status = form.cleaned_data["email"], 200
            try:
                requests_link_send(email=asked, language=page_language(), ip=client_ip(request))
            except TooMany as error:
                form.add_error(None, str(error))
                asked, status = "", 429
    return render(request, "portal/my_requests.html", {"form": form, "asked": asked}, status=status)


@tokened
@require_http_methods(["GET", "HEAD"])
def my_requests_list(request: HttpRequest, token: str) -> HttpResponse:
    """All requests of the address the link was mailed to, newest first."""
    address = address_of_link(token)
    house = Viewer.house()
    found = [
        e for c in customers_by_contact(email=address) for e in encounters_of_customer(house, c.pk)[:REQUESTS_LISTED]
    ]
    found.sort(key=lambda e: (e.last_activity_at, e.pk), reverse=True)
    rows = [
        {"encounter": e, "url": reverse("request", args=[signing.dumps(e.pk, salt=ENCOUNTER_SALT)]), "state": _state(e)}
        for e in found[:REQUESTS_LISTED]
    ]
    return render(request, "portal/my_requests_list.html", {"rows": rows, "address": address})


def _state(encounter: Any) -> tuple[str, str, str]:
    """Tone, icon and words for where a request stands, as its customer sees it."""
    match encounter.status:
        case "closed":
            return "ok", "circle-check", _("Settled")
        case "waiting":
            return "warn", "user-question", _("Waiting for you")
    return ("accent", "clock", _("With us")) if encounter.unanswered else ("info", "message-circle", _("Answered"))
