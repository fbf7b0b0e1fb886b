"""Busy times of calendars elsewhere: fetched, read, counted, and bounded."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as house_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse

from parvis.catalog.snapshot import version
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from parvis.ledger.models import Entry
from parvis.reservations import events
from parvis.reservations.availability import Asked, free_only, slots_between
from parvis.reservations.errors import Taken
from parvis.reservations.explaining import why_not_free
from parvis.reservations.feeds import feed_link
from parvis.reservations.models import Absence, BusyCalendar, BusyPattern, Resource
from parvis.reservations.services import Guest
from parvis.reservations.services.busy import (
    calendar_add,
    calendar_change,
    calendar_refresh,
    calendar_remove,
    calendars_refresh,
)
from parvis.reservations.services.setting_up import absence_add, absence_remove
from parvis.reservations.supply import offer_get
from tests.booking import HOUSE, House, book
from tests.front.pages import HTMX, signed_in, text_of
from tests.reservations.desk import Desk, desk
from tests.world import World

__all__ = ["desk"]
HOUR = dt.timedelta(hours=1)


class Elsewhere:
    """A server with one calendar; says what it was asked."""

    def __init__(self) -> None:
        self.body, self.status, self.etag, self.location = b"", 200, '"1"', ""
        self.asked: list[dict[str, str]] = []
        place = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place.asked.append(dict(self.headers))
                known = place.status == 200 and self.headers.get("If-None-Match") == place.etag
                body = b"" if known else place.body
                self.send_response(304 if known else place.status)
                if place.location:
                    self.send_header("Location", place.location)
                self.send_header("ETag", place.etag)
                self.send_header("Last-Modified", "Sun, 01 Nov 2026 10:00:00 GMT")
                if not known:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/private-key.ics"

    def says(self, *events: str, etag: str = "") -> None:
        """What the calendar holds from now on."""
        self.body = calendar(*events)
        self.etag = etag or f'"{len(self.asked)}-{hash(events)}"'


@pytest.fixture
def elsewhere(settings: Any) -> Iterator[Elsewhere]:
    """A server on this machine that may be asked."""
    settings.PARVIS_OUTGOING_NETWORKS = ["127.0.0.0/8"]
    place = Elsewhere()
    yield place
    place.server.shutdown()
    place.server.server_close()


def calendar(*parts: str) -> bytes:
    """A calendar of these components."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//", *parts, "END:VCALENDAR", ""]).encode()


def event(start: str, end: str, *more: str, uid: str = "one@elsewhere.example") -> str:
    """A private event; `start` and `end` with their parameters: ":20261124T100000Z"."""
    lines = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z", "SUMMARY:Dentiste secret", "LOCATION:Chez Zoé"]
    return "\r\n".join([*lines, f"DTSTART{start}", f"DTEND{end}", *more, "END:VEVENT"])


def zulu(moment: dt.datetime) -> str:
    """An instant as iCalendar writes it."""
    return f":{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def private(desk: Desk, begin: int = 10, end: int = 11, **options: Any) -> str:
    """An event of the desk's day, hours on the clocks of the house."""
    return event(zulu(desk.at(begin)), zulu(desk.at(end)), **options)


def added(desk: Desk, place: Elsewhere, **more: Any) -> BusyCalendar:
    """Malik's own calendar."""
    given = {"name": "Privé", "address": place.url, **more}
    return calendar_add(viewer=desk.world.viewer("manager"), resource_id=desk.malik.pk, **given)


def due(row: BusyCalendar) -> None:
    BusyCalendar.objects.filter(pk=row.pk).update(due_at=utcnow())


def free_starts(desk: Desk, resource: Resource) -> set[dt.datetime]:
    asked = Asked(wished=frozenset({resource.pk}))
    return {
        s.start for s in free_only(slots_between(offer_get(desk.check.pk), desk.day, desk.day, asked, now=utcnow()))
    }


def test_exactly_the_busy_slots_are_no_longer_free_and_the_guard_refuses_them(desk: Desk, elsewhere: Elsewhere) -> None:
    before, hers = free_starts(desk, desk.malik), free_starts(desk, desk.jeanne)
    elsewhere.says(private(desk))
    row = added(desk, elsewhere)
    assert (row.error, row.worked_at is not None) == ("", True)
    assert before - free_starts(desk, desk.malik) == {desk.at(10), desk.at(10, 30)}
    assert free_starts(desk, desk.jeanne) == hers
    with pytest.raises(Taken):
        desk.book(10, 30)
    desk.book(11)


def test_nothing_is_kept_of_what_private_events_are(desk: Desk, elsewhere: Elsewhere) -> None:
    elsewhere.says(private(desk, uid="zoe.secret@mail.example"))
    row = added(desk, elsewhere)
    kept = BusyPattern.objects.get(calendar=row).content
    assert not any(word in kept for word in ("Dentiste", "Zoé", "zoe", "secret"))
    away = Absence.objects.get(resource=desk.malik)
    assert (away.reason, away.source) == ("Privé", row.source)
    entries = "".join(str(e.data) for e in Entry.objects.all())
    assert "private-key" not in entries
    assert "Dentiste" not in entries


def test_a_calendar_that_says_nothing_new_writes_no_times(desk: Desk, elsewhere: Elsewhere) -> None:
    elsewhere.says(private(desk))
    row = added(desk, elsewhere)
    known, told = version(), Entry.objects.count()
    kept = list(Absence.objects.values_list("pk", flat=True))
    due(row)
    assert calendars_refresh() == 1
    assert elsewhere.asked[-1]["If-None-Match"] == elsewhere.etag
    assert "If-Modified-Since" in elsewhere.asked[-1]
    # The same times in an answer that is new all the same.
    elsewhere.body, elsewhere.etag = elsewhere.body.replace(b"20261101T000000Z", b"20261102T000000Z"), '"other"'
    due(row)
    calendars_refresh()
    assert "If-None-Match" in elsewhere.asked[-1]
    assert len(elsewhere.asked) == 3
    assert list(Absence.objects.values_list("pk", flat=True)) == kept
    assert (version(), Entry.objects.count()) == (known, told)
    row.refresh_from_db()
    assert row.etag == '"other"'
    assert row.due_at > utcnow() + dt.timedelta(minutes=14)
    assert calendars_refresh() == 0


def test_a_change_replaces_the_difference_only(desk: Desk, elsewhere: Elsewhere) -> None:
    elsewhere.says(private(desk), private(desk, 14, 15, uid="two"))
    row = added(desk, elsewhere)
    stays = Absence.objects.get(starts_at=desk.at(14))
    absence_add(viewer=HOUSE, resource_id=desk.malik.pk, starts_at=desk.at(9), ends_at=desk.at(10), reason="by hand")
    elsewhere.says(private(desk, 16, 17), private(desk, 14, 15, uid="two"))
    calendar_refresh(viewer=desk.world.viewer("manager"), calendar_id=row.pk)
    found = {(a.starts_at, a.source) for a in Absence.objects.all()}
    assert found == {(desk.at(9), ""), (desk.at(14), row.source), (desk.at(16), row.source)}
    assert Absence.objects.filter(pk=stays.pk).exists()
    last = Entry.objects.filter(name=events.BUSY_CHANGED).latest("pk")
    assert last.data == {"resource": desk.malik.pk, "hits": 0}


def test_a_booking_in_a_new_busy_time_stays_and_is_counted(desk: Desk, elsewhere: Elsewhere) -> None:
    booking = desk.book(10)
    elsewhere.says(private(desk))
    added(desk, elsewhere)
    booking.refresh_from_db()
    assert booking.state == "confirmed"
    assert Entry.objects.filter(name=events.BUSY_CHANGED).latest("pk").data["hits"] == 1


def test_failing_it_keeps_its_times_and_is_asked_ever_more_seldom(desk: Desk, elsewhere: Elsewhere) -> None:
    elsewhere.says(private(desk))
    row = added(desk, elsewhere)
    worked = row.worked_at
    pauses = []
    for status, words in [(500, "error"), (404, "no calendar at this address"), (403, "password")]:
        elsewhere.status = status
        due(row)
        calendars_refresh()
        row.refresh_from_db()
        assert words in row.error
        assert (row.status, row.worked_at) == (status, worked)
        assert row.checked_at is not None
        pauses.append((row.due_at - row.checked_at) // dt.timedelta(minutes=15))
    assert pauses == [2, 4, 8]
    assert row.failures == 3
    assert Absence.objects.count() == 1
    elsewhere.status = 200
    calendar_refresh(viewer=desk.world.viewer("manager"), calendar_id=row.pk)
    row.refresh_from_db()
    assert (row.error, row.failures, row.status) == ("", 0, None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>Sign in</html>", "no calendar"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "breaks off"),
        (b"BEGIN:VCALENDAR\r\n" + b"X-PAD:" + b"x" * 3_000_000 + b"\r\nEND:VCALENDAR\r\n", "too long"),
        (calendar(*[
            event(":20260101T000000Z", ":20260101T000001Z", "RRULE:FREQ=SECONDLY", uid=str(n)) for n in range(20)
        ]), "more events than can be taken over"),
        (b"\x1f\x8b\x08\x00" + b"\x00" * 100, "no calendar"),
    ],
    ids=["a page", "half", "long", "endless", "packed"],
)  # fmt: skip
def test_hostile_answers_are_refused_in_words(desk: Desk, elsewhere: Elsewhere, body: bytes, words: str) -> None:
    elsewhere.says(private(desk))
    row = added(desk, elsewhere)
    elsewhere.body, elsewhere.etag = body, '"bad"'
    calendar_refresh(viewer=desk.world.viewer("manager"), calendar_id=row.pk)
    row.refresh_from_db()
    assert words in row.error
    assert [a.starts_at for a in Absence.objects.all()] == [desk.at(10)]


def test_a_redirect_into_the_house_is_not_followed(desk: Desk, elsewhere: Elsewhere) -> None:
    elsewhere.says(private(desk))
    elsewhere.status, elsewhere.location = 302, "http://10.0.0.1/calendar.ics"
    row = added(desk, elsewhere)
    assert "private network" in row.error
    assert not Absence.objects.exists()


def test_an_address_within_the_house_or_without_encryption_is_refused(desk: Desk) -> None:
    viewer = desk.world.viewer("manager")
    for address in ("https://127.0.0.1/x.ics", "http://calendar.example/x.ics", "file:///etc/passwd", "webcal://"):
        with pytest.raises(Invalid) as refused:
            calendar_add(viewer=viewer, resource_id=desk.malik.pk, name="x", address=address)
        assert "address" in refused.value.fields
    assert not BusyCalendar.objects.exists()


def test_transparent_cancelled_and_our_own_events_take_no_time(desk: Desk, elsewhere: Elsewhere) -> None:
    from urllib.parse import urlsplit

    host = urlsplit(house_settings.BASE_URL).hostname
    begin, end = zulu(desk.at(10)), zulu(desk.at(11))
    elsewhere.says(
        event(begin, end, "TRANSP:TRANSPARENT", uid="a"),
        event(begin, end, "STATUS:CANCELLED", uid="b"),
        event(begin, end, uid=f"B-7K3F9.staff@{host}"),
        event(begin, end, uid="B-7K3F9@parvis.staff"),
    )
    added(desk, elsewhere)
    assert not Absence.objects.exists()
    elsewhere.says(event(begin, end, uid="B-7K3F9.staff@another-house.example"))
    calendar_refresh(viewer=desk.world.viewer("manager"), calendar_id=BusyCalendar.objects.get().pk)
    assert Absence.objects.count() == 1


def test_our_own_feed_subscribed_back_counts_nothing_twice(desk: Desk, client: Any) -> None:
    desk.book(10)
    path = "/" + feed_link(HOUSE, desk.malik).split("/", 3)[3]
    file = client.get(path).content
    assert b"BEGIN:VEVENT" in file
    calendar_add(viewer=HOUSE, resource_id=desk.malik.pk, name="Loop", file=file)
    assert not Absence.objects.exists()


# By the clocks ------------------------------------------------------------


CHANGES = {
    "Europe/Paris": ("2027-03-28", "2027-10-31"),
    "America/New_York": ("2027-03-14", "2027-11-07"),
    "Australia/Lord_Howe": ("2027-10-03", "2027-04-04"),
    "Asia/Kolkata": ("2027-03-28", "2027-10-31"),
}


@pytest.mark.parametrize("tz", CHANGES)
def test_a_weekly_event_keeps_its_clock_time_over_both_changes(db: None, world: World, tz: str) -> None:
    house = House.open(tz)
    malik = house.resource("M")
    offer = house.offering(malik)
    now = utcnow()
    first = dt.datetime(2026, 11, 22, 9)  # noqa: DTZ001
    text = calendar(event(f";TZID={tz}:{first:%Y%m%dT%H%M%S}", f";TZID={tz}:{first + 2 * HOUR:%Y%m%dT%H%M%S}",
                          "RRULE:FREQ=WEEKLY"))  # fmt: skip
    calendar_add(viewer=HOUSE, resource_id=malik.pk, name="Sundays", file=text)
    for day in map(dt.date.fromisoformat, CHANGES[tz]):
        free = {s.start for s in free_only(slots_between(offer, day, day, Asked(any_hours=True), now=now))}
        local = {s.astimezone(ZoneInfo(tz)).hour for s in free}
        assert {9, 10} & local == set()
        assert {8, 11} <= local
        with pytest.raises(Taken):
            book(offer, dt.datetime.combine(day, dt.time(9), tzinfo=ZoneInfo(tz)).astimezone(dt.UTC))
        [there] = Absence.objects.filter(starts_at__date__gte=day - dt.timedelta(days=1), resource=malik).filter(
            starts_at=dt.datetime.combine(day, dt.time(9), tzinfo=ZoneInfo(tz))
        )
        assert there.ends_at - there.starts_at == 2 * HOUR


@pytest.mark.parametrize("tz", CHANGES)
def test_a_whole_day_is_the_day_of_the_site(db: None, world: World, tz: str) -> None:
    malik = House.open(tz).resource("M")
    days = [event(f";VALUE=DATE:{d.replace('-', '')}", f";VALUE=DATE:{after(d)}", uid=d) for d in CHANGES[tz]]
    calendar_add(viewer=HOUSE, resource_id=malik.pk, name="Days", file=calendar(*days))
    found = sorted((a.starts_at, a.ends_at) for a in Absence.objects.all())
    place = ZoneInfo(tz)
    for (start, end), day in zip(found, sorted(map(dt.date.fromisoformat, CHANGES[tz])), strict=True):
        assert start.astimezone(place) == dt.datetime.combine(day, dt.time(), tzinfo=place)
        assert end.astimezone(place) == dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=place)


def after(day: str) -> str:
    return f"{dt.date.fromisoformat(day) + dt.timedelta(days=1):%Y%m%d}"


def test_a_zone_that_nobody_knows_is_said(desk: Desk) -> None:
    text = calendar(event(f";TZID=Mars/Base:{desk.day:%Y%m%d}T100000", f";TZID=Mars/Base:{desk.day:%Y%m%d}T110000"))
    row = calendar_add(viewer=HOUSE, resource_id=desk.malik.pk, name="Mars", file=text)
    assert row.unknown_zone == "Mars/Base"
    assert Absence.objects.get().starts_at == desk.at(10)


def test_the_horizon_moves_on_though_nothing_is_new(desk: Desk, elsewhere: Elsewhere) -> None:
    elsewhere.says(event(zulu(desk.at(10)), zulu(desk.at(11)), "RRULE:FREQ=WEEKLY"))
    row = added(desk, elsewhere)
    last = Absence.objects.latest("starts_at").starts_at
    later = utcnow() + dt.timedelta(days=50)
    assert calendars_refresh(later) == 1
    assert elsewhere.asked[-1].get("If-None-Match") == elsewhere.etag
    assert Absence.objects.latest("starts_at").starts_at >= last + dt.timedelta(days=49)
    row.refresh_from_db()
    assert row.error == ""


# Files, names, rights ------------------------------------------------------------


def test_a_file_is_replaced_by_the_next_and_a_bad_one_is_refused(desk: Desk) -> None:
    row = calendar_add(viewer=HOUSE, resource_id=desk.malik.pk, name="File", file=calendar(private(desk)))
    calendar_change(viewer=HOUSE, calendar_id=row.pk, name="Plan", file=calendar(private(desk, 14, 15)))
    away = Absence.objects.get()
    assert (away.starts_at, away.reason) == (desk.at(14), "Plan")
    with pytest.raises(Invalid) as refused:
        calendar_change(viewer=HOUSE, calendar_id=row.pk, name="Plan", file=b"PK\x03\x04")
    assert "file" in refused.value.fields
    assert Absence.objects.get() == away


def test_removing_a_calendar_frees_its_times_and_only_those(desk: Desk, elsewhere: Elsewhere) -> None:
    elsewhere.says(private(desk))
    row = added(desk, elsewhere)
    other = calendar_add(viewer=HOUSE, resource_id=desk.malik.pk, name="File", file=calendar(private(desk, 14, 15)))
    with pytest.raises(Conflict):
        absence_remove(viewer=HOUSE, absence_id=Absence.objects.get(source=row.source).pk)
    calendar_remove(viewer=desk.world.viewer("manager"), calendar_id=row.pk)
    assert [a.source for a in Absence.objects.all()] == [other.source]


def test_managers_and_the_person_themselves_look_after_calendars(desk: Desk) -> None:
    file = calendar(private(desk))
    calendar_add(viewer=desk.world.viewer("agent"), resource_id=desk.malik.pk, name="Mine", file=file)
    for who in ("agent", "lead"):
        with pytest.raises(NotAllowed):
            calendar_add(viewer=desk.world.viewer(who), resource_id=desk.jeanne.pk, name="Hers", file=file)
    row = BusyCalendar.objects.get()
    for refused in (calendar_remove, calendar_refresh):
        with pytest.raises(NotFound):
            refused(viewer=desk.world.viewer("outsider"), calendar_id=row.pk)
        with pytest.raises(NotAllowed):
            refused(viewer=desk.world.viewer("lead"), calendar_id=row.pk)


def test_staff_read_which_calendar_is_in_the_way_and_customers_do_not(desk: Desk) -> None:
    day = event(f";VALUE=DATE:{desk.day:%Y%m%d}", f";VALUE=DATE:{desk.day + dt.timedelta(days=1):%Y%m%d}")
    calendar_add(viewer=HOUSE, resource_id=desk.malik.pk, name="Privé", file=calendar(day))
    asked = Asked(wished=frozenset({desk.malik.pk}))
    told = {
        staff: " ".join(str(r.text) for r in why_not_free(offer_get(desk.check.pk), desk.day, asked, utcnow(), staff))
        for staff in (True, False)
    }
    assert "Malik is busy all day (from Privé)." in told[True]
    assert "Privé" not in told[False]
    assert "Malik is away all day." in told[False]


# At once ------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_refreshes_at_once_write_each_time_once(desk: Desk, elsewhere: Elsewhere) -> None:
    elsewhere.says(private(desk))
    row = added(desk, elsewhere)
    elsewhere.says(*(private(desk, hour, hour + 1, uid=str(hour)) for hour in (9, 11, 15)))
    _at_once(4, lambda: calendar_refresh(viewer=desk.world.viewer("manager"), calendar_id=row.pk))
    assert sorted(a.starts_at for a in Absence.objects.all()) == [desk.at(9), desk.at(11), desk.at(15)]
    row.refresh_from_db()
    assert row.error == ""


@pytest.mark.django_db(transaction=True)
def test_one_due_calendar_is_asked_by_one_worker(desk: Desk, elsewhere: Elsewhere) -> None:
    elsewhere.says(private(desk))
    row = added(desk, elsewhere)
    due(row)
    before = len(elsewhere.asked)
    _at_once(4, calendars_refresh)
    assert len(elsewhere.asked) == before + 1


def _at_once(count: int, work: Callable[[], Any]) -> None:
    start, errors = threading.Barrier(count), []

    def run() -> None:
        try:
            start.wait()
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for __ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


# Pages ------------------------------------------------------------


def upload(content: bytes) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile("school.ics", content, content_type="text/calendar")


def test_a_manager_adds_names_refreshes_and_removes_on_the_page(desk: Desk, elsewhere: Elsewhere) -> None:
    client, page = signed_in(desk.world, "manager"), reverse("settings_resource", args=[desk.malik.pk])
    booking = desk.book(10)
    elsewhere.says(private(desk))
    new = reverse("busy_calendar_new", args=[desk.malik.pk])
    assert client.get(new, headers=HTMX).status_code == 200
    response = client.post(new, {"name": "Privé", "address": elsewhere.url}, headers=HTMX)
    assert (response.status_code, response["HX-Redirect"]) == (204, page)
    row = BusyCalendar.objects.get()
    shown = text_of(client.get(page))
    assert "1 busy time ahead" in shown
    assert "1 booking stands in a time that is taken elsewhere" in shown
    assert booking.customer.name in shown
    assert "private-key" not in shown
    edit = reverse("busy_calendar", args=[row.pk])
    assert client.post(edit, {"name": "Zoé"}).status_code == 302
    elsewhere.status = 500
    client.post(reverse("busy_calendar_refresh", args=[row.pk]))
    shown = text_of(client.get(page))
    assert "It answered with an error (500)." in shown
    assert "Its last busy times still count." in shown
    assert client.post(reverse("busy_calendar_remove", args=[row.pk])).status_code == 302
    assert not Absence.objects.exists()


def test_a_slip_in_the_form_is_said_at_its_field(desk: Desk) -> None:
    client, new = signed_in(desk.world, "manager"), reverse("busy_calendar_new", args=[desk.malik.pk])
    assert "Give the address of a calendar" in client.post(new, {"name": "x"}, headers=HTMX).content.decode()
    plain = client.post(new, {"name": "x", "address": "http://x.example/"}, headers=HTMX)
    assert "has to begin with" in plain.content.decode()
    response = client.post(new, {"name": "x", "file": upload(b"PK\x03\x04")}, headers=HTMX)
    assert (response.status_code, "This is no calendar" in response.content.decode()) == (422, True)
    assert client.post(new, {"name": "x", "file": upload(calendar(private(desk)))}, headers=HTMX).status_code == 204


def test_a_person_finds_their_own_calendars_and_nobody_elses(desk: Desk) -> None:
    client = signed_in(desk.world, "agent")
    shown = text_of(client.get(reverse("my_calendars")))
    assert "what is booked of Malik" in shown
    assert "Jeanne" not in shown
    given = {"name": "Mine", "file": upload(calendar(private(desk))), "back": "mine"}
    response = client.post(reverse("busy_calendar_new", args=[desk.malik.pk]), given)
    assert response.url == reverse("my_calendars")
    hers = reverse("busy_calendar_new", args=[desk.jeanne.pk])
    assert client.get(hers).status_code == 403
    assert signed_in(desk.world, "outsider").get(hers).status_code == 404
    assert "You are not booked yourself" in text_of(signed_in(desk.world, "lead").get(reverse("my_calendars")))


def test_the_page_of_a_resource_takes_few_queries_however_many_times_are_busy(
    desk: Desk, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(desk.world, "manager")
    page = reverse("settings_resource", args=[desk.malik.pk])
    client.get(page)
    for number in range(3):
        daily = event(zulu(desk.at(10 + number)), zulu(desk.at(11 + number)), "RRULE:FREQ=DAILY")
        calendar_add(viewer=HOUSE, resource_id=desk.malik.pk, name=f"C{number}", file=calendar(daily))
    with django_assert_max_num_queries(12):
        client.get(page)


def test_the_day_says_which_calendar_takes_the_time(desk: Desk) -> None:
    calendar_add(viewer=HOUSE, resource_id=desk.malik.pk, name="Privé", file=calendar(private(desk)))
    page = signed_in(desk.world, "agent").get(reverse("calendar"), {"day": desk.day.isoformat()})
    assert "Busy (from Privé)" in page.content.decode()


# The feed -----------------------------------------------------------


def test_a_feed_given_a_new_address_answers_at_it_only(desk: Desk, client: Any) -> None:
    desk.book(10)
    manager = signed_in(desk.world, "manager")
    old = "/" + feed_link(HOUSE, desk.malik).split("/", 3)[3]
    assert client.get(old).status_code == 200
    assert manager.post(reverse("resource_feed_renew", args=[desk.malik.pk])).status_code == 302
    assert client.get(old).status_code == 404
    desk.malik.refresh_from_db()
    new = feed_link(HOUSE, desk.malik)
    assert client.get("/" + new.split("/", 3)[3]).status_code == 200
    assert new in manager.get(reverse("settings_resource", args=[desk.malik.pk])).content.decode()
    assert signed_in(desk.world, "lead").post(reverse("resource_feed_renew", args=[desk.malik.pk])).status_code == 403
    assert Entry.objects.filter(name=events.FEED_RENEWED).count() == 1


def test_a_feed_is_not_sent_again_while_it_is_the_same(desk: Desk, client: Any) -> None:
    desk.book(10)
    path = "/" + feed_link(HOUSE, desk.malik).split("/", 3)[3]
    first = client.get(path)
    assert first["Cache-Control"] == "private, max-age=300"
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    desk.book(14)
    changed = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (changed.status_code, changed.content.count(b"BEGIN:VEVENT")) == (200, 2)


def test_a_feed_tells_names_and_notes_but_no_way_to_reach_anybody(desk: Desk, client: Any) -> None:
    desk.book(10, guest=Guest(name="Zoé Martin", email="zoe@exemple.example", phone="0612345678", note="Red bicycle"))
    text = client.get("/" + feed_link(HOUSE, desk.malik).split("/", 3)[3]).content.decode()
    assert "Zoé Martin" in text
    assert "Red bicycle" in text
    assert "zoe@" not in text
    assert "345678" not in text
