"""What happens is told to who wants to know it: once each, signed, again when refused, and without anybody's words."""

import base64
import datetime as dt
import hmac
import json
import threading
import time
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from parvis.desk.services import conversation_close
from parvis.desk.services.erase import customer_erase
from parvis.desk.worker import pumps as worker_pumps
from parvis.kernel.clock import clock_at, utcnow
from parvis.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from parvis.ledger.models import Entry, Failure, Subscription
from parvis.ledger.services import subscriptions_deliver
from parvis.queueing.models import Precedence
from parvis.queueing.services import Caller as Queuer
from parvis.queueing.services import call_next, turn_finish, turn_hold, turn_leave, turn_resume
from parvis.reservations.services import Caller, booking_cancel, booking_move
from parvis.staff.domain.viewer import Viewer
from parvis.webhooks import events, services
from parvis.webhooks.catalogue import BY_ENTRY, CATALOGUE
from parvis.webhooks.domain.schedule import PAUSES
from parvis.webhooks.domain.signing import secret_key
from parvis.webhooks.models import Delivery, Endpoint
from parvis.webhooks.payloads import BOOKING, TICKET
from parvis.webhooks.services.queueing import KEPT
from parvis.webhooks.services.sending import CLAIM_LASTS
from parvis.webhooks.worker import Courier
from tests.booking import HOUSE, House, book, wanted
from tests.queueing_world import Hall
from tests.webhooks.receiver import Receiver, verified
from tests.world import World

START = (utcnow() + dt.timedelta(days=3)).replace(hour=10, minute=0, second=0, microsecond=0)
LATER = START + dt.timedelta(days=1)


def add(receiver: Receiver, *names: str, path: str = "hook") -> tuple[Endpoint, str]:
    return services.endpoint_add(viewer=HOUSE, url=receiver.url(path), wanted=names)


def listen(receiver: Receiver, *names: str) -> tuple[Any, str]:
    """A house that takes bookings, whose bookings are told."""
    house = House.open()
    offer = house.offering(house.resource())
    __, secret = add(receiver, *names)
    return offer, secret


def read() -> None:
    """Read on in the ledger as the subscription does, which hears nothing of a test's open transaction."""
    place, __ = Subscription.objects.get_or_create(name="test")
    for entry in Entry.objects.filter(name__in=BY_ENTRY, pk__gt=place.entry_id).order_by("pk"):
        services.deliveries_queue(entry=entry)
        place.entry_id = entry.pk
    place.save()


def deliver() -> int:
    read()
    return services.deliveries_send()


@pytest.mark.django_db
class TestTelling:
    def test_a_booking_is_told_signed(self, receiver: Receiver) -> None:
        offer, secret = listen(receiver, "booking.confirmed")
        booked = book(offer, START)
        deliver()
        [got] = receiver.got
        assert verified(secret, got.headers, got.body)
        assert not verified(secret, got.headers, got.body + b" ")
        assert got.headers["content-type"] == "application/json"
        assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 30
        told = got.told
        assert (told["type"], set(told)) == ("booking.confirmed", {"type", "timestamp", "data"})
        entry = Entry.objects.get(name="booking.confirmed")
        assert dt.datetime.fromisoformat(told["timestamp"]) == entry.at
        assert set(told["data"]) == BOOKING
        assert (told["data"]["reference"], told["data"]["starts_at"]) == (
            booked.reference,
            f"{START:%Y-%m-%dT%H:%M:%SZ}",
        )
        row = Delivery.objects.get()
        assert (row.state, row.status, row.attempts, row.answer) == ("delivered", 200, 1, "")
        assert row.milliseconds is not None

    def test_it_says_nothing_that_people_wrote(self, receiver: Receiver, world: World) -> None:
        add(receiver)
        encounter = world.contact(text="Mon vélo grince beaucoup.", need_id=world.repair.pk)
        conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
        deliver()
        told = " ".join(got.body.decode() for got in receiver.got)
        assert {"encounter.opened", "promise.made", "customer.created", "message.received"} <= set(receiver.types())
        for word in ("grince", "Grincement", "Zoé", "zoe@", "Martin"):
            assert word not in told
        assert encounter.reference in told
        assert encounter.customer.reference in told

    def test_of_the_queue_who_waits_stays_a_number(self, receiver: Receiver, world: World) -> None:
        hall = Hall.open(world)
        [agent] = hall.seat()
        add(receiver)
        mine = hall.take(name="Mme Aubert", phone="+33612345678", note="fragile", precedence=Precedence.ASSISTED)
        gone = hall.take()
        call_next(viewer=agent)
        turn_hold(viewer=agent, turn_id=mine.pk)
        turn_resume(caller=Queuer.staff(agent), turn_id=mine.pk)
        call_next(viewer=agent)
        turn_finish(viewer=agent, turn_id=mine.pk)
        turn_leave(caller=Queuer.staff(agent), turn_id=gone.pk)
        deliver()
        once = ["ticket.called", "ticket.held", "ticket.resumed", "ticket.called", "ticket.served"]
        assert receiver.types() == ["ticket.taken", "ticket.taken", *once, "ticket.left"]
        assert {frozenset(got.told["data"]) for got in receiver.got} == {frozenset(TICKET)}
        data = receiver.got[-2].told["data"]
        assert (data["reference"], data["code"], data["state"]) == (mine.ticket.reference, "R001", "done")
        told = " ".join(got.body.decode() for got in receiver.got)
        for word in ("Aubert", "336123", "fragile", "assisted", mine.ticket.token):
            assert word not in told

    def test_only_what_is_wanted_is_told(self, receiver: Receiver) -> None:
        offer, __ = listen(receiver, "booking.cancelled")
        booked = book(offer, START)
        deliver()
        assert receiver.got == []
        booking_cancel(caller=Caller.staff(HOUSE), booking_id=booked.pk)
        deliver()
        assert receiver.types() == ["booking.cancelled"]

    def test_in_the_order_in_which_it_happened(self, receiver: Receiver) -> None:
        wants = ["booking.confirmed", "booking.moved", "booking.cancelled"]
        offer, __ = listen(receiver, *wants)
        booked, staff = book(offer, START), Caller.staff(HOUSE)
        booking_move(caller=staff, booking_id=booked.pk, wanted=wanted(offer, LATER))
        booking_cancel(caller=staff, booking_id=booked.pk)
        deliver()
        assert receiver.types() == wants
        assert {got.told["data"]["state"] for got in receiver.got} == {"cancelled"}, "as it is at sending"

    def test_each_entry_is_queued_once_however_often_it_is_read(self, receiver: Receiver) -> None:
        offer, __ = listen(receiver, "booking.confirmed")
        book(offer, START)
        deliver()
        Subscription.objects.all().delete()
        deliver()
        assert (Delivery.objects.count(), len(receiver.got)) == (1, 1)

    def test_every_endpoint_gets_its_own(self, receiver: Receiver) -> None:
        offer, first = listen(receiver, "booking.confirmed")
        __, second = add(receiver, path="other")
        book(offer, START)
        deliver()
        by_path = {got.path: got for got in receiver.got if got.told["type"] == "booking.confirmed"}
        assert verified(first, by_path["/hook"].headers, by_path["/hook"].body)
        assert verified(second, by_path["/other"].headers, by_path["/other"].body)
        assert not verified(first, by_path["/other"].headers, by_path["/other"].body)

    def test_nothing_is_told_of_what_happened_before(self, receiver: Receiver) -> None:
        house = House.open()
        book(house.offering(house.resource()), START)
        add(receiver)
        deliver()
        assert receiver.got == []

    def test_a_customer_who_is_forgotten_is_in_nothing_that_is_sent_or_kept(
        self, receiver: Receiver, world: World
    ) -> None:
        add(receiver, "encounter.opened", "customer.erased", "message.received")
        encounter = world.contact()
        read()
        conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
        customer_erase(viewer=world.viewer("administrator"), customer_id=encounter.customer_id)
        deliver()
        assert "customer.erased" in receiver.types()
        kept = json.dumps(list(Delivery.objects.values()), default=str)
        for text in (*(got.body.decode() for got in receiver.got), kept):
            assert not any(word in text for word in ("Zoé", "zoe@", "grince"))
        [erased] = [got.told for got in receiver.got if got.told["type"] == "customer.erased"]
        assert erased["data"] == {"reference": encounter.customer.reference}

    def test_queueing_costs_the_same_however_much_happened(self, receiver: Receiver) -> None:
        offer, __ = listen(receiver, "booking.confirmed")
        book(offer, START)
        entry = Entry.objects.get(name="booking.confirmed")
        for n in range(5):
            add(receiver, path=str(n))
        with CaptureQueriesContext(connection) as found:
            services.deliveries_queue(entry=entry)
        assert len([q for q in found if "SAVEPOINT" not in q["sql"]]) == 2

    def test_every_event_comes_from_an_entry_that_is_written(self) -> None:
        assert len(BY_ENTRY) == len(CATALOGUE)

    def test_the_worker_has_a_pump_for_it(self) -> None:
        assert {"webhooks", "old webhooks"} <= {pump.name for pump in worker_pumps()}


@pytest.mark.django_db
class TestRefusals:
    def test_it_is_tried_again_with_growing_pauses_and_the_same_id(self, receiver: Receiver) -> None:
        receiver.answers = [500, 302, 429]
        offer, secret = listen(receiver, "booking.confirmed")
        book(offer, START)
        deliver()
        begun, waits = utcnow(), []
        for attempt in range(3):
            row = Delivery.objects.get()
            assert (row.state, row.attempts) == ("queued", attempt + 1)
            waits.append(row.next_at - begun)
            with clock_at(row.next_at - dt.timedelta(seconds=1)):
                assert services.deliveries_send() == 0
            begun = row.next_at
            with clock_at(begun):
                assert services.deliveries_send() == 1
        row = Delivery.objects.get()
        assert (row.state, row.attempts, row.status) == ("delivered", 4, 200)
        for wait, planned in zip(waits, PAUSES, strict=False):
            assert abs(wait / planned - 1) < 0.2
        assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
        assert len({got.headers["webhook-timestamp"] for got in receiver.got}) == 4
        assert len({got.body for got in receiver.got}) == 1
        assert all(verified(secret, got.headers, got.body) for got in receiver.got)
        assert Endpoint.objects.get().failing_since is None

    def test_who_asks_to_wait_is_heeded(self, receiver: Receiver) -> None:
        receiver.answers, receiver.headers = [503], {"Retry-After": "900"}
        offer, __ = listen(receiver, "booking.confirmed")
        book(offer, START)
        deliver()
        assert Delivery.objects.get().next_at > utcnow() + dt.timedelta(minutes=14)

    def test_days_of_silence_switch_it_off_and_administrators_see_it(self, receiver: Receiver, world: World) -> None:
        offer, __ = listen(receiver, "booking.confirmed")
        book(offer, START)
        receiver.answers = [500] * 20
        deliver()
        for __ in range(len(PAUSES)):
            with clock_at(Delivery.objects.get().next_at):
                services.deliveries_send()
        row, endpoint = Delivery.objects.get(), Endpoint.objects.get()
        assert (row.state, row.attempts, len(receiver.got)) == ("failed", 10, 10)
        assert (endpoint.is_active, endpoint.off_because) == (False, "failing")
        entry = Entry.objects.get(name=events.SWITCHED_OFF)
        assert (entry.actor_kind, entry.data["because"]) == ("system", "failing")
        from parvis.webhooks.selectors import endpoints_in_trouble

        assert endpoints_in_trouble(world.viewer("administrator"), since=utcnow()) == [endpoint]
        assert endpoints_in_trouble(world.viewer("manager"), since=utcnow()) == []

    def test_one_message_that_is_never_taken_switches_nothing_off(self, receiver: Receiver) -> None:
        offer, __ = listen(receiver, "booking.confirmed")
        book(offer, START)
        receiver.answers = [500] * 9
        deliver()
        for __ in range(8):
            with clock_at(Delivery.objects.get().next_at):
                services.deliveries_send()
        late = Delivery.objects.get().next_at
        with clock_at(late - dt.timedelta(hours=5)):
            services.ping_queue(viewer=HOUSE, endpoint_id=Endpoint.objects.get().pk)
            services.deliveries_send()
        receiver.answers = [500]
        with clock_at(late):
            services.deliveries_send()
        assert Delivery.objects.get(event="booking.confirmed").state == "failed"
        assert Endpoint.objects.get().is_active

    def test_gone_for_good_switches_it_off_at_once(self, receiver: Receiver) -> None:
        receiver.answers = [410]
        offer, __ = listen(receiver, "booking.confirmed")
        book(offer, START)
        deliver()
        book(offer, LATER)
        deliver()
        assert (Delivery.objects.get().state, Endpoint.objects.get().off_because) == ("failed", "gone")
        assert len(receiver.got) == 1

    @pytest.mark.parametrize("body", [b"x" * 500_000, b"\x00\xff\xfe" * 400, b""])
    def test_hostile_answers_change_nothing(self, receiver: Receiver, body: bytes) -> None:
        receiver.body = body
        row, __ = add(receiver)
        services.ping_queue(viewer=HOUSE, endpoint_id=row.pk)
        services.deliveries_send()
        found = Delivery.objects.get()
        assert (found.state, found.error) == ("delivered", "")
        assert len(found.answer) <= 200
        assert "\x00" not in found.answer

    def test_who_does_not_answer_is_left(self, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("parvis.webhooks.services.sending.TIMEOUT", 0.3)
        receiver.waits["/hook"] = threading.Event()
        offer, __ = listen(receiver, "booking.confirmed")
        book(offer, START)
        begun = time.monotonic()
        deliver()
        assert time.monotonic() - begun < 5
        row = Delivery.objects.get()
        assert (row.state, row.error, row.status) == ("queued", "It did not answer in time.", None)

    def test_no_place_within_the_house_is_kept(self, settings: Any) -> None:
        for url in (
            "http://example.com/hook",
            "https://10.0.0.1/",
            "https://[::1]/",
            "ftp://a.example/",
            "https://u:p@a.b/",
        ):
            with pytest.raises(Invalid) as refused:
                services.endpoint_add(viewer=HOUSE, url=url)
            assert "url" in refused.value.fields

    def test_nor_asked_should_it_be_closed_later(self, receiver: Receiver, settings: Any) -> None:
        offer, __ = listen(receiver, "booking.confirmed")
        book(offer, START)
        settings.PARVIS_OUTGOING_NETWORKS = []
        deliver()
        row = Delivery.objects.get()
        assert receiver.got == []
        assert (row.state, "private network" in row.error) == ("queued", True)

    def test_a_message_that_cannot_be_put_together_holds_up_no_other(
        self, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        offer, __ = listen(receiver, "booking.confirmed")
        book(offer, START)
        book(offer, LATER)
        bodies = iter([RuntimeError("broken"), b"{}"])

        def body(*args: Any) -> bytes:
            found = next(bodies)
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr("parvis.webhooks.payloads.body_of", body)
        deliver()
        assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["queued", "delivered"]

    def test_a_worker_that_died_in_between_is_followed_by_another(self, receiver: Receiver) -> None:
        row, __ = add(receiver)
        delivery = services.ping_queue(viewer=HOUSE, endpoint_id=row.pk)
        Delivery.objects.filter(pk=delivery.pk).update(state="sending", claimed_at=utcnow(), attempts=1)
        assert services.deliveries_send() == 0
        with clock_at(utcnow() + CLAIM_LASTS + dt.timedelta(seconds=1)):
            assert services.deliveries_send() == 1
        assert Delivery.objects.get().state == "delivered"


@pytest.mark.django_db
class TestEndpoints:
    def test_the_secret_is_random_long_enough_and_not_kept(self, receiver: Receiver) -> None:
        found = [add(receiver, path=str(n)) for n in range(3)]
        keys = {secret_key(secret) for __, secret in found}
        assert len(keys) == 3
        assert all(24 <= len(key) <= 64 for key in keys)
        stored = json.dumps([list(Endpoint.objects.values()), list(Entry.objects.values("data"))], default=str)
        for key in keys:
            assert key.hex() not in stored
            assert base64.b64encode(key).decode() not in stored

    def test_an_exchanged_secret_signs_for_a_day_more(self, receiver: Receiver) -> None:
        row, old = add(receiver)
        __, new = services.secret_rotate(viewer=HOUSE, endpoint_id=row.pk)
        for hours in (0, 23, 25):
            with clock_at(utcnow() + dt.timedelta(hours=hours)):
                services.ping_queue(viewer=HOUSE, endpoint_id=row.pk)
                services.deliveries_send()
        by_old = [verified(old, got.headers, got.body) for got in receiver.got]
        by_new = [verified(new, got.headers, got.body) for got in receiver.got]
        assert (by_old, by_new) == ([True, True, False], [True, True, True])
        assert not hmac.compare_digest(old, new)

    def test_switched_off_it_hears_nothing_and_what_waited_leaves_when_it_is_on(self, receiver: Receiver) -> None:
        offer, __ = listen(receiver, "booking.confirmed")
        endpoint = Endpoint.objects.get()
        book(offer, START)
        read()
        services.endpoint_switch(viewer=HOUSE, endpoint_id=endpoint.pk, on=False)
        book(offer, LATER)
        deliver()
        assert receiver.got == []
        services.endpoint_switch(viewer=HOUSE, endpoint_id=endpoint.pk, on=True)
        deliver()
        assert [got.told["data"]["starts_at"] for got in receiver.got] == [f"{START:%Y-%m-%dT%H:%M:%SZ}"]
        services.endpoint_switch(viewer=HOUSE, endpoint_id=endpoint.pk, on=False)
        with pytest.raises(Conflict):
            services.ping_queue(viewer=HOUSE, endpoint_id=endpoint.pk)

    def test_a_message_is_sent_again_with_the_same_id(self, receiver: Receiver) -> None:
        offer, __ = listen(receiver, "booking.confirmed")
        endpoint = Endpoint.objects.get()
        book(offer, START)
        deliver()
        row = Delivery.objects.get()
        services.delivery_resend(viewer=HOUSE, endpoint_id=endpoint.pk, message_id=row.message_id)
        services.deliveries_send()
        assert [got.headers["webhook-id"] for got in receiver.got] == [row.message_id] * 2
        other, __ = add(receiver, path="other")
        with pytest.raises(NotFound):
            services.delivery_resend(viewer=HOUSE, endpoint_id=other.pk, message_id=row.message_id)

    def test_what_was_given_up_is_sent_again_together(self, receiver: Receiver) -> None:
        row, __ = add(receiver)
        receiver.answers = [500, 500]
        for __ in range(2):
            services.ping_queue(viewer=HOUSE, endpoint_id=row.pk)
        services.deliveries_send()
        assert services.failed_resend(viewer=HOUSE, endpoint_id=row.pk) == 2
        services.deliveries_send()
        assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}

    def test_old_messages_are_forgotten_and_those_under_way_are_not(self, receiver: Receiver) -> None:
        row, __ = add(receiver)
        for __ in range(2):
            services.ping_queue(viewer=HOUSE, endpoint_id=row.pk)
        Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk).update(state="delivered")
        assert services.deliveries_forget() == 0
        assert services.deliveries_forget(now=utcnow() + KEPT + dt.timedelta(minutes=1)) == 1
        assert Delivery.objects.get().state == "queued"

    def test_a_change_of_the_address_counts_for_what_waits(self, receiver: Receiver) -> None:
        row, __ = add(receiver)
        services.ping_queue(viewer=HOUSE, endpoint_id=row.pk)
        services.endpoint_change(viewer=HOUSE, endpoint_id=row.pk, url=receiver.url("moved"), events=["booking.held"])
        services.deliveries_send()
        assert [got.path for got in receiver.got] == ["/moved"]
        entry = Entry.objects.get(name=events.CHANGED)
        assert entry.data["fields"] == ["events", "url"]

    def test_there_are_not_endlessly_many(self, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("parvis.webhooks.services.endpoints.ENDPOINTS_MAX", 2)
        for n in range(2):
            add(receiver, path=str(n))
        with pytest.raises(Conflict):
            add(receiver)

    @pytest.mark.parametrize("who", ["agent", "lead", "manager", "outsider"])
    def test_they_are_the_administrators(self, receiver: Receiver, world: World, who: str) -> None:
        viewer: Viewer = world.viewer(who)
        row, __ = add(receiver)
        delivery = services.ping_queue(viewer=HOUSE, endpoint_id=row.pk)
        deeds: list[Any] = [
            lambda: services.endpoint_add(viewer=viewer, url=receiver.url()),
            lambda: services.endpoint_change(viewer=viewer, endpoint_id=row.pk, description="x"),
            lambda: services.endpoint_switch(viewer=viewer, endpoint_id=row.pk, on=False),
            lambda: services.secret_rotate(viewer=viewer, endpoint_id=row.pk),
            lambda: services.endpoint_remove(viewer=viewer, endpoint_id=row.pk),
            lambda: services.ping_queue(viewer=viewer, endpoint_id=row.pk),
            lambda: services.failed_resend(viewer=viewer, endpoint_id=row.pk),
            lambda: services.delivery_resend(viewer=viewer, endpoint_id=row.pk, message_id=delivery.message_id),
        ]
        for deed in deeds:
            with pytest.raises(NotAllowed):
                deed()


@pytest.mark.django_db(transaction=True)
class TestSideBySide:
    def test_the_ledgers_reader_queues_what_happened_once(self, receiver: Receiver) -> None:
        offer, __ = listen(receiver, "booking.confirmed")
        for n in range(3):
            book(offer, START + dt.timedelta(days=n))
        until = time.monotonic() + 20
        # Transactions of others, open on the same cluster, let the reader wait.
        while Delivery.objects.count() < 3 and time.monotonic() < until:
            subscriptions_deliver()
        subscriptions_deliver()
        assert not Failure.objects.filter(subscription="webhooks").exists()
        names = Entry.objects.filter(name="booking.confirmed").order_by("pk").values_list("pk", flat=True)
        assert list(Delivery.objects.order_by("pk").values_list("entry_id", flat=True)) == list(names)

    def test_two_workers_never_send_the_same(self, receiver: Receiver) -> None:
        row, __ = add(receiver)
        for __ in range(30):
            services.ping_queue(viewer=HOUSE, endpoint_id=row.pk)
        barrier = threading.Barrier(4)

        def work() -> None:
            connection.ensure_connection()
            barrier.wait()
            try:
                services.deliveries_send()
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for __ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        ids = [got.headers["webhook-id"] for got in receiver.got]
        assert (len(ids), len(set(ids))) == (30, 30)
        assert set(Delivery.objects.values_list("state", "attempts")) == {("delivered", 1)}

    def test_a_slow_endpoint_holds_up_no_other_and_no_transaction_is_open(self, receiver: Receiver) -> None:
        receiver.waits["/slow"] = threading.Event()
        slow, __ = add(receiver, path="slow")
        quick, __ = add(receiver, path="quick")
        for endpoint in (slow, slow, quick, quick):
            services.ping_queue(viewer=HOUSE, endpoint_id=endpoint.pk)
        courier, until = Courier(lanes=2), time.monotonic() + 15
        while Delivery.objects.filter(endpoint=quick, state="delivered").count() < 2 and time.monotonic() < until:
            courier.run()
        assert not receiver.waits["/slow"].is_set()
        assert Delivery.objects.filter(endpoint=quick, state="delivered").count() == 2
        # Whoever waits for an answer holds no lock: others write meanwhile.
        services.endpoint_change(viewer=HOUSE, endpoint_id=slow.pk, description="slow one")
        receiver.waits["/slow"].set()
        while courier.run() and time.monotonic() < until:
            pass
        assert Delivery.objects.filter(state="delivered").count() == 4
        assert courier.run() == 0

    def test_an_endpoint_gets_one_message_at_a_time_the_oldest_first(self, receiver: Receiver) -> None:
        row, __ = add(receiver)
        ids = [services.ping_queue(viewer=HOUSE, endpoint_id=row.pk).message_id for __ in range(6)]
        courier = Courier()
        while courier.run():
            pass
        assert [got.headers["webhook-id"] for got in receiver.got] == ids
        assert receiver.most_together == 1
