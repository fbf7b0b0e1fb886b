"""What can be booked at the demo's workshop, and who did: appointments, bicycles for the weekend, courses."""

import datetime as dt
import random
from collections import Counter
from typing import Any

from parvis.config.demo.house import House
from parvis.customers.models import Customer
from parvis.desk.handlers import booking_follow
from parvis.kernel.clock import clock_at, zone
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
from parvis.reservations.services.setting_up import Need, absence_add, offering_save, resource_save, session_plan
from parvis.reservations.supply import Offer, offer_get
from parvis.staff.domain.viewer import Viewer

AHEAD = dt.timedelta(days=20)
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


def bookings_play(house: House, *, start: dt.datetime, now: dt.datetime, seed: int) -> Counter[str]:
    """Three months of bookings and three weeks ahead, each made when it would have been; returns how many of each."""
    draw, tally = random.Random(seed), Counter[str]()  # noqa: S311 - a demo's dice
    with clock_at(start):
        offers = supply_build(house)
    people = list(Customer.objects.filter(merged_into=None, erased_at=None).exclude(name="").order_by("pk")[:160])
    place = zone(offers["revision"].tz)
    day = start.astimezone(place).date()
    last = (now + AHEAD).astimezone(place).date()
    _courses(offers["cours-crevaison"], house, start, now)
    with clock_at(now):
        leave = dt.datetime.combine(now.astimezone(place).date() + dt.timedelta(days=9), dt.time(14), tzinfo=place)
        absence_add(
            viewer=Viewer.house(), resource_id=offers["revision"].needs[0].resource_ids[1],
            starts_at=leave, ends_at=leave + dt.timedelta(hours=5), reason="Formation freinage",
        )  # fmt: skip
    while day <= last:
        for slug, pace in _PACE.items():
            for __ in range(_times(draw, pace)):
                _one(house, offers[slug], day, draw, people, start, now, tally)
        day += dt.timedelta(days=1)
    return tally


def _times(draw: random.Random, pace: float) -> int:
    return int(pace) + (draw.random() < pace % 1)


def _courses(offer: Offer, house: House, start: dt.datetime, now: dt.datetime) -> None:
    """One every other Saturday morning."""
    place = zone(offer.tz)
    day = start.astimezone(place).date()
    saturday = day + dt.timedelta(days=(5 - day.weekday()) % 7)
    while saturday <= (now + AHEAD + dt.timedelta(days=14)).date():
        begin = dt.datetime.combine(saturday, dt.time(10), tzinfo=place)
        with clock_at(start):
            session_plan(
                viewer=Viewer.house(), offering_id=offer.row.pk, starts_at=begin, ends_at=begin + dt.timedelta(hours=2),
                seats=8,
            )  # fmt: skip
        saturday += dt.timedelta(days=14)


def _one(
    house: House,
    offer: Offer,
    day: dt.date,
    draw: random.Random,
    people: list[Customer],
    start: dt.datetime,
    now: dt.datetime,
    tally: Counter[str],
) -> None:
    """Somebody books a visit on this day, some days before, and what came of it."""
    nights = draw.choice((1, 1, 2)) if offer.row.unit == "night" else 1
    asked = Asked(party=draw.randint(1, min(2, offer.terms.max_party)), nights=nights)
    slots = free_only(slots_between(offer, day, day, asked, now=now))
    if not slots:
        return
    slot, customer = draw.choice(slots), draw.choice(people)
    made = max(
        start, min(slot.start - dt.timedelta(days=draw.expovariate(1 / 5), hours=3), now - dt.timedelta(minutes=1))
    )
    if not window(offer.terms, made)[0] <= slot.start:
        return
    door = draw.choice(_DOORS)
    viewer = house.viewer(draw.choice(("ines", "tom")))
    caller = Caller.staff(viewer) if door is Door.AGENT else Caller.public(door, customer.pk)
    guest = Guest(customer_id=customer.pk, note=draw.choice(_NOTES[customer.language or "fr"]))
    wanted = Wanted(offer.row.pk, slot.start, asked.party, nights)
    try:
        with clock_at(made):
            booking = booking_make(caller=caller, wanted=wanted, guest=guest)
        _outcome(booking, viewer, draw, now, tally)
        _followed(booking)
    except ParvisError:
        tally["bookings refused"] += 1


def _outcome(booking: Booking, viewer: Viewer, draw: random.Random, now: dt.datetime, tally: Counter[str]) -> None:
    tally["bookings"] += 1
    staff, luck = Caller.staff(viewer), draw.random()
    if luck < 0.1:
        early = booking.starts_at - dt.timedelta(hours=draw.choice((2, 30, 60)))
        moment = min(max(early, booking.created_at + dt.timedelta(minutes=5)), now)
        with clock_at(moment):
            booking_cancel(caller=Caller.public(Door.PORTAL, booking.customer_id), booking_id=booking.pk)
        tally["bookings cancelled"] += 1
    elif booking.starts_at <= now:
        missed = luck < 0.16
        with clock_at(booking.starts_at + dt.timedelta(minutes=20 if missed else 1)):
            (booking_miss if missed else booking_arrive)(caller=staff, booking_id=booking.pk)
        tally["bookings missed" if missed else "bookings kept"] += 1
        if not missed and booking.ends_at <= now:
            with clock_at(booking.ends_at):
                booking_finish(caller=staff, booking_id=booking.pk)


def _followed(booking: Booking) -> None:
    """What follows from it at the desk, at the time of each entry: the encounter, the promise, the letters."""
    for entry in Entry.objects.filter(name__startswith="booking.", data__booking=booking.pk).order_by("pk"):
        with clock_at(entry.at):
            booking_follow(entry)
