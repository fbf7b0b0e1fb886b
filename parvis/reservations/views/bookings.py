"""One booking: its panel, and what is done with it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.catalog.services.common import authorise
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import NotFound, ParvisError
from parvis.reservations import services
from parvis.reservations.forms import CancelForm, SessionCancelForm
from parvis.reservations.models import Booking, Session
from parvis.reservations.selectors import booking_pk_of, bookings_visible
from parvis.reservations.services import Caller
from parvis.reservations.services.setting_up import session_cancel
from parvis.reservations.shown import booking_full, fee_words, shown
from parvis.reservations.views.common import booking_asked, given, refusal, when_words
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.htmx import dialog, dialog_done, go_to, is_fragment, nothing, toast, with_topics

Service = Callable[..., Booking]


@require_safe
def booking(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything about a booking: a panel beside the calendar, or a page."""
    viewer, now = require_viewer(request), utcnow()
    found = booking_full(viewer, booking_pk_of(reference))
    if found is None:
        raise NotFound(_("There is no such booking, or it is not yours to see."), code="no_booking")
    template = "reservations/panel.html" if is_fragment(request) else "reservations/booking.html"
    return render(request, template, {"shown": shown(viewer, found, now=now), "booking": found})


@require_safe
def session(request: HttpRequest, pk: int) -> HttpResponse:
    """Who comes to a planned date."""
    viewer = require_viewer(request)
    found = _session_seen(viewer, pk)
    coming = bookings_visible(viewer).filter(session=found).exclude(state__in=["cancelled", "expired"])
    bookings = list(coming.select_related("customer", "offering").order_by("customer__sort_key", "pk"))
    sold = sum(b.party for b in bookings)
    context = {"session": found, "bookings": bookings, "sold": sold, "left": max(found.resource.capacity - sold, 0)}
    context["name"] = in_language(found.offering.name)
    ahead = found.cancelled_at is None and found.starts_at > utcnow()
    context["may_cancel"] = ahead and viewer.may(Right.CONFIGURE)
    template = "reservations/session_panel.html" if is_fragment(request) else "reservations/session.html"
    return render(request, template, context)


def _session_seen(viewer: Viewer, pk: int) -> Session:
    """A planned date. Raises NotFound alike for none and for one out of sight."""
    found = Session.objects.select_related("offering__site", "resource").filter(pk=pk).first()
    if found is None or not viewer.sees_site(found.offering.site_id):
        raise NotFound(_("There is no such date."), code="no_session")
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def session_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a date off, once it is said whom that concerns; everybody booked is told why."""
    viewer = require_viewer(request)
    found = _session_seen(viewer, pk)
    authorise(viewer)
    form = SessionCancelForm(request.POST or None, auto_id="dialog_%s")
    if request.method == "POST" and form.is_valid():
        try:
            count = session_cancel(viewer=viewer, session_id=pk, reason=form.cleaned_data["reason"])
        except ParvisError as error:
            form.add_error(None, str(error))
        else:
            told = ngettext(
                "Called off. %(n)s booking is cancelled.", "Called off. %(n)s bookings are cancelled.", count
            )
            back = (
                f"{reverse('calendar')}?day={found.starts_at.astimezone(zone(found.offering.site.timezone)):%Y-%m-%d}"
            )
            return dialog_done(request, back, "booking", "resource", text=told % {"n": count})
    booked = (
        bookings_visible(viewer).filter(session=found, state__in=["held", "confirmed"]).values_list("party", "state")
    )
    context = {
        "session": found,
        "form": form,
        "name": in_language(found.offering.name),
        "when": when_words(found.starts_at, found.offering.site.timezone),
        "persons": sum(party for party, state in booked if state == "confirmed"),
        "bookings": sum(state == "confirmed" for __, state in booked),
        "holds": sum(state == "held" for __, state in booked),
    }
    status = 422 if form.is_bound else 200
    return dialog(request, "reservations/session_cancel.html", context, title=_("Call this date off?"), status=status)


def done(request: HttpRequest, found: Booking, text: str, *, undo: str = "") -> HttpResponse:
    """Noted: the page fetches what changed, and says so; without htmx back to where the button stood."""
    if not is_fragment(request):
        return go_to(request, reverse("visit", args=[found.reference]))
    response = with_topics(nothing(), "booking", f"booking:{found.pk}")
    return toast(response, text, **({"undo_url": undo} if undo else {}))


def _noted(request: HttpRequest, reference: str, service: Service, text: str, *, may_undo: bool = True) -> HttpResponse:
    caller = Caller.staff(require_viewer(request))
    pk = booking_asked(request, reference).pk
    try:
        found = service(caller=caller, booking_id=pk)
    except ParvisError as error:
        if not is_fragment(request):
            raise
        return refusal(request, error)
    undo = reverse("visit_restore", args=[reference]) if may_undo else ""
    name = str(found.customer) if found.customer_id else _("Somebody")
    return done(request, found, text % {"name": name}, undo=undo)


@require_POST
def arrive(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer is here."""
    return _noted(request, reference, services.booking_arrive, _("%(name)s is here."))


@require_POST
def finish(request: HttpRequest, reference: str) -> HttpResponse:
    """The visit is over."""
    return _noted(request, reference, services.booking_finish, _("Done: %(name)s."))


@require_POST
def miss(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer did not come."""
    return _noted(request, reference, services.booking_miss, _("Noted: %(name)s did not come."))


@require_POST
def restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Take back what was just noted."""
    return _noted(request, reference, services.booking_restore, _("Taken back: %(name)s."), may_undo=False)


@require_POST
def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    """A held place becomes a booking."""
    return _noted(request, reference, services.booking_confirm, _("%(name)s is booked."), may_undo=False)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """Cancel, by the customer or by the house; says what it costs before it is done."""
    viewer, now = require_viewer(request), utcnow()
    found = booking_asked(request, reference)
    form = CancelForm(request.POST or None, initial={"by": "customer"})
    if request.method == "POST" and form.is_valid():
        house = form.cleaned_data["by"] == "house"
        try:
            services.booking_cancel(
                caller=Caller.staff(viewer), booking_id=found.pk, reason=form.cleaned_data["reason"], by_house=house
            )
        except ParvisError as error:
            form.add_error(None, str(error))
        else:
            url, undo = reverse("visit", args=[reference]), reverse("visit_restore", args=[reference])
            topics = ("booking", f"booking:{found.pk}")
            return dialog_done(request, url, *topics, text=_("Cancelled."), undo_url=undo)
    context = {
        "booking": found,
        "form": form,
        "fee": fee_words(found, now),
        "when": when_words(found.starts_at, found.site.timezone),
    }
    status = 422 if form.is_bound else 200
    return dialog(request, "reservations/cancel.html", context, title=_("Cancel this booking?"), status=status)


@require_POST
def unmake(request: HttpRequest, reference: str) -> HttpResponse:
    """Take back a booking that was made by mistake a moment ago."""
    caller, pk = Caller.staff(require_viewer(request)), booking_asked(request, reference).pk
    reason = given(request, "reason") or _("Made by mistake")
    try:
        found = services.booking_cancel(caller=caller, booking_id=pk, reason=reason, by_house=True)
    except ParvisError as error:
        return refusal(request, error)
    return done(request, found, _("Taken back."))
