"""The house itself: sites and hours, touchpoints, the tree of needs, members, standard replies.

Set up by rows rather than through the settings: a house must stand before anybody can be let in to change it.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password

from parvis.catalog.models import Business, Need, Site, SiteMember, Text, Touchpoint
from parvis.config.demo.needs import ICONS, NEEDS, NeedLine
from parvis.desk.models import Macro
from parvis.staff.domain.viewer import Role, Viewer
from parvis.staff.models import Member, Team
from parvis.staff.selectors import viewer_of
from parvis.staff.services import member_create, profile_change, team_save

NAME = "Atelier du Canal"
DOMAIN = "atelier-canal.example"
PASSWORD = "les-jantes-du-canal"
ZONE = "Europe/Paris"

_LONG = [["09:30", "12:30"], ["14:00", "19:00"]]
_KIOSK = [["07:30", "10:30"], ["16:30", "19:30"]]
HOURS: dict[str, dict[str, list[list[str]]]] = {
    "canal": dict.fromkeys(("tue", "wed", "thu", "fri"), _LONG) | {"sat": [["09:30", "13:00"], ["14:00", "18:00"]]},
    "gare": dict.fromkeys(("tue", "wed", "thu", "fri"), _KIOSK) | {"sat": [["10:00", "13:00"]]},
}
TEAMS = {"counter": "Comptoir", "workshop": "Atelier", "fleet": "Flottes", "kiosk": "Point relais"}


@dataclass(frozen=True)
class Colleague:
    """A member of the demo's staff."""

    key: str
    name: str
    role: Role
    language: str
    site: str  # "" for every site
    teams: tuple[str, ...]
    signature: str = ""


STAFF = (
    Colleague("claire", "Claire Delmas", Role.ADMINISTRATOR, "fr", "", ("counter",), "Claire"),
    Colleague("hugo", "Hugo Vasseur", Role.MANAGER, "fr", "", ("fleet",), "Hugo Vasseur\nResponsable des flottes"),
    Colleague("ines", "Inès Benali", Role.LEAD, "fr", "canal", ("counter",), "Inès, au comptoir"),
    Colleague("malik", "Malik Traoré", Role.AGENT, "fr", "canal", ("workshop",), "Malik, mécanicien"),
    Colleague("jeanne", "Jeanne Le Goff", Role.AGENT, "fr", "canal", ("workshop",), "Jeanne, mécanicienne"),
    Colleague("tom", "Tom Whitaker", Role.AGENT, "en", "canal", ("counter",), "Tom"),
    Colleague("sofia", "Sofia Marques", Role.AGENT, "en", "gare", ("kiosk",), "Sofia – Gare de l’Est"),
)

_MACROS = [
    (
        "Horaires / Opening hours",
        {
            "fr": "Nous sommes ouverts du mardi au vendredi, 9 h 30 – 12 h 30 et 14 h – 19 h, le samedi jusqu’à 18 h.",
            "en": "We are open Tuesday to Friday 9:30–12:30 and 14:00–19:00, and on Saturday until 18:00.",
        },
        None,
    ),
    (
        "Vélo prêt / Bicycle ready",
        {
            "fr": "Votre vélo est prêt : venez le chercher quand vous voulez, pendant nos heures d’ouverture.",
            "en": "Your bicycle is ready: come and fetch it whenever it suits you during our opening hours.",
        },
        "workshop",
    ),
    (
        "Crevaison sans rendez-vous / Puncture, no appointment",
        {
            "fr": "Pour une crevaison, passez sans rendez-vous : comptez un quart d’heure sur place.",
            "en": "For a puncture just come by, no appointment needed: it takes about a quarter of an hour.",
        },
        None,
    ),
    (
        "Devis flotte / Fleet quote",
        {
            "fr": "Pour une flotte, nous passons voir les vélos chez vous et le devis est gratuit.",
            "en": "For a fleet we come and look at the bicycles on site, and the quote is free.",
        },
        "fleet",
    ),
]


@dataclass
class House:
    """The house as the player needs it: rows by key, and each member's viewer."""

    sites: dict[str, Site]
    touchpoints: dict[tuple[str, str], Touchpoint]  # (site, channel)
    needs: dict[str, Need]
    members: dict[str, Member]
    teams: dict[str, Team]
    _viewers: dict[str, Viewer] = field(default_factory=dict)

    def viewer(self, key: str) -> Viewer:
        """The viewer of a member."""
        if key not in self._viewers:
            self._viewers[key] = viewer_of(self.members[key])
        return self._viewers[key]


def email_of(colleague: Colleague) -> str:
    """The address a member signs in with."""
    return f"{colleague.key}@{DOMAIN}"


def house_build(now: dt.datetime) -> House:
    """Put up the house, its exceptional days around `now`, inside the caller's transaction."""
    _business()
    teams = {key: team_save(viewer=Viewer.house(), name=name) for key, name in TEAMS.items()}
    sites = {key: _site(key, now) for key in ("canal", "gare")}
    members = {c.key: _member(c, sites, teams) for c in STAFF}
    # One password for all of the demo: hashed once, since hashing takes as long as it should.
    Member.objects.update(password=make_password(PASSWORD))
    house = House(sites, _touchpoints(sites, teams), {}, members, teams)
    for position, line in enumerate(NEEDS):
        _need(house, line, position)
    for name, text, team in _MACROS:
        Macro.objects.create(name=name, text=text, team=teams[team] if team else None)
    return house


def _business() -> None:
    Business.objects.create(
        name=NAME,
        languages=["fr", "en"],
        country="FR",
        timezone=ZONE,
        accent="#0f6b66",
        greeting={
            "fr": "Bonjour et bienvenue ! Dites-nous ce qui amène votre vélo, on s’en occupe.",
            "en": "Hello and welcome! Tell us what brings your bicycle here, and we will look after it.",
        },
        follow_up_hours=24,
        is_demo=True,
    )
    Text.objects.create(
        key="open_door",
        subject={"fr": "À bientôt sur le quai – {business}", "en": "See you on the quay – {business}"},
        body={
            "fr": "{hello}\n\nMerci de nous avoir répondu, ça fait plaisir à toute l’équipe. La porte reste ouverte : "
            "un contrôle de la pression et un café vous attendent quand vous passez sur le quai.\n\n{business}",
            "en": "{hello}\n\nThank you for telling us, the whole team is glad. Our door stays open: a pressure "
            "check and a coffee are waiting whenever you ride by.\n\n{business}",
        },
    )


def _site(key: str, now: dt.datetime) -> Site:
    facts: dict[str, Any] = {
        "canal": {
            "name": "Atelier du Canal",
            "address": "97 quai de Valmy\n75010 Paris",
            "phone": "+33 1 99 00 27 10",
            "email": f"bonjour@{DOMAIN}",
        },
        "gare": {
            "name": "Gare de l’Est – point relais",
            "address": "Parvis de la gare de l’Est, niveau 0\n75010 Paris",
            "phone": "+33 1 99 00 27 45",
            "email": f"gare@{DOMAIN}",
        },
    }[key]
    return Site.objects.create(
        slug=key, timezone=ZONE, country="FR", hours=HOURS[key], exceptional_days=_exceptional(key, now), **facts
    )


def _exceptional(key: str, now: dt.datetime) -> dict[str, Any]:
    year = now.year
    days: dict[str, Any] = {
        f"{year}-12-24": {"spans": [["09:30", "16:00"]], "note": "Réveillon"},
        f"{year}-12-31": {"spans": [["09:30", "16:00"]], "note": "Réveillon"},
    }
    if key == "canal":
        stocktaking, feast = _weekday(now - dt.timedelta(days=38), 1), _weekday(now - dt.timedelta(days=24), 6)
        days[stocktaking.isoformat()] = {"spans": [], "note": "Inventaire"}
        days[feast.isoformat()] = {"spans": [["10:00", "17:00"]], "note": "Bourse aux vélos"}
        days[_weekday(now + dt.timedelta(days=16), 2).isoformat()] = {
            "spans": [["14:00", "19:00"]],
            "note": "Formation",
        }
    return days


def _weekday(around: dt.datetime, weekday: int) -> dt.date:
    day = around.date()
    return day + dt.timedelta(days=(weekday - day.weekday()) % 7)


def _member(colleague: Colleague, sites: dict[str, Site], teams: dict[str, Team]) -> Member:
    member = member_create(
        viewer=Viewer.house(),
        email=email_of(colleague),
        name=colleague.name,
        role=colleague.role,
        team_ids=[teams[t].pk for t in colleague.teams],
        all_sites=not colleague.site,
    )
    profile_change(member=member, language=colleague.language, signature=colleague.signature)
    if colleague.site:
        SiteMember.objects.create(site=sites[colleague.site], member=member)
    return member


def _touchpoints(sites: dict[str, Site], teams: dict[str, Team]) -> dict[tuple[str, str], Touchpoint]:
    rows = [
        ("canal", "email", "bonjour@", f"bonjour@{DOMAIN}", "counter"),
        ("canal", "form", "Formulaire du site", "", "counter"),
        ("canal", "phone", "Téléphone de l’atelier", "", "counter"),
        ("canal", "counter", "Comptoir du quai", "", "counter"),
        ("canal", "chat", "Discussion du site", "", "counter"),
        ("canal", "sms", "SMS « vélo prêt »", "", "workshop"),
        ("canal", "api", "Carnet d’entretien en ligne", "", "workshop"),
        ("gare", "email", "gare@", f"gare@{DOMAIN}", "kiosk"),
        ("gare", "counter", "Guichet", "", "kiosk"),
        ("gare", "phone", "Téléphone du guichet", "", "kiosk"),
    ]
    made = {
        (site, channel): Touchpoint.objects.create(
            site=sites[site], channel=channel, name=name, address=address, team=teams[team]
        )
        for site, channel, name, address, team in rows
    }
    made["canal", "fleet"] = Touchpoint.objects.create(
        site=sites["canal"], channel="email", name="flottes@", address=f"flottes@{DOMAIN}", team=teams["fleet"]
    )
    return made


def _need(house: House, line: NeedLine, position: int) -> None:
    house.needs[line.slug] = Need.objects.create(
        parent=house.needs[line.parent] if line.parent else None,
        slug=line.slug,
        name={"fr": line.fr, "en": line.en},
        summary={"fr": line.summary_fr, "en": line.summary_en},
        answer={"fr": line.answer_fr, "en": line.answer_en} if line.answer_fr else {},
        icon=ICONS.get(line.slug, ""),
        position=position,
        priority=line.priority,
        first_answer_minutes=line.first_answer,
        resolution_minutes=line.resolution,
        team=house.teams[line.team] if line.team else None,
        is_public=line.public,
    )
