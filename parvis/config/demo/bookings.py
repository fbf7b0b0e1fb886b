"""What can be booked at the demo's workshop, and who did: appointments, bicycles for the weekend, courses."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from parvis.config.demo.house import House
from parvis.config.demo.speed import survivable
from parvis.customers.models import Customer
from parvis.customers.selectors import customers_visible
from parvis.desk.handlers import booking_follow
from parvis.kernel.clock import clock_at, utcnow, zone
from parvis.kernel.errors import ParvisError
from parvis.ledger.models import Entry
from parvis.reservations.availability import Asked, free_only, slots_between
from parvis.reservations.domain.rules import window
from parvis.reservations.models import Booking, Door
from parvis.reservations.services import (
    Caller,
    Guest,
    Wanted,
    booking_arrive,
    booking_cancel,
    booking_finish,
    booking_make,
    booking_miss,
)
from parvis.reservations.services.partners import partner_save
from parvis.reservations.services.setting_up import Need, absence_add, offering_save, resource_save, session_plan
from parvis.reservations.supply import Offer, offer_get
from parvis.staff.domain.viewer import Viewer

AHEAD = dt.timedelta(days=20)
Deed = Callable[[], None]
_NOTES = {
    "fr": (
        "",
        "",
        "",
        "Le frein arrière frotte.",
        "C’est un vélo cargo, il prend de la place.",
        "Je viens avec ma fille.",
    ),
    "en": ("", "", "", "The rear brake rubs.", "It is a cargo bike, it takes some room.", "I'll bring the spare key."),
}
_DOORS = (Door.PORTAL, Door.PORTAL, Door.PORTAL, Door.AGENT, Door.AGENT, Door.WIDGET)
_CIRCLE = 12  # customers who come back most
# How many bookings of each a working day sees, on average.
_PACE = {"revision": 1.6, "diagnostic": 1.4, "essai-cargo": 0.5, "location": 0.5}


def supply_build(house: House) -> dict[str, Offer]:
    """The workshop's resources and offerings, by slug."""
    viewer, site = Viewer.house(), house.sites["canal"]
    make = lambda name, kind, **fields: resource_save(  # noqa: E731
        viewer=viewer, site_id=site.pk, name=name, kind=kind, **fields
    )
    malik = make("Malik", "person", member_id=house.members["malik"].pk, position=1)
    jeanne = make("Jeanne", "person", member_id=house.members["jeanne"].pk, position=2)
    stands = make("Pieds d’atelier", "pool", capacity=2, is_public=False, position=3)
    cargo = make("Vélo cargo d’essai", "machine", position=4)
    rentals = make("Vélos de location", "pool", capacity=6, is_public=False, position=5)
    room = make("Salle des cours", "room", is_public=False, position=6)
    mechanics, common = [malik.pk, jeanne.pk], {"horizon_days": 60, "currency": "EUR"}
    specs: list[tuple[dict[str, Any], list[Need]]] = [
        (
            {
                "slug": "revision", "need_id": house.needs["repair"].pk if "repair" in house.needs else None,
                "name": {"fr": "Révision complète", "en": "Full service"},
                "summary": {
                    "fr": "Une heure sur pied d’atelier : freins, transmission, roues. Vous pouvez regarder.",
                    "en": "An hour on the stand: brakes, gears, wheels. You are welcome to watch.",
                },
                "duration_minutes": 60, "step_minutes": 30, "buffer_after": 15, "notice_minutes": 120,
                "price_minor": 6900, "late_fee_minor": 1500,
            },
            [Need(mechanics), Need([stands.pk])],
        ),
        (
            {
                "slug": "diagnostic", "name": {"fr": "Diagnostic rapide", "en": "Quick check"},
                "summary": {
                    "fr": "Vingt minutes pour trouver ce qui ne va pas, et un devis avant tout travail.",
                    "en": "Twenty minutes to find what is wrong, and a quote before any work.",
                },
                "duration_minutes": 20, "step_minutes": 20, "buffer_after": 10, "notice_minutes": 30,
            },
            [Need(mechanics)],
        ),
        (
            {
                "slug": "essai-cargo", "name": {"fr": "Essai d’un vélo cargo", "en": "Cargo bike test ride"},
                "summary": {
                    "fr": "Trois quarts d’heure pour l’essayer chargé, avec vos enfants si vous voulez.",
                    "en": "Three quarters of an hour to try it loaded, children welcome.",
                },
                "duration_minutes": 45, "step_minutes": 60, "buffer_before": 15, "buffer_after": 15,
                "buffers_shared": True, "max_party": 3, "notice_minutes": 60,
            },
            [Need([cargo.pk])],
        ),
        (
            {
                "slug": "location", "unit": "night", "name": {"fr": "Location de vélo", "en": "Bicycle rental"},
                "summary": {
                    "fr": "Un vélo de ville révisé, antivol et casque compris, à la nuit ou au week-end.",
                    "en": "A city bike in good order, lock and helmet included, by the night or the weekend.",
                },
                "check_in": "10:00", "check_out": "18:00", "max_nights": 7, "max_party": 4,
                "price_minor": 1800, "price_per": "night", "deposit_minor": 15000,
            },
            [Need([rentals.pk], per_person=True)],
        ),
        (
            {
                "slug": "cours-crevaison", "unit": "session", "max_party": 4, "price_minor": 2500,
                "price_per": "person",
                "name": {"fr": "Cours : réparer une crevaison", "en": "Course: mending a puncture"},
                "summary": {
                    "fr": "Deux heures, les mains dans le cambouis, avec votre propre vélo. Huit places.",
                    "en": "Two hours, hands-on, with your own bicycle. Eight places.",
                },
            },
            [Need([room.pk])],
        ),
    ]  # fmt: skip
    found = {}
    for position, (fields, needs) in enumerate(specs):
        row = offering_save(viewer=viewer, site_id=site.pk, position=position, needs=needs, **{**common, **fields})
        found[row.slug] = offer_get(row.pk)
    return found


class Bookings:
    """Who books when, and what comes of it: deeds among those of the player, in the order of time.

    `at`: has a deed done at an instant, if that lies in the past.
    """

    def __init__(
        self, house: House, draw: random.Random, tally: Counter[str], at: Callable[[dt.datetime, Deed], None]
    ) -> None:
        self.house, self.draw, self.tally, self.at = house, draw, tally, at
        self.offers: dict[str, Offer] = {}
        self._told = 0

    def plan(self, start: dt.datetime, now: dt.datetime, share: float = 1.0) -> None:
        """Set up what can be booked, and have three months of bookings made, and those of three weeks ahead.

        `share`: of the usual number of bookings.
        """
        with clock_at(start):
            self.offers = supply_build(self.house)
            courses = _courses(self.offers["cours-crevaison"], start, now)
        place = zone(self.offers["revision"].tz)
        self.at(now - dt.timedelta(days=3), lambda: self._leave(now))
        self.at(now - dt.timedelta(days=2), lambda: self._neighbours(now))
        day, last = start.astimezone(place).date(), (now + AHEAD).astimezone(place).date()
        while day <= last:
            wanted = [slug for slug, pace in _PACE.items() for __ in range(self._times(pace * share))]
            if day in courses:
                wanted += ["cours-crevaison"] * self._times(share * self.draw.randint(2, 5))
            for slug in wanted:
                self.at(self._when(day, place, start, now), partial(self._book, slug, day))
            day += dt.timedelta(days=1)

    def _times(self, pace: float) -> int:
        return int(pace) + (self.draw.random() < pace % 1)

    def _when(self, day: dt.date, place: dt.tzinfo, start: dt.datetime, now: dt.datetime) -> dt.datetime:
        """Some days ahead, at a waking hour."""
        booked = day - dt.timedelta(days=int(self.draw.expovariate(1 / 5)))
        hour = dt.time(self.draw.randint(7, 9) if booked == day else self.draw.randint(8, 21), self.draw.randint(0, 59))
        wanted = dt.datetime.combine(booked, hour, tzinfo=place).astimezone(dt.UTC)
        latest = now - dt.timedelta(minutes=self.draw.randint(2, 2000))
        return max(start + dt.timedelta(hours=1), min(wanted, latest))

    def _leave(self, now: dt.datetime) -> None:
        revision = self.offers["revision"]
        day = now.astimezone(zone(revision.tz)).date() + dt.timedelta(days=9)
        begin = dt.datetime.combine(day, dt.time(14), tzinfo=zone(revision.tz))
        absence_add(
            viewer=Viewer.house(), resource_id=revision.needs[0].resource_ids[1],
            starts_at=begin, ends_at=begin + dt.timedelta(hours=5), reason="Formation freinage",
        )  # fmt: skip

    def _neighbours(self, now: dt.datetime) -> None:
        """The hotel next door books for its guests; and somebody without a mail address calls."""
        rental, revision = self.offers["location"], self.offers["revision"]
        ids = [rental.row.pk, self.offers["essai-cargo"].row.pk]
        hotel = partner_save(viewer=Viewer.house(), name="Hôtel des Récollets", offering_ids=ids)
        agent = Caller.staff(self.house.viewer("ines"))
        for caller, offer, days, guest in (
            (
                Caller.partner(hotel.pk),
                rental,
                2,
                Guest(name="Harriet Lowe", email="h.lowe@mail.example", language="en"),
            ),
            (
                Caller.partner(hotel.pk),
                rental,
                5,
                Guest(name="Famille Okafor", phone="+33 6 39 98 01 44", note="Deux enfants."),
            ),
            (agent, revision, 3, Guest(name="Marcel Petit", phone="06 39 98 02 17", language="fr")),
        ):
            self._take_first(caller, offer, now + dt.timedelta(days=days), guest)

    def _take_first(self, caller: Caller, offer: Offer, since: dt.datetime, guest: Guest) -> None:
        day = since.astimezone(zone(offer.tz)).date()
        slots = free_only(slots_between(offer, day, day + dt.timedelta(days=6), Asked(), now=utcnow()))
        if slots:
            with survivable():
                booking = booking_make(caller=caller, wanted=Wanted(offer.row.pk, slots[0].start), guest=guest)
            self._done(booking, "bookings")

    def _book(self, slug: str, day: dt.date) -> None:
        """Somebody takes one of the free times of a day."""
        offer, draw, now = self.offers[slug], self.draw, utcnow()
        nights = draw.choice((1, 1, 2)) if offer.row.unit == "night" else 1
        party = draw.randint(1, min(2, offer.terms.max_party))
        slots = free_only(slots_between(offer, day, day, Asked(party=party, nights=nights), now=now))
        slots = [slot for slot in slots if slot.start >= window(offer.terms, now)[0]]
        people = Customer.objects.filter(merged_into=None, erased_at=None).exclude(name="")
        known = list(people.order_by("pk").values_list("pk", "language"))
        if not slots or not known:
            return
        viewer, door = self.house.viewer(draw.choice(("ines", "tom"))), draw.choice(_DOORS)
        # Staff takes bookings of customers they may see. Nearly half of all are made by a small circle, so that there
        # is a past to go by.
        seen = set(customers_visible(viewer).values_list("pk", flat=True)) if door is Door.AGENT else None
        there = [one for one in known if seen is None or one[0] in seen]
        if not there:
            return
        circle = [one for one in known[:_CIRCLE] if one in there] or there
        slot, (customer_id, language) = draw.choice(slots), draw.choice(circle if draw.random() < 0.45 else there)
        caller = Caller.staff(viewer) if door is Door.AGENT else Caller.public(door, customer_id)
        guest = Guest(customer_id=customer_id, note=draw.choice(_NOTES[language or "fr"]))
        wanted = Wanted(offer.row.pk, slot.start, party, nights, session_id=slot.session_id)
        try:
            with survivable():
                booking = booking_make(caller=caller, wanted=wanted, guest=guest)
        except ParvisError:
            self.tally["bookings refused"] += 1
            return
        self._done(booking, "bookings")
        self._outcome(booking, viewer, self._faith(known, customer_id, door))

    def _faith(self, known: list[tuple[int, str]], customer_id: int, door: Door) -> float:
        """How much likelier than usual somebody is to come: what is booked on the widget is soon forgotten."""
        place = known.index(next(one for one in known if one[0] == customer_id))
        if place < _CIRCLE:
            return 0.25 if place % 4 == 0 else 6.0
        return {Door.AGENT: 4.0, Door.WIDGET: 0.4}.get(door, 1.2)

    def _outcome(self, booking: Booking, viewer: Viewer, faith: float) -> None:
        staff, luck = Caller.staff(viewer), self.draw.random() * faith
        if luck < 0.1:
            early = booking.starts_at - dt.timedelta(hours=self.draw.choice((2, 30, 60)))
            moment = max(early, booking.created_at + dt.timedelta(minutes=5))
            moment = min(moment, booking.starts_at - dt.timedelta(minutes=1))  # some book for half an hour later
            by = Caller.public(Door.PORTAL, booking.customer_id)
            self._then(moment, booking, booking_cancel, by, "bookings cancelled")
        elif luck < 0.16:
            self._then(booking.starts_at + dt.timedelta(minutes=20), booking, booking_miss, staff, "bookings missed")
        else:
            arrival = booking.starts_at + dt.timedelta(minutes=self.draw.randint(-8, 4))
            self._then(max(arrival, booking.created_at), booking, booking_arrive, staff, "bookings kept")
            self._then(booking.ends_at, booking, booking_finish, staff, "bookings done")

    def _then(self, at: dt.datetime, booking: Booking, act: Any, caller: Caller, name: str) -> None:
        def deed() -> None:
            act(caller=caller, booking_id=booking.pk)
            self._done(booking, name)

        self.at(at, deed)

    def _done(self, booking: Booking, name: str) -> None:
        """Count it, and have follow at the desk what follows: the encounter, the promise, the letters."""
        self.tally[name] += 1
        for entry in Entry.objects.filter(pk__gt=self._told, name__startswith="booking.").order_by("pk"):
            booking_follow(entry)
            self._told = entry.pk


def _courses(offer: Offer, start: dt.datetime, now: dt.datetime) -> set[dt.date]:
    """One every other Saturday morning; returns the days."""
    place = zone(offer.tz)
    day = start.astimezone(place).date()
    saturday = day + dt.timedelta(days=(5 - day.weekday()) % 7)
    days = set()
    while saturday <= (now + AHEAD + dt.timedelta(days=14)).date():
        begin = dt.datetime.combine(saturday, dt.time(10), tzinfo=place)
        end = begin + dt.timedelta(hours=2)
        session_plan(viewer=Viewer.house(), offering_id=offer.row.pk, starts_at=begin, ends_at=end, seats=8)
        days.add(saturday)
        saturday += dt.timedelta(days=14)
    return days
