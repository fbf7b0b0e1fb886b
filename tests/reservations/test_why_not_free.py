"""Why nothing is free: each reason in words, with names and references for staff only."""

import datetime as dt
from dataclasses import replace
from typing import Any

from django.urls import reverse

from parvis.kernel.clock import utcnow
from parvis.reservations.availability import Asked
from parvis.reservations.explaining import Reason, why_not_free
from parvis.reservations.services import Caller, Guest, booking_hold
from parvis.reservations.services.holding import Wanted
from parvis.reservations.services.setting_up import Need, absence_add, offering_save, resource_save
from parvis.reservations.services.waiting import Joining, waiting_join
from parvis.reservations.supply import offer_get
from tests.front.pages import HTMX, signed_in, text_of
from tests.reservations.desk import HOUSE, Desk, desk

__all__ = ["desk"]


def reasons(desk: Desk, asked: Asked | None = None, *, staff: bool = True, **more: Any) -> dict[str, Reason]:
    day, now = more.get("day", desk.day), more.get("now", utcnow())
    found = why_not_free(offer_get(desk.check.pk), day, asked or Asked(), now, staff)
    return {r.code: r for r in found}


def change(desk: Desk, **fields: Any) -> None:
    offering_save(viewer=HOUSE, offering_id=desk.check.pk, **fields)


def away(desk: Desk, resource: Any, begin: int = 0, end: int = 23, reason: str = "Formation") -> None:
    absence_add(
        viewer=HOUSE, resource_id=resource.pk, starts_at=desk.at(begin), ends_at=desk.at(end, 59), reason=reason
    )


def test_a_free_day_has_no_reasons(desk: Desk) -> None:
    assert reasons(desk) == {}


def test_sunday_is_closed_and_an_exceptional_day_says_why(desk: Desk) -> None:
    sunday = desk.day + dt.timedelta(days=5)
    assert str(reasons(desk, day=sunday)["closed"].text) == "Closed on this day."
    site = type(desk.world.canal).objects.get(pk=desk.world.canal.pk)
    site.exceptional_days = {desk.day.isoformat(): {"spans": [], "note": "Inventaire"}}
    site.save()
    assert "Inventaire" in str(reasons(desk)["closed"].text)


def test_an_absence_is_told_to_everybody_its_reason_to_staff(desk: Desk) -> None:
    away(desk, desk.malik)
    away(desk, desk.jeanne)
    assert "Formation" in str(reasons(desk)["absence"].text)
    assert "Formation" not in str(reasons(desk, staff=False)["absence"].text)


def test_bookings_and_holds_in_the_way_are_counted(desk: Desk) -> None:
    away(desk, desk.jeanne)
    change(desk, duration_minutes=150, step_minutes=150)
    morning = desk.book(9, 30)
    hold = booking_hold(caller=Caller.public(), wanted=Wanted(desk.check.pk, desk.at(14)))
    found = reasons(desk)
    assert str(found["taken"].text) == "Taken by 1 booking."
    assert found["taken"].bookings == (morning.reference,)
    assert found["held"].bookings == (hold.reference,)
    assert str(found["held"].text).startswith("Held until ")
    assert reasons(desk, staff=False)["taken"].bookings == ()


def test_the_minutes_kept_free_are_named_when_only_they_are_in_the_way(desk: Desk) -> None:
    away(desk, desk.jeanne)
    away(desk, desk.malik, 14, 19)
    change(desk, duration_minutes=60, step_minutes=30, buffer_after=120)
    desk.book(9, 30)
    assert "buffers" in reasons(desk)


def test_rules_are_named(desk: Desk) -> None:
    change(desk, horizon_days=2)
    assert "horizon" in reasons(desk)
    change(desk, horizon_days=365, notice_minutes=60 * 24 * 30)
    assert "30 days" in str(reasons(desk)["notice"].text)
    change(desk, notice_minutes=0, limits={"day": 1})
    desk.book(10)
    assert "limit" in reasons(desk)
    assert "past" in reasons(desk, day=utcnow().date() - dt.timedelta(days=3))
    assert "party" in reasons(desk, Asked(party=5))


def test_a_party_too_large_for_every_table(desk: Desk) -> None:
    table = resource_save(viewer=HOUSE, site_id=desk.world.canal.pk, name="Table 1", kind="table", max_party=4)
    change(desk, max_party=10, needs=[Need([table.pk])])
    assert "4" in str(reasons(desk, Asked(party=6))["too_large"].text)


def test_the_bottleneck_and_what_is_never_free_together(desk: Desk) -> None:
    stand = resource_save(viewer=HOUSE, site_id=desk.world.canal.pk, name="Stand", kind="machine")
    change(desk, needs=[Need([desk.malik.pk]), Need([stand.pk])])
    away(desk, stand)
    assert str(reasons(desk)["bottleneck"].text) == "What is missing: Stand."
    bench = resource_save(viewer=HOUSE, site_id=desk.world.canal.pk, name="Bench", kind="machine")
    change(desk, needs=[Need([desk.malik.pk]), Need([bench.pk])])
    away(desk, desk.malik, 0, 12)
    away(desk, bench, 13, 23)
    assert "Malik; Bench" in str(reasons(desk)["never_together"].text)


def test_places_kept_for_the_waiting_list_say_so(desk: Desk) -> None:
    away(desk, desk.jeanne)
    change(desk, duration_minutes=210, step_minutes=210)
    waits = desk.book(9, 0, start=desk.at(9) + dt.timedelta(days=1)).customer
    caller = Caller.staff(HOUSE)
    waiting_join(caller=caller, joining=Joining(desk.check.pk, waits.pk, desk.day, desk.day))
    assert "waiting_first" in reasons(desk)


def test_reasons_are_read_in_the_language_of_whoever_reads_them(desk: Desk) -> None:
    client = signed_in(desk.world, "agent", "fr")
    sunday = desk.day + dt.timedelta(days=5)
    shown = text_of(client.get(reverse("calendar_why"), {"day": sunday.isoformat()}, headers=HTMX))
    assert "Fermé ce jour-là." in shown


def test_a_wish_narrows_the_reasons_to_who_was_wished(desk: Desk) -> None:
    away(desk, desk.malik)
    desk.book(10, resource=desk.jeanne, guest=Guest(name="Omar"))
    found = reasons(desk, replace(Asked(), wished=frozenset({desk.malik.pk})))
    assert "absence" in found
    assert "taken" not in found
