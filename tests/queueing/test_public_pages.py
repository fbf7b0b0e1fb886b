"""The customer's side of the queue: kiosk, joining by phone, status page, display, and the pulse between them."""

import datetime as dt
import json
import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from parvis.catalog.services import need_save, site_save
from parvis.queueing.models import Precedence, Screen, Source, Ticket, Told, Turn
from parvis.queueing.public.board import site_read
from parvis.queueing.public.pulse import answering_pulses
from parvis.queueing.selectors import booking_expected, turn_of_ticket
from parvis.queueing.services import (
    call_next,
    line_save,
    screen_renew,
    screen_save,
    ticket_void,
    turn_finish,
    turn_hold,
    turn_miss,
    turn_recall,
    turn_start,
)
from parvis.queueing.services.records import HOUSE as HOUSE_CALLER
from parvis.staff.domain.viewer import Viewer
from tests.booking import House, book
from tests.queueing_world import Hall, minutes, ten
from tests.world import World

HOUSE = Viewer.house()


@pytest.fixture
def now() -> Any:
    """The house's clocks stand at ten on a Tuesday: `canal` is open."""
    with time_machine.travel(ten(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def hall(world: World, now: Any) -> Hall:
    return Hall.open(world)


def screen(hall: Hall, kind: str = "kiosk", **fields: Any) -> Screen:
    return screen_save(viewer=HOUSE, site_id=hall.world.canal.pk, kind=kind, name=kind, **fields)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def hidden(response: Any, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', response.content.decode())
    return found[1] if found else ""


def press(client: Client, kiosk: Screen, line: Any, **fields: Any) -> Any:
    """Take a ticket of a line at the kiosk, from its page of how many people come."""
    page = client.get(reverse("kiosk_choose", args=[kiosk.token]), {"line": line.pk})
    given = {"line": line.pk, "need": "", "stamp": hidden(page, "stamp"), "party": 1, **fields}
    return client.post(reverse("kiosk_take", args=[kiosk.token]), given)


class TestKiosk:
    def test_from_trunk_to_branch_to_a_ticket_with_its_code_and_a_qr_code(self, hall: Hall, client: Client) -> None:
        brakes = need_save(viewer=HOUSE, name={"en": "Brakes", "fr": "Freins"}, parent_id=hall.world.repair.pk)
        kiosk = screen(hall, prints=True)
        assert "Français" in text(client.get(reverse("kiosk", args=[kiosk.token])))
        choose = reverse("kiosk_choose", args=[kiosk.token])
        trunk = text(client.get(choose))
        # The line of repairs is reached by its need, the one of sales by its own name.
        assert f"need={hall.world.repair.slug}" in trunk
        assert "Sales" in trunk
        assert "I have an appointment" in trunk
        branch = text(client.get(choose, {"need": hall.world.repair.slug}))
        assert f"line={hall.repairs.pk}&amp;need={brakes.slug}" in branch
        assert "Something else" in branch
        page = client.get(choose, {"line": hall.repairs.pk, "need": brakes.slug})
        given = {
            "line": hall.repairs.pk,
            "need": brakes.slug,
            "stamp": hidden(page, "stamp"),
            "party": 3,
            "assisted": 1,
        }
        taken = client.post(reverse("kiosk_take", args=[kiosk.token]), {**given, "assisted": 1})
        [ticket] = Ticket.objects.all()
        assert (ticket.code, ticket.party, ticket.need_id) == ("R001", 3, brakes.pk)
        assert (ticket.precedence, ticket.source) == (Precedence.ASSISTED, Source.KIOSK)
        shown = text(client.get(taken["Location"]))
        assert "R001" in shown
        assert "<svg" in shown
        assert "We cannot say yet" in shown
        assert "assist" not in shown.lower()  # nobody else's business

    def test_pressed_twice_it_is_one_ticket(self, hall: Hall, client: Client) -> None:
        kiosk = screen(hall)
        page = client.get(reverse("kiosk_choose", args=[kiosk.token]), {"line": hall.sales.pk})
        given = {"line": hall.sales.pk, "stamp": hidden(page, "stamp"), "party": 1}
        places = {client.post(reverse("kiosk_take", args=[kiosk.token]), given)["Location"] for _n in range(2)}
        assert len(places) == 1
        assert Ticket.objects.count() == 1
        assert client.post(reverse("kiosk_take", args=[kiosk.token]), {**given, "stamp": "forged"}).status_code == 400

    def test_a_ticket_that_did_not_print_is_no_person_and_only_this_kiosk_says_so(
        self, hall: Hall, client: Client, now: Any
    ) -> None:
        kiosk = screen(hall, prints=True)
        press(client, kiosk, hall.sales)
        ticket = Ticket.objects.get()
        page = text(client.get(reverse("kiosk_ticket", args=[kiosk.token, ticket.token])))
        assert "It did not print" in page
        assert "data-print" in page
        client.post(reverse("kiosk_misprint", args=[kiosk.token, ticket.token]))
        assert turn_of_ticket(ticket.pk).state == "void"
        agents = hall.take(hall.sales)
        refused = client.post(reverse("kiosk_misprint", args=[kiosk.token, agents.ticket.token]))
        assert refused.status_code == 409
        elsewhere = screen_save(viewer=HOUSE, site_id=hall.world.gare.pk, kind="kiosk", name="gare")
        assert client.get(reverse("kiosk_ticket", args=[elsewhere.token, ticket.token])).status_code == 404

    def test_closed_switched_off_and_renewed(self, hall: Hall, client: Client, now: Any) -> None:
        kiosk = screen(hall)
        old = reverse("kiosk", args=[kiosk.token])
        stamped = client.get(reverse("kiosk_choose", args=[kiosk.token]), {"line": hall.sales.pk})
        now.move_to(ten() + dt.timedelta(hours=12))
        closed = text(client.get(old))
        assert "We are closed" in closed
        assert "Nous sommes fermés" in closed
        given = {"line": hall.sales.pk, "stamp": hidden(stamped, "stamp"), "party": 1}
        assert client.post(reverse("kiosk_take", args=[kiosk.token]), given).status_code == 409
        assert Ticket.objects.count() == 0
        screen_renew(viewer=HOUSE, screen_id=kiosk.pk)
        assert client.get(old).status_code == 404
        kiosk.refresh_from_db()
        screen_save(viewer=HOUSE, screen_id=kiosk.pk, is_active=False)
        assert client.get(reverse("kiosk", args=[kiosk.token])).status_code == 404

    def test_a_kiosk_of_chosen_lines_gives_tickets_of_no_other(self, hall: Hall, client: Client) -> None:
        kiosk = screen(hall, line_ids=[hall.sales.pk])
        assert press(client, kiosk, hall.repairs).status_code == 404
        # Where there is one thing only, nobody is asked.
        assert "How many are you?" in text(client.get(reverse("kiosk_choose", args=[kiosk.token])))


class TestAppointments:
    @pytest.fixture
    def expected(self, hall: Hall) -> Any:
        house = House(hall.world.canal)
        offer = house.offering(house.resource(), need_id=hall.world.repair.pk)
        return book(offer, ten() + dt.timedelta(hours=1), now=ten() - dt.timedelta(days=1))

    def test_found_by_reference_number_or_name_and_by_nothing_less(self, hall: Hall, expected: Any) -> None:
        site = hall.world.canal.pk
        for given in (expected.reference, expected.reference.lower(), "Anna Nowak", "nowak  ANNA", "nowak"):
            assert booking_expected(site, given, ten()) == expected.pk, given
        for given in ("", "a", "Anna Smith", "B-00000", "0612345678", "nowak%"):
            assert booking_expected(site, given, ten()) is None, given
        assert booking_expected(hall.world.gare.pk, expected.reference, ten()) is None
        assert booking_expected(site, expected.reference, ten() + dt.timedelta(days=1)) is None

    def test_who_says_so_at_the_kiosk_has_arrived_and_holds_one_ticket(
        self, hall: Hall, client: Client, expected: Any
    ) -> None:
        kiosk = screen(hall)
        url = reverse("kiosk_booked", args=[kiosk.token])
        places = {client.post(url, {"who": "Anna Nowak"})["Location"] for _n in range(2)}
        assert len(places) == 1
        expected.refresh_from_db()
        assert expected.state == "arrived"
        [turn] = Turn.objects.select_related("ticket")
        assert (turn.rule, turn.ticket.booking_id) == ("early", expected.pk)
        unknown = client.post(url, {"who": "Somebody Else"})
        assert unknown.status_code == 400
        assert "Nowak" not in text(unknown)

    def test_guessing_names_ends_soon(self, hall: Hall, client: Client, expected: Any) -> None:
        url = reverse("kiosk_booked", args=[screen(hall).token])
        codes = [client.post(url, {"who": f"Name {n}"}).status_code for n in range(14)]
        assert codes[:12] == [400] * 12
        assert codes[-1] == 429


class TestJoining:
    def given(self, client: Client, hall: Hall, **fields: Any) -> dict[str, Any]:
        page = client.get(reverse("join", args=["canal"]), {"line": hall.repairs.pk})
        return {
            "line": hall.repairs.pk,
            "need": "",
            "stamp": hidden(page, "stamp"),
            "party": 2,
            "website": "",
            **fields,
        }

    def test_a_phone_joins_once_and_finds_its_ticket_again(self, hall: Hall, client: Client) -> None:
        join = reverse("join", args=["canal"])
        given = self.given(client, hall, name="Zoé", phone="06 12 34 56 78", email="zoe@exemple.example")
        taken = client.post(join, given)
        [ticket] = Ticket.objects.all()
        assert (ticket.source, ticket.phone, ticket.party) == (Source.REMOTE, "+33612345678", 2)
        assert taken["Location"] == reverse("ticket", args=[ticket.token])
        assert client.get(join)["Location"] == taken["Location"]
        # Another phone in the same room gets its own; the same form sent again by it does not.
        other = Client()
        again = self.given(other, hall)
        for _n in range(2):
            other.cookies.clear()
            other.post(join, again)
        assert Ticket.objects.count() == 2

    def test_what_cannot_be_is_said_at_its_field(self, hall: Hall, client: Client) -> None:
        join = reverse("join", args=["canal"])
        for fields, words in (
            ({"phone": "no idea"}, "phone"), ({"email": "nobody"}, "e-mail"), ({"party": 0}, "greater"),
            ({"website": "http://spam.example"}, "once more"),
        ):  # fmt: skip
            refused = client.post(join, self.given(client, hall, **fields))
            assert refused.status_code in (400, 422, 429, 503), fields
            assert words in text(refused)
        assert Ticket.objects.count() == 0
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(join, self.given(client, hall)).status_code == 403

    def test_closed_unknown_and_lines_that_take_nobody_from_afar(self, hall: Hall, client: Client, now: Any) -> None:
        assert client.get(reverse("join", args=["nowhere"])).status_code == 404
        line_save(viewer=HOUSE, line_id=hall.sales.pk, takes_remote=False)
        assert client.get(reverse("join", args=["canal"]), {"line": hall.sales.pk}).status_code == 404
        now.move_to(ten() + dt.timedelta(hours=12))
        assert "We are closed now" in text(client.get(reverse("join", args=["canal"])))


class TestStatusPage:
    def page(self, client: Client, turn: Turn, language: str = "en") -> str:
        return text(client.get(reverse("ticket", args=[turn.ticket.token]), headers={"Accept-Language": language}))

    def test_it_tells_the_place_the_call_and_the_question_afterwards(self, hall: Hall, client: Client) -> None:
        [agent] = hall.seat()
        first, mine = hall.take(), hall.take(name="<b>Zoé</b>")
        assert "1 person before you" in self.page(client, mine)
        assert "1 personne avant vous" in self.page(client, mine, "fr")
        assert "Very likely before" in self.page(client, mine)
        assert Told.objects.filter(turn=mine).count() == 1  # a promise, told again within the minute
        call_next(viewer=agent)
        called = call_next(viewer=agent, current_id=first.pk)
        assert called is not None
        assert called.pk == mine.pk
        assert "Please come to Counter 1" in self.page(client, mine)
        assert "C’est à vous : Guichet 1" in self.page(client, mine, "fr")
        turn_start(viewer=agent, turn_id=mine.pk)
        turn_finish(viewer=agent, turn_id=mine.pk)
        assert "Did we forget anything?" in self.page(client, mine)
        url = reverse("ticket", args=[mine.ticket.token])
        forgotten = client.post(url, {"deed": "forgotten"})
        contact = text(client.get(forgotten["Location"]))
        assert f"ticket {mine.ticket.code}" in contact
        assert "&lt;b&gt;Zoé" in contact
        client.post(url, {"deed": "well"})
        assert "Our door stays open" in self.page(client, mine)
        assert Ticket.objects.get(pk=mine.ticket_id).all_done is True

    def test_leaving_missing_and_coming_back(self, hall: Hall, client: Client, now: Any) -> None:
        [agent] = hall.seat()
        mine = hall.take()
        url = reverse("ticket", args=[mine.ticket.token])
        client.post(url, {"deed": "leave"})
        assert "You have left the line" in self.page(client, mine)
        assert "Until 10:20" in self.page(client, mine)
        client.post(url, {"deed": "back"})
        assert "You are next" in self.page(client, mine)
        call_next(viewer=agent)
        now.move_to(ten() + minutes(2))
        turn_miss(viewer=agent, turn_id=mine.pk)
        missed = self.page(client, mine)
        assert "you were not there" in missed
        assert "Until 10:22" in missed
        client.post(url, {"deed": "back"})
        assert "You have your old place" in self.page(client, mine).replace("you have", "You have")
        call_next(viewer=agent)
        turn_hold(viewer=agent, turn_id=mine.pk)
        assert "Your place is kept" in self.page(client, mine)
        client.post(url, {"deed": "ready"})
        # What makes no sense now is said, and changes nothing.
        assert client.post(url, {"deed": "back"}).status_code == 409
        assert client.post(url, {"deed": "well"}).status_code == 409
        assert client.post(url, {"deed": "nonsense"}).status_code == 409
        assert "You are next" in self.page(client, mine)
        now.move_to(ten() + dt.timedelta(days=1))
        assert "another day" in self.page(client, mine)
        assert client.post(url, {"deed": "leave"}).status_code == 409

    def test_a_stranger_learns_nothing_and_the_page_is_kept_by_nobody(self, hall: Hall, client: Client) -> None:
        mine = hall.take()
        assert client.get(reverse("ticket", args=["x" * 32])).status_code == 404
        answer = client.get(reverse("ticket", args=[mine.ticket.token]))
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert len(mine.ticket.token) >= 32


class TestPulse:
    def test_it_moves_with_the_line_and_comes_before_everything_else(self, hall: Hall, client: Client) -> None:
        [agent] = hall.seat()
        turns = [hall.take() for _n in range(9)]
        site = hall.world.canal.pk
        before = {token: json.loads(answer) for token, answer in site_read(site).answers.items()}
        assert [before[t.ticket.token]["ahead"] for t in turns] == list(range(9))
        call_next(viewer=agent)
        after = {token: json.loads(answer) for token, answer in site_read(site).answers.items()}
        first, near, far = (turns[n].ticket.token for n in (0, 3, 8))
        assert after[first] | {"v": ""} == {"v": "", "state": "called", "ahead": None, "counter": "Counter 1"}
        # Near the front each step is a new version; far behind only the number moves, and nothing is drawn anew.
        assert after[near]["v"] != before[near]["v"]
        assert after[far]["v"] == before[far]["v"]
        assert after[far]["ahead"] == 7
        assert client.get(reverse("ticket_pulse", args=[first])).json() == after[first]
        assert client.get(reverse("ticket_pulse", args=["x" * 32])).status_code == 404

    def test_a_recall_is_a_new_version_and_what_is_over_stays_so(self, hall: Hall) -> None:
        [agent] = hall.seat()
        turn = hall.take()
        call_next(viewer=agent)
        versions = [site_read(hall.world.canal.pk).answers[turn.ticket.token]]
        turn_recall(viewer=agent, turn_id=turn.pk)
        versions.append(site_read(hall.world.canal.pk).answers[turn.ticket.token])
        ticket_void(caller=HOUSE_CALLER, turn_id=turn.pk)
        versions.append(site_read(hall.world.canal.pk).answers[turn.ticket.token])
        assert len(set(versions)) == 3
        assert turn.ticket.token not in site_read(hall.world.canal.pk, now=ten() + dt.timedelta(hours=4)).answers

    def test_the_wrapper_lets_everything_else_through(self) -> None:
        seen = []
        asked = answering_pulses(lambda environ, start: seen.append(environ["PATH_INFO"]) or [b""])
        for method, path in (
            ("POST", f"/q/{'x' * 32}/pulse"), ("GET", "/q/short/pulse"), ("GET", f"/q/{'x' * 32}/"),
            ("GET", f"/x/{'x' * 32}/pulse"),
        ):  # fmt: skip
            asked({"REQUEST_METHOD": method, "PATH_INFO": path}, None)
        assert len(seen) == 4


class TestDisplay:
    def test_codes_counters_and_no_names(self, hall: Hall, client: Client) -> None:
        agents = hall.seat(2)
        display = screen(hall, "display")
        for name in ("Zoé <script>alert(1)</script>", "Malik", "Nora"):
            hall.take(name=name, note="secret", language="fr")
        url = reverse("display", args=[display.token])
        last = int(re.search(r'data-last="(\d+)"', client.get(url).content.decode())[1])
        for agent in agents:
            call_next(viewer=agent)
        page = text(client.get(url))
        assert "R001" in page
        assert "R002" in page
        assert "R003" in page
        assert not re.search(r"Zoé|Malik|Nora|secret|alert\(1", page)
        # Two within one second: both, in their order, in the language of their tickets.
        calls = client.get(reverse("display_calls", args=[display.token]), {"after": last}).json()
        assert [c["code"] for c in calls["calls"]] == ["R001", "R002"]
        assert [c["spoken"] for c in calls["calls"]] == ["Guichet 1", "Guichet 2"]
        assert [c["counter"] for c in calls["calls"]] == ["Counter 1", "Counter 2"]
        pulse = client.get(reverse("display_pulse", args=[display.token])).json()
        assert pulse["call"] == calls["last"]
        assert (
            client.get(reverse("display_calls", args=[display.token]), {"after": calls["last"]}).json()["calls"] == []
        )

    def test_a_display_of_chosen_lines_shows_no_other(self, hall: Hall, client: Client) -> None:
        [agent] = hall.seat()
        display = screen(hall, "display", line_ids=[hall.sales.pk])
        hall.take()
        call_next(viewer=agent)
        url = reverse("display_calls", args=[display.token])
        assert client.get(url, {"after": 0}).json()["calls"] == []
        assert "R001" not in text(client.get(reverse("display", args=[display.token])))

    def test_pages_ask_few_questions(self, hall: Hall, client: Client, django_assert_max_num_queries: Any) -> None:
        display, mine = screen(hall, "display"), hall.take()
        for _n in range(5):
            hall.take()
        client.get(reverse("ticket", args=[mine.ticket.token]))
        with django_assert_max_num_queries(6):
            client.get(reverse("ticket_card", args=[mine.ticket.token]))
        with django_assert_max_num_queries(2):
            site_read(hall.world.canal.pk)
        with django_assert_max_num_queries(13):  # the calls of each line, one statement each
            client.get(reverse("display_card", args=[display.token]))


def test_a_site_closed_for_good_takes_nobody(hall: Hall, client: Client) -> None:
    site_save(viewer=HOUSE, site_id=hall.world.canal.pk, is_active=False)
    assert client.get(reverse("join", args=["canal"])).status_code == 404
