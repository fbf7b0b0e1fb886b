"""Moving a promise: a new time, the reason, and what the customer will read."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from parvis.catalog.selectors import calendar_of
from parvis.desk.composing import address_of
from parvis.desk.forms import RenegotiateForm, put_errors
from parvis.desk.services import promise_renegotiate
from parvis.desk.services.conversation import renegotiation_text
from parvis.encounters.selectors import encounter_visible
from parvis.kernel.business_hours import NeverOpen, due
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import ParvisError
from parvis.promises.selectors import promise_by_reference
from parvis.promises.shown import promise_card
from parvis.staff.middleware import require_viewer
from parvis.toolkit.htmx import dialog, dialog_done

# What is offered first: half an afternoon of opening time from now, in whole quarters of an hour.
OFFERED_SECONDS = 4 * 3600
QUARTER = 15 * 60


@require_http_methods(["GET", "POST"])
def promise_move(request: HttpRequest, reference: str) -> HttpResponse:
    """Renegotiate a promise with its customer."""
    viewer = require_viewer(request)
    promise = promise_by_reference(viewer, reference)
    found = encounter_visible(viewer, promise.encounter_id)
    form = RenegotiateForm(request.POST or None, initial={"due_at": offered(found, promise)})
    if request.method == "POST" and form.is_valid():
        new, reason = form.cleaned_data["due_at"], form.cleaned_data["reason"]
        try:
            promise_renegotiate(viewer=viewer, promise_id=promise.pk, due_at=new, reason=reason)
        except ParvisError as error:
            put_errors(form, error)
        else:
            url = reverse("encounter", args=[found.reference])
            told = _("The customer is told.") if address_of(found) else _("Noted: tell the customer.")
            return dialog_done(request, url, f"encounter:{found.pk}", "inbox", text=told)
    context = {
        "encounter": found,
        "promise": promise_card(promise, utcnow()),
        "form": form,
        "letter": letter(viewer, found, promise, request.POST),
        "address": address_of(found),
    }
    status = 422 if form.is_bound else 200
    return dialog(request, "desk/renegotiate.html", context, title=_("Renegotiate"), status=status)


@require_POST
def promise_move_preview(request: HttpRequest, reference: str) -> HttpResponse:
    """What the customer would read, as the form stands."""
    viewer = require_viewer(request)
    promise = promise_by_reference(viewer, reference)
    found = encounter_visible(viewer, promise.encounter_id)
    return render(request, "desk/letter.html", {"letter": letter(viewer, found, promise, request.POST)})


def letter(viewer: Any, found: Any, promise: Any, given: Any) -> dict[str, str]:
    """Subject and body of the letter, as far as the form is filled in."""
    form = RenegotiateForm(given)
    form.is_valid()
    new = form.cleaned_data.get("due_at") or offered(found, promise)
    reason = form.cleaned_data.get("reason") or "…"
    subject, body = renegotiation_text(found, old_due=promise.due_at, new_due=new, reason=reason, member=viewer.name)
    return {"subject": subject, "body": body}


def offered(found: Any, promise: Any) -> dt.datetime:
    """A time to start from: some opening hours after what was promised, or after now if that has passed."""
    start = max(promise.due_at, utcnow())
    try:
        at = due(calendar_of(found.site, around=start), start, OFFERED_SECONDS)
    except NeverOpen:
        at = None
    at = at or start + dt.timedelta(seconds=OFFERED_SECONDS)
    return dt.datetime.fromtimestamp(-(-at.timestamp() // QUARTER) * QUARTER, dt.UTC)
