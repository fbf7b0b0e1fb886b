"""The calendar and the panel of a booking: who sees what, what moves, what is refused, what is taken back."""

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from parvis.kernel.clock import clock_at, utcnow
from parvis.reservations.models import Booking
from parvis.reservations.services import Caller, Wanted, booking_confirm, booking_hold
from parvis.reservations.services.setting_up import absence_add
from tests.front.pages import HTMX, signed_in, text_of
from tests.reservations.desk import HOUSE, Desk, desk

__all__ = ["desk"]


def page(desk: Desk, who: str = "agent", language: str = "en", **asked: Any) -> str:
    client = signed_in(desk.world, who, language)
    return text_of(client.get(reverse("calendar"), {"day": desk.day.isoformat(), **asked}))


def drop(desk: Desk, booking: Booking, who: str = "agent", **asked: Any) -> Any:
    client = signed_in(desk.world, who)
    return client.post(reverse("visit_drop", args=[booking.reference]), asked, headers=HTMX)


def toast_of(response: Any) -> dict[str, Any]:
    return json.loads(response.headers["HX-Trigger"])["toast"]


def local(desk: Desk, hour: int, minute: int = 0) -> str:
    return f"{desk.day}T{hour:02}:{minute:02}"


def test_a_day_shows_every_resource_with_what_is_booked(desk: Desk) -> None:
    booking = desk.book(10)
    shown = page(desk)
    assert "Zoé Martin" in shown
    assert 'id="col-r' in shown
    assert f"b-{booking.reference}-r{desk.malik.pk}" in shown
    assert f"b-{booking.reference}-r{desk.jeanne.pk}" not in shown
    assert "h10 m0 d0 n30" in shown


def test_an_empty_day_says_whether_it_is_closed(desk: Desk) -> None:
    sunday = desk.day + dt.timedelta(days=6 - desk.day.weekday())
    assert "Click a free time" in page(desk)
    assert "Closed, and nothing is booked." in page(desk, day=sunday.isoformat())


def test_the_midday_break_and_an_absence_are_shaded_with_their_reason(desk: Desk) -> None:
    absence_add(
        viewer=HOUSE, resource_id=desk.jeanne.pk, starts_at=desk.at(14), ends_at=desk.at(16), reason="Formation"
    )
    shown = page(desk)
    assert "h12 m30 d1 n30" in shown
    assert "Away: Formation" in shown


def test_somebody_of_another_site_sees_neither_the_calendar_nor_the_booking(desk: Desk) -> None:
    booking = desk.book(10)
    outsider = signed_in(desk.world, "outsider")
    assert "Zoé Martin" not in text_of(outsider.get(reverse("calendar")))
    assert outsider.get(reverse("calendar"), {"site": desk.world.canal.pk}).status_code == 404
    assert outsider.get(reverse("visit", args=[booking.reference])).status_code == 404
    assert outsider.get(reverse("visit_move", args=[booking.reference])).status_code == 404
    for name in ("arrive", "finish", "miss", "restore", "confirm", "cancel", "unmake", "drop"):
        assert outsider.post(reverse(f"visit_{name}", args=[booking.reference])).status_code == 404
    booking.refresh_from_db()
    assert booking.state == "confirmed"


def test_a_visitor_is_asked_to_sign_in(client: Client, desk: Desk) -> None:
    assert client.get(reverse("calendar")).status_code == 302


@pytest.mark.parametrize("asked", [{}, {"view": "week", "resource": "0"}, {"view": "month"}])
def test_a_board_costs_the_same_however_much_is_booked(
    desk: Desk, django_assert_max_num_queries: Any, asked: dict[str, str]
) -> None:
    for hour in (9, 10, 11, 14, 15, 16):
        desk.book(hour)
        desk.book(hour, resource=desk.jeanne)
    client = signed_in(desk.world, "agent")
    given = {"day": desk.day.isoformat(), **asked}
    client.get(reverse("calendar"), given)
    with django_assert_max_num_queries(14):
        assert client.get(reverse("calendar"), given).status_code == 200
    with django_assert_max_num_queries(9):
        client.get(reverse("calendar"), given, headers=HTMX)


def test_a_week_of_one_resource_leaves_out_the_others(desk: Desk) -> None:
    mine, other = desk.book(10), desk.book(11, resource=desk.jeanne)
    shown = page(desk, view="week", resource=desk.malik.pk)
    assert mine.reference in shown
    assert other.reference not in shown
    # Who is booked finds their own week first.
    assert other.reference not in page(desk, view="week")
    assert other.reference in page(desk, view="week", resource=0)


def test_the_month_counts_the_visits_of_each_day(desk: Desk) -> None:
    desk.book(10)
    desk.book(11)
    assert "2 <small>visits</small>" in page(desk, view="month")


def test_what_was_done_stays_in_its_column(desk: Desk) -> None:
    booking = desk.book(10)
    with clock_at(desk.at(10, 5)):
        for name in ("arrive", "finish"):
            signed_in(desk.world, "agent").post(reverse(f"visit_{name}", args=[booking.reference]), headers=HTMX)
    booking.refresh_from_db()
    assert booking.state == "done"
    assert f"b-{booking.reference}-r{desk.malik.pk}" in page(desk)


def test_a_visit_is_dragged_to_another_time_and_colleague_and_back(desk: Desk) -> None:
    booking = desk.book(10)
    response = drop(desk, booking, at=local(desk, 15, 30), resource=desk.jeanne.pk)
    booking.refresh_from_db()
    assert (booking.starts_at, booking.placed) == (desk.at(15, 30), [desk.jeanne.pk])
    toast = toast_of(response)
    assert "Jeanne" in toast["text"]
    assert "live:booking" in response.headers["HX-Trigger"]

    undone = signed_in(desk.world, "agent").post(toast["undo_url"], headers=HTMX)
    booking.refresh_from_db()
    assert (booking.starts_at, booking.placed) == (desk.at(10), [desk.malik.pk])
    assert "undo_url" not in toast_of(undone)


def test_a_visit_dropped_on_another_stays_where_it_was_and_is_offered_other_times(desk: Desk) -> None:
    booking, __ = desk.book(10), desk.book(11)
    response = drop(desk, booking, at=local(desk, 11))
    assert response.status_code == 409
    assert response.headers["HX-Retarget"] == "#toasts"
    told = response.content.decode()
    assert "This time has just been taken." in told
    assert told.count("data-toast-undo") == 3
    assert reverse("visit_move", args=[booking.reference]) in told
    booking.refresh_from_db()
    assert booking.starts_at == desk.at(10)


def test_a_visit_dropped_into_the_break_is_told_that_the_house_is_closed(desk: Desk) -> None:
    response = drop(desk, desk.book(10), at=local(desk, 13))
    assert response.status_code == 409
    assert "Closed at this time" in response.content.decode()


def test_a_visit_is_not_put_with_what_does_not_serve_it(desk: Desk) -> None:
    from parvis.reservations.services.setting_up import resource_save

    room = resource_save(viewer=HOUSE, site_id=desk.world.canal.pk, name="Salle", kind="room")
    response = drop(desk, desk.book(10), at=local(desk, 11), resource=room.pk)
    assert response.status_code == 400
    assert "Salle is not among what this needs." in response.content.decode()


def test_moving_needs_the_token_of_the_page(desk: Desk) -> None:
    booking = desk.book(10)
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.world.agent, backend="parvis.staff.sessions.Backend")
    url = reverse("visit_drop", args=[booking.reference])
    assert client.post(url, {"at": local(desk, 11)}).status_code == 403
    booking.refresh_from_db()
    assert booking.starts_at == desk.at(10)


def test_the_dialog_moves_and_shows_what_is_free(desk: Desk) -> None:
    booking, __ = desk.book(10), desk.book(11)
    client = signed_in(desk.world, "agent")
    url = reverse("visit_move", args=[booking.reference])
    shown = text_of(client.get(url, headers=HTMX))
    assert desk.at(14).astimezone(dt.UTC).isoformat() in shown
    assert desk.at(11).astimezone(dt.UTC).isoformat() not in shown
    given = {"shown_day": desk.day.isoformat(), "start": desk.at(14).isoformat(), "resource": ""}
    assert "undo_url" in toast_of(client.post(url, given, headers=HTMX))
    booking.refresh_from_db()
    assert booking.starts_at == desk.at(14)


def test_arrival_is_noted_and_taken_back(desk: Desk) -> None:
    booking = desk.book(10)
    client = signed_in(desk.world, "agent")
    response = client.post(reverse("visit_arrive", args=[booking.reference]), headers=HTMX)
    booking.refresh_from_db()
    assert booking.state == "arrived"
    assert toast_of(response)["text"] == "Zoé Martin is here."
    client.post(toast_of(response)["undo_url"], headers=HTMX)
    booking.refresh_from_db()
    assert (booking.state, booking.arrived_at) == ("confirmed", None)


def test_a_cancellation_cannot_be_taken_back_once_the_place_is_gone(desk: Desk) -> None:
    booking = desk.book(10)
    client = signed_in(desk.world, "agent")
    response = client.post(reverse("visit_cancel", args=[booking.reference]), {"by": "customer"}, headers=HTMX)
    desk.book(10, guest=desk_guest("Omar"))
    desk.book(10, resource=desk.jeanne, guest=desk_guest("Lina"))
    refused = client.post(toast_of(response)["undo_url"], headers=HTMX)
    assert refused.status_code == 409
    booking.refresh_from_db()
    assert booking.state == "cancelled"


def desk_guest(name: str) -> Any:
    from parvis.reservations.services import Guest

    return Guest(name=name)


def test_cancelling_says_what_it_costs(desk: Desk) -> None:
    type(desk.check).objects.filter(pk=desk.check.pk).update(free_cancel_hours=24 * 60, late_fee_minor=1500)
    desk.check.refresh_from_db()
    desk.check.save()  # renews the version of what can be booked
    booking = desk.book(10)
    shown = text_of(signed_in(desk.world, "agent").get(reverse("visit_cancel", args=[booking.reference]), headers=HTMX))
    assert "€15.00" in shown


def test_the_panel_tells_who_comes_and_what_happened(desk: Desk) -> None:
    desk.book(9)
    booking = desk.book(10)
    client = signed_in(desk.world, "agent")
    shown = text_of(client.get(reverse("visit", args=[booking.reference]), headers=HTMX))
    assert "Visit number 2" in shown
    assert "zoe@exemple.example" in shown
    assert "Agent booked: Quick check" in shown


def test_today_shows_who_comes_late_ones_first(desk: Desk) -> None:
    desk.book(9, guest=desk_guest("Late Lina"))
    desk.book(11, guest=desk_guest("Next Nadia"))
    with clock_at(desk.at(10)):
        shown = text_of(signed_in(desk.world, "agent").get("/"))
        assert shown.index("Late Lina") < shown.index("Next Nadia")
        assert "Coming today" in shown
        assert "Late Lina" not in text_of(signed_in(desk.world, "outsider").get("/"))


def test_nothing_is_asked_of_a_house_without_bookings(world: Any) -> None:
    assert "Nothing can be booked here yet" in text_of(signed_in(world, "agent").get(reverse("calendar")))


def test_a_hold_confirmed_late_knows_what_it_takes_by_then(desk: Desk) -> None:
    """Somebody took Malik meanwhile: the booking stands with Jeanne, in her column."""
    caller = Caller.public()
    hold = booking_hold(caller=caller, wanted=Wanted(desk.check.pk, desk.at(10)), minutes=1)
    later = utcnow() + dt.timedelta(minutes=2)
    with clock_at(later):
        desk.book(10)
        booking_confirm(caller=caller, booking_id=hold.pk, guest=desk_guest("Lina"), now=later)
    hold.refresh_from_db()
    assert (hold.state, hold.placed) == ("confirmed", [desk.jeanne.pk])
