"""Promises of one encounter: the panel, why each is due when it is due, making, keeping and dropping them."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from parvis.encounters.selectors import encounter_by_reference
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import ParvisError
from parvis.promises.forms import PromiseForm, VoidForm, put_errors
from parvis.promises.selectors import promise_by_reference
from parvis.promises.services import promise_keep, promise_make, promise_void
from parvis.promises.shown import promise_card, promise_cards, why_lines
from parvis.staff.middleware import require_viewer
from parvis.toolkit.htmx import dialog, dialog_done, go_to, is_fragment, nothing, toast, with_topics

# The house counts in one currency for now; a promise keeps its own.
CURRENCY = "EUR"


@require_GET
def promises_panel(request: HttpRequest, reference: str) -> HttpResponse:
    """The promises of an encounter, as the customer's panel shows them."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    context = {"id": found.pk, "reference": found.reference, "promises": promise_cards(viewer, found.pk)}
    return render(request, "promises/panel.html", context)


@require_http_methods(["GET", "POST"])
def promise_new(request: HttpRequest, reference: str) -> HttpResponse:
    """Give one's word: a call back, news, a delivery, an amount."""
    viewer = require_viewer(request)
    found = encounter_by_reference(viewer, reference)
    form = PromiseForm(
        request.POST or None, currency=CURRENCY, initial={"kind": "call_back", "due_at": _in_two_hours()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            promise_make(viewer=viewer, encounter_id=found.pk, term=form.term())
        except ParvisError as error:
            put_errors(form, error)
        else:
            url = reverse("encounter", args=[found.reference])
            return dialog_done(request, url, f"encounter:{found.pk}", "inbox", text=_("Promised. The watch has it."))
    context, status = {"encounter": found, "form": form}, 422 if form.is_bound else 200
    return dialog(request, "promises/new.html", context, title=_("Make a promise"), status=status)


def _in_two_hours() -> dt.datetime:
    at = utcnow() + dt.timedelta(hours=2)
    return at.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1 if at.minute else 0)


@require_GET
def promise_why(request: HttpRequest, reference: str) -> HttpResponse:
    """Why a promise is due when it is due: what counts between, and what does not."""
    viewer = require_viewer(request)
    promise = promise_by_reference(viewer, reference)
    return dialog(request, "promises/why.html", why_lines(viewer, promise.pk), title=_("Why this time?"))


@require_POST
def promise_done(request: HttpRequest, reference: str) -> HttpResponse:
    """What was promised has been done."""
    viewer = require_viewer(request)
    promise = promise_by_reference(viewer, reference)
    promise_keep(viewer=viewer, promise_id=promise.pk)
    if not is_fragment(request):
        return go_to(request, reverse("encounter", args=[promise.encounter.reference]))
    response = with_topics(nothing(), f"encounter:{promise.encounter_id}", "inbox")
    return toast(response, _("Done, and noted."))


@require_http_methods(["GET", "POST"])
def promise_drop(request: HttpRequest, reference: str) -> HttpResponse:
    """Drop a promise that no longer applies, saying why."""
    viewer = require_viewer(request)
    promise = promise_by_reference(viewer, reference)
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            promise_void(viewer=viewer, promise_id=promise.pk, reason=form.cleaned_data["reason"])
        except ParvisError as error:
            put_errors(form, error)
        else:
            url = reverse("encounter", args=[promise.encounter.reference])
            return dialog_done(request, url, f"encounter:{promise.encounter_id}", "inbox", text=_("Dropped."))
    context = {"promise": promise_card(promise, utcnow()), "form": form}
    status = 422 if form.is_bound else 200
    return dialog(request, "promises/void.html", context, title=_("Drop this promise?"), status=status)
