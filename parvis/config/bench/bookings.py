"""Reservations measured: a house of 50 resources with 100,000 bookings, its availability, and holds being confirmed."""

import datetime as dt
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction

from parvis.catalog.models import Site
from parvis.config.bench.client import Plan, ask
from parvis.config.bench.measures import Line, bare_rate, is_sqlite, line_of
from parvis.config.bench.serve import Served
from parvis.customers.models import Customer
from parvis.kernel.clock import utcnow
from parvis.reservations.domain.spans import epoch
from parvis.reservations.models import Booking, Claim
from parvis.reservations.services import Caller, Guest, booking_confirm
from parvis.reservations.services.setting_up import Need, offering_save, resource_save
from parvis.reservations.supply import Offer, offer_by_slug, offer_get, supply
from parvis.staff.domain.viewer import Role, Viewer
from parvis.staff.models import Member
from parvis.staff.services import token_create

SLUG = "bench"
RESOURCES, BOOKINGS, CONFIRMS = 50, 100_000, 6_000
BEFORE, AHEAD = 365, 60
HALF_HOUR = dt.timedelta(minutes=30)
# With the buffer of five minutes a visit fills its half hour, so that neighbours do not overlap.
VISIT, BUFFER_MINUTES = dt.timedelta(minutes=25), 5
_WEEK = {day: [["08:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def bookings_load(say: Callable[[str], object]) -> Offer:
    """The house of the bookings, unless it is there already."""
    if any(offer.row.slug == SLUG for offer in supply().offers.values()):
        return offer_by_slug(SLUG)
    say(f"Loading {BOOKINGS:,} bookings on {RESOURCES} resources…")
    house = Viewer.house()
    site = Site.objects.create(
        name="Banc", slug=SLUG, timezone="Europe/Paris", country="FR", observes_holidays=False, hours=_WEEK
    )
    ids = [resource_save(viewer=house, site_id=site.pk, name=f"R{n}", kind="person").pk for n in range(RESOURCES)]
    row = offering_save(
        viewer=house, site_id=site.pk, slug=SLUG, name={"en": "Bench"}, needs=[Need(ids)],
        duration_minutes=VISIT.seconds // 60, step_minutes=30, buffer_after=BUFFER_MINUTES, horizon_days=400,
    )  # fmt: skip
    today = utcnow().replace(hour=7, minute=0, second=0, microsecond=0)
    draw = random.Random(5)  # noqa: S311 - test data
    starts = [today + dt.timedelta(days=d) + n * HALF_HOUR for d in range(-BEFORE, AHEAD) for n in range(23)]
    chosen = draw.sample([(pk, start) for pk in ids for start in starts], BOOKINGS)
    _write(offer_get(row.pk), chosen, held_until=None)
    return offer_get(row.pk)


def _write(offer: Offer, places: list[tuple[int, dt.datetime]], *, held_until: dt.datetime | None) -> list[int]:
    """Bookings as rows, past ones without claims; returns their ids."""
    now, customer = utcnow(), Customer.objects.order_by("pk").values_list("pk", flat=True)[0]
    state = "held" if held_until else "confirmed"
    common = {"offering_id": offer.row.pk, "site_id": offer.row.site_id, "door": "api", "held_until": held_until}
    ids = []
    with transaction.atomic():
        for at in range(0, len(places), 1000):
            part = places[at : at + 1000]
            made = Booking.objects.bulk_create(
                [
                    Booking(
                        **common, customer_id=None if held_until else customer, starts_at=start, placed=[pk],
                        ends_at=start + VISIT, state=state if start > now else "done", confirmed_at=now,
                    )
                    for pk, start in part
                ]
            )  # fmt: skip
            Claim.objects.bulk_create(
                _claim(b, pk, held_until) for b, (pk, __) in zip(made, part, strict=True) if b.state != "done"
            )
            ids += [b.pk for b in made]
    return ids


def _claim(booking: Booking, resource_id: int, held_until: dt.datetime | None) -> Claim:
    begin, end = epoch(booking.starts_at), epoch(booking.ends_at) + 60 * BUFFER_MINUTES
    span = {"hard_from": begin, "soft_from": begin, "hard_until": end, "soft_until": end}
    expires = epoch(held_until) if held_until else None
    return Claim(
        booking=booking, resource_id=resource_id, share=f"b{booking.pk}", exclusive=True, expires=expires, **span
    )


def _headers() -> dict[str, str]:
    administrator = Member.objects.filter(role=Role.ADMINISTRATOR).order_by("pk").values_list("pk", flat=True)[0]
    scopes = ["bookings:read", "bookings:write"]
    __, secret = token_create(viewer=Viewer.house(), member_id=administrator, name="bench", scopes=scopes)
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}


def bookings_measured(server: Served, offer: Offer, *, seconds: float) -> Iterator[Line]:
    """Thirty days of availability, for one and for eight; holds confirmed, eight at once."""
    headers, today = _headers(), utcnow().date()
    first, last = today + dt.timedelta(days=1), today + dt.timedelta(days=30)
    request = {"path": f"/api/v1/offerings/{SLUG}/availability?first={first}&last={last}", "headers": headers}
    ask(Plan("http", server.port, [request], workers=2, seconds=2, most=20))
    # Each thread of the server opens a connection to the database when it is first asked: not what is measured.
    ask(Plan("http", server.port, [{"path": "/api/v1/offerings", "headers": headers}], workers=8, seconds=4, most=600))
    for workers in (1, 8):
        used = server.cpu_seconds()
        outcome = ask(Plan("http", server.port, [request], workers=workers, seconds=seconds, most=200 * workers))
        line = line_of("30 days of availability (API)", workers, outcome, server.cpu_seconds() - used)
        if workers == 1:
            line.target, line.passed = "≤ 30 ms", bool(outcome.times) and line.p50 <= 30
        yield line
    yield _confirms(server, offer, headers, seconds)


def _confirms(server: Served, offer: Offer, headers: dict[str, str], seconds: float) -> Line:
    """Holds made beforehand, each confirmed for a customer the house knows."""
    Booking.objects.filter(offering=offer.row, state="held").delete()
    ids = _holds(offer, CONFIRMS + 1)
    reference = Customer.objects.order_by("pk")[0].reference
    body = json.dumps({"customer": {"reference": reference}})
    requests: list[dict[str, Any]] = [
        {
            "method": "POST",
            "path": f"/api/v1/bookings/{Booking(pk=pk).reference}/confirm",
            "headers": headers,
            "body": body,
        }
        for pk in ids[1:]
    ]
    used = server.cpu_seconds()
    outcome = ask(Plan("http", server.port, requests, workers=8, seconds=seconds, most=CONFIRMS))
    line = line_of("confirm a hold (API)", 8, outcome, server.cpu_seconds() - used)
    line.target, line.passed = "≥ 300/s", line.rate >= 300
    guest = Guest(customer_id=Customer.objects.order_by("pk").values_list("pk", flat=True)[0])
    line.bare = bare_rate(
        lambda: booking_confirm(caller=Caller.house(), booking_id=ids[0], guest=guest),
        seconds=min(seconds, 5),
        workers=1 if is_sqlite() else 8,
    )
    return line


def _holds(offer: Offer, count: int) -> list[int]:
    """Holds beyond the days that are loaded, an hour long."""
    free = Booking.objects.filter(offering=offer.row).order_by("-starts_at").values_list("starts_at", flat=True).first()
    day = max(free or utcnow(), utcnow() + dt.timedelta(days=AHEAD)).replace(hour=7, minute=0) + dt.timedelta(days=1)
    places = [
        (pk, day + dt.timedelta(days=d) + n * HALF_HOUR)
        for d in range(count // (23 * RESOURCES) + 1)
        for n in range(23)
        for pk in offer.needs[0].resource_ids
    ]
    until = (utcnow() + dt.timedelta(hours=1)).replace(microsecond=0)
    return _write(offer, places[:count], held_until=until)
