"""What a visitor asks for, as it stands in an address: how many, how long, with whom, which days, whose clocks."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from parvis.kernel.clock import parse_instant, zone
from parvis.kernel.errors import Invalid
from parvis.reservations.availability import Asked
from parvis.reservations.choosing import is_stay
from parvis.reservations.services import Wanted
from parvis.reservations.supply import Offer, supply


@dataclass(frozen=True)
class Ask:
    """`person`: the resource wished, 0 for any. `first`: where the days shown begin. `tz`: as given, "" for none."""

    party: int
    nights: int = 1
    person: int = 0
    first: dt.date | None = None
    day: dt.date | None = None
    tz: str = ""

    def query(self, **changes: Any) -> str:
        """This as the query of an address, with changes."""
        to = replace(self, **changes)
        given = {
            "party": to.party,
            "nights": to.nights if to.nights > 1 else "",
            "with": to.person or "",
            "first": to.first or "",
            "day": to.day or "",
            "tz": to.tz,
        }
        return "?" + urlencode({name: value for name, value in given.items() if value})

    def clocks(self, offer: Offer) -> str:
        """The zone to show times in; stays are always told on the clocks of the house."""
        return offer.tz if is_stay(offer) or not self.tz else self.tz

    def asked(self, *, but_booking: int | None = None) -> Asked:
        """As availability asks it."""
        wished = frozenset({self.person} if self.person else ())
        return Asked(party=self.party, nights=self.nights, wished=wished, but_booking=but_booking)


def ask_of(given: Mapping[str, Any], offer: Offer) -> Ask:
    """What the query of an address asks; what makes no sense is left out rather than refused."""
    row = offer.row
    person = _number(given.get("with"), 0, 2**62, 0)
    return Ask(
        party=_number(given.get("party"), row.min_party, row.max_party, row.min_party),
        nights=_number(given.get("nights"), row.min_nights, row.max_nights, row.min_nights) if is_stay(offer) else 1,
        person=person if person in dict(choosable(offer)) else 0,
        first=_date(given.get("first")),
        day=_date(given.get("day")),
        tz=zone_given(given.get("tz")),
    )


def wanted_of(given: Mapping[str, Any], offer: Offer, ask: Ask) -> Wanted:
    """What a button of the chooser asks to be held. Raises Invalid for a time that is none."""
    text = str(given.get("start", ""))
    wished = frozenset({ask.person} if ask.person else ())
    if text.startswith("s"):
        return Wanted(offer.row.pk, party=ask.party, session_id=_number(text[1:], 1, 2**62, 0), wished=wished)
    return Wanted(offer.row.pk, parse_instant(text), ask.party, ask.nights, wished=wished)


def value_of(start: dt.datetime, session_id: int | None) -> str:
    """What a button of the chooser sends for a start."""
    return f"s{session_id}" if session_id else start.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def choosable(offer: Offer) -> list[tuple[int, str]]:
    """The resources that customers may choose among, with their names; empty where there is no choice."""
    known = supply().resources
    found = [
        (pk, known[pk].name) for need in offer.needs[:1] for pk in need.resource_ids if pk in known and need.count == 1
    ]
    if not all(known[pk].is_public for pk, __ in found):
        found = [(pk, name) for pk, name in found if known[pk].is_public]
    return found if len(found) > 1 else []


def zone_given(text: object) -> str:
    """An IANA zone as a browser names it; "" for what is none."""
    name = str(text or "")[:64]
    try:
        return zone(name).key if name else ""
    except Invalid:
        return ""


def _number(text: object, low: int, high: int, default: int) -> int:
    try:
        found = int(str(text or "")[:18])
    except ValueError:
        return default
    return found if low <= found <= high else default


def _date(text: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text or "")[:10])
    except ValueError:
        return None
