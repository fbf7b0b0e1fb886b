"""What the house knows for its forecasts, read from its bookings: history, the kept model, which bookings are due."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import F, Q, QuerySet

from parvis.catalog.selectors import sites
from parvis.reservations.domain.attendance.history import History, Row
from parvis.reservations.domain.attendance.served import Served
from parvis.reservations.models import AttendanceFit, Booking

REMEMBERED = dt.timedelta(days=3 * 365)
AHEAD = dt.timedelta(days=60)  # bookings further ahead are forecast once they come this near
MOST = 20_000  # bookings that a refit looks at, the latest
_STATES = ("confirmed", "arrived", "done", "no_show", "cancelled")
_FIELDS = (
    *("pk", "customer_id", "offering_id", "door", "site__timezone", "party", "price_minor", "deposit_minor"),
    *("deposit_paid_at", "confirmed_at", "starts_at", "ends_at", "state", "arrived_at", "ended_at", "ended_by"),
    *("reassured_at", "moves", "moved_at"),
)


def history_of_house(now: dt.datetime, *, most: int = MOST) -> History:
    """All bookings of the last three years, up to those that are being forecast; the latest `most`. One statement."""
    found = _booked(now).filter(starts_at__lt=now + AHEAD)
    return History(_rows(found.order_by("-starts_at")[:most]))


def history_of_customers(customer_ids: Iterable[int], now: dt.datetime) -> History:
    """The same of some customers, for the facts of their bookings. One statement."""
    return History(_rows(_booked(now).filter(customer_id__in=list(customer_ids))))


def rows_of(bookings: QuerySet[Booking]) -> list[Row]:
    """Bookings as the history has them."""
    return _rows(bookings)


def fit_kept() -> AttendanceFit:
    """What was learned last; an empty one where nothing was."""
    return AttendanceFit.objects.filter(pk=AttendanceFit.ROW).first() or AttendanceFit(pk=AttendanceFit.ROW)


def served_of(fit: AttendanceFit) -> Served:
    """The model that is kept; the empty one where it was written by another version of Parvis."""
    try:
        return Served.from_json(fit.model)
    except ValueError:
        return Served()


def outcomes_since(since: dt.datetime | None, now: dt.datetime) -> int:
    """How many bookings have passed since an instant (None: ever), of those that can be learned from."""
    found = _booked(now).filter(site_id__in=_site_ids(), starts_at__lt=now)
    return (found.filter(starts_at__gte=since) if since else found).count()


def bookings_upcoming(now: dt.datetime) -> QuerySet[Booking]:
    """Bookings that stand and are near enough to be forecast, in order of start."""
    near = Booking.objects.filter(site_id__in=_site_ids(), starts_at__gt=now, starts_at__lt=now + AHEAD)
    return near.filter(state="confirmed", confirmed_at__isnull=False).order_by("starts_at", "pk")


def bookings_to_forecast(now: dt.datetime, fit: AttendanceFit, *, limit: int) -> list[Booking]:
    """Those whose forecast is missing, or asked before something changed. With their forecasts, in order of start."""
    due = (
        Q(forecast=None)
        | Q(forecast__due_at__lte=now)
        | ~Q(forecast__fit=fit.number)
        | ~Q(forecast__moves=F("moves"))
        | Q(reassured_at__gt=F("forecast__asked_at"))
    )
    # One that was moved before it was noted when cannot be told: it would come up again and again.
    found = bookings_upcoming(now).filter(due).exclude(moves__gt=0, moved_at=None)
    return list(found.select_related("forecast")[:limit])


def _site_ids() -> list[int]:
    return list(sites().values_list("pk", flat=True))


def _booked(now: dt.datetime) -> QuerySet[Booking]:
    """What was more than a hold. The house's own cancellations are told apart by `History`."""
    return Booking.objects.filter(starts_at__gt=now - REMEMBERED, confirmed_at__isnull=False, state__in=_STATES)


def _rows(bookings: QuerySet[Booking]) -> list[Row]:
    return [_row(values) for values in bookings.values_list(*_FIELDS)]


def _row(values: Sequence[object]) -> Row:
    given = dict(zip(_FIELDS, values, strict=True))
    return Row(
        booking_id=given.pop("pk"),  # type: ignore[arg-type]
        offering=str(given.pop("offering_id")),
        zone=given.pop("site__timezone"),  # type: ignore[arg-type]
        booked_at=given.pop("confirmed_at"),  # type: ignore[arg-type]
        by_house=given.pop("ended_by") == "house",
        **given,  # type: ignore[arg-type]
    )
