"""Setting up a new house: the business, its first site and touchpoints, a small tree of needs, its administrator."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parvis.catalog import events
from parvis.catalog.models import Business, Channel
from parvis.catalog.services.common import authorise, record
from parvis.catalog.services.house import business_save
from parvis.catalog.services.needs import need_save
from parvis.catalog.services.places import site_save, touchpoint_save
from parvis.kernel.errors import Conflict
from parvis.kernel.holidays import has_holidays
from parvis.staff.domain.viewer import Right, Role, Viewer
from parvis.staff.services import member_create
from parvis.toolkit.db import claim_key

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
LONG_LUNCH = ("ES", "FR", "GR", "IT", "PT")

CHANNEL_NAMES = {
    "fr": {"email": "Courriel", "form": "Formulaire du site", "phone": "Téléphone", "counter": "Accueil"},
    "en": {"email": "E-mail", "form": "Web form", "phone": "Phone", "counter": "Counter"},
}

# From the trunk (what can be done for you here at all?) to the first branches; a start, to be rewritten.
STARTER_TREE: tuple[dict[str, Any], ...] = (
    {
        "name": {"en": "I have a question", "fr": "J’ai une question"},
        "summary": {"en": "What we do, how, and at what price.", "fr": "Ce que nous faisons, comment, à quel prix."},
        "branches": (
            {
                "name": {"en": "Opening hours and access", "fr": "Horaires et accès"},
                "answer": {
                    "en": "Our opening hours and our address stand at the foot of this page.",
                    "fr": "Nos horaires et notre adresse figurent au bas de cette page.",
                },
            },
            {"name": {"en": "Prices", "fr": "Tarifs"}},
            {"name": {"en": "Something else", "fr": "Autre question"}},
        ),
    },
    {
        "name": {"en": "I would like to place an order", "fr": "Je souhaite passer commande"},
        "summary": {"en": "A quote, an appointment, an order.", "fr": "Un devis, un rendez-vous, une commande."},
        "branches": (
            {"name": {"en": "A quote", "fr": "Un devis"}},
            {"name": {"en": "An appointment", "fr": "Un rendez-vous"}},
        ),
    },
    {
        "name": {"en": "Where does my request stand?", "fr": "Où en est ma demande ?"},
        "summary": {"en": "An order, a repair, an invoice.", "fr": "Une commande, une réparation, une facture."},
        "first_answer_minutes": 120,
    },
    {
        "name": {"en": "Something went wrong", "fr": "Quelque chose ne va pas"},
        "summary": {"en": "Tell us: we put it right.", "fr": "Dites-le-nous : nous le réparons."},
        "priority": 1,
        "first_answer_minutes": 60,
        "resolution_minutes": 960,
    },
)


@dataclass(frozen=True)
class Founder:
    """The first administrator. Without a password they set one by "forgotten password"."""

    name: str
    email: str
    password: str | None = field(default=None, repr=False)


def house_found(
    *,
    viewer: Viewer,
    name: str,
    administrator: Founder,
    languages: Sequence[str] = ("en", "fr"),
    country: str = "FR",
    timezone: str = "Europe/Paris",
    site_name: str = "",
    mailbox: str = "",
    starter_tree: bool = True,
) -> Business:
    """Set up an empty database as a house that can open its door today, in one transaction.

    Makes the business, its administrator, a site with usual hours, a form, a phone and a counter (and a mailbox, if its
    address is given), and a small tree of needs in both languages. Raises Conflict if there is a house already, Invalid
    with `fields` for what cannot be used.
    """
    authorise(viewer, Right.MANAGE_PEOPLE)
    with transaction.atomic():
        claim_key("catalog:house")
        if Business.objects.exists():
            raise Conflict(
                _("There is a house in this database already."),
                code="house_exists",
                hint=_("Change it under Settings, or use another database."),
            )
        house = business_save(viewer=viewer, name=name, languages=languages, country=country, timezone=timezone)
        record(viewer, events.HOUSE_FOUNDED)
        language = house.languages[0]
        member_create(
            viewer=viewer,
            email=administrator.email,
            name=administrator.name,
            password=administrator.password,
            role=Role.ADMINISTRATOR,
            language=language,
            all_sites=True,
        )
        _first_site(viewer, house, site_name or house.name, mailbox, CHANNEL_NAMES[language])
        if starter_tree:
            _grow(viewer, STARTER_TREE, None)
    return house


def _first_site(viewer: Viewer, house: Business, name: str, mailbox: str, names: dict[str, str]) -> None:
    usual = [["09:00", "12:30"], ["14:00", "18:30"]] if house.country in LONG_LUNCH else [["09:00", "17:30"]]
    site = site_save(
        viewer=viewer,
        name=name,
        country=house.country,
        timezone=house.timezone,
        observes_holidays=has_holidays(house.country),
        hours=dict.fromkeys(WEEKDAYS, usual),
        email=mailbox,
    )
    for channel in (Channel.FORM, Channel.PHONE, Channel.COUNTER):
        touchpoint_save(viewer=viewer, site_id=site.pk, channel=channel.value, name=names[channel.value])
    if mailbox:
        touchpoint_save(viewer=viewer, site_id=site.pk, channel="email", name=names["email"], address=mailbox)


def _grow(viewer: Viewer, nodes: Sequence[dict[str, Any]], parent_id: int | None) -> None:
    for node in nodes:
        fields = {key: value for key, value in node.items() if key != "branches"}
        need = need_save(viewer=viewer, parent_id=parent_id, **fields)
        _grow(viewer, node.get("branches", ()), need.pk)
