"""A small house to test in, set up through services: two sites, a cast of four, and an outsider of the other site."""

from dataclasses import dataclass
from typing import Any

import pytest

from parvis.catalog.models import Business, Need, Site, SiteMember, Touchpoint
from parvis.desk.services import contact_receive
from parvis.desk.services.contacts import Contact
from parvis.ledger.services import Actor
from parvis.staff.domain.viewer import Role, Viewer
from parvis.staff.models import Member
from parvis.staff.selectors import viewer_of
from parvis.staff.services import member_create

PASSWORD = "correct horse battery staple"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


@dataclass
class World:
    """The house of the tests. `canal` and `gare` are sites; the cast works at `canal`, the outsider at `gare`."""

    canal: Site
    gare: Site
    mailbox: Touchpoint
    other_mailbox: Touchpoint
    repair: Need
    agent: Member
    lead: Member
    manager: Member
    administrator: Member
    outsider: Member

    def viewer(self, who: str | Member) -> Viewer:
        """The viewer of one of the cast, by name or row."""
        return viewer_of(getattr(self, who) if isinstance(who, str) else who)

    def contact(self, **fields: Any) -> Any:
        """A contact comes in at `canal` (by the form unless said otherwise); returns its encounter."""
        given = {
            "channel": "form",
            "text": "Bonjour, mon vélo grince.",
            "subject": "Grincement",
            "name": "Zoé Martin",
            "email": "zoe@exemple.example",
            "site_id": self.canal.pk,
        }
        encounter, __ = contact_receive(actor=Actor.system(), contact=Contact(**{**given, **fields}))
        encounter.refresh_from_db()
        return encounter


@pytest.fixture
def world(db: None) -> World:
    """See World."""
    house = Viewer.house()
    Business.objects.create(name="Atelier du Canal", languages=["fr", "en"], country="FR", timezone="Europe/Paris")
    hours = {day: [["09:00", "12:30"], ["14:00", "18:30"]] for day in WEEKDAYS}
    place = {"timezone": "Europe/Paris", "country": "FR", "hours": hours}
    canal = Site.objects.create(name="Canal", slug="canal", **place)
    gare = Site.objects.create(name="Gare", slug="gare", **place)
    cast = {
        name: member_create(
            viewer=house, email=f"{name}@parvis.example", name=name.title(), role=role, password=PASSWORD
        )
        for name, role in [
            ("agent", Role.AGENT),
            ("lead", Role.LEAD),
            ("manager", Role.MANAGER),
            ("administrator", Role.ADMINISTRATOR),
            ("outsider", Role.AGENT),
        ]
    }
    SiteMember.objects.bulk_create(
        SiteMember(site=gare if name == "outsider" else canal, member=member)
        for name, member in cast.items()
        if name != "administrator"
    )
    mailbox = Touchpoint.objects.create(site=canal, channel="email", name="Mail", address="bonjour@canal.example")
    other = Touchpoint.objects.create(site=gare, channel="email", name="Mail", address="bonjour@gare.example")
    Touchpoint.objects.bulk_create(
        Touchpoint(site=site, channel=channel, name=channel.title())
        for site in (canal, gare)
        for channel in ("form", "phone", "counter", "api")
    )
    repair = Need.objects.create(
        slug="repair",
        name={"en": "Repair", "fr": "Réparation"},
        first_answer_minutes=120,
        resolution_minutes=1440,
    )
    return World(canal, gare, mailbox, other, repair, **cast)
