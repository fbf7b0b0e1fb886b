"""One question to the whole house: references, customers, organisations, messages."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from parvis.customers.finding import customer_by_reference, organisation_by_reference, organisations_listed
from parvis.customers.selectors import customers_search
from parvis.desk.selectors import conversations_search
from parvis.encounters.selectors import encounter_by_reference, encounters_visible
from parvis.kernel.errors import Invalid, NotFound
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.addresses import address
from parvis.toolkit.prepared import prepared
from parvis.toolkit.search import MAX_TERMS, words
from parvis.web.selectors import CHANNEL_ICONS, Piece, marked

LONGEST_QUERY = 200
REFERENCES = (
    (encounter_by_reference, "encounter"),
    (customer_by_reference, "customer"),
    (organisation_by_reference, "organisation"),
)


@dataclass(frozen=True)
class Named:
    """What a reference names: an encounter, a customer or an organisation, and its address."""

    kind: str
    thing: Any
    url: str

    @property
    def title(self) -> str:
        """The subject of an encounter, else the name."""
        return self.thing.subject if self.kind == "encounter" else str(self.thing)


@dataclass(frozen=True)
class Talk:
    """A conversation in which the words were said, as a row shows it."""

    url: str
    name: str
    org: str
    at: dt.datetime
    subject: str
    reference: str
    icon: str
    pieces: list[Piece]


def named(viewer: Viewer, query: str) -> Named | None:
    """What the query is the reference of, however it is typed ("e 7k3fo"), if the viewer may see it."""
    if len(query) > 16 or not any(c.isdigit() or c.isalpha() for c in query):
        return None
    for find, kind in REFERENCES:
        try:
            thing = find(viewer, query)
        except (NotFound, Invalid, OverflowError):
            continue
        return Named(kind, thing, reverse(kind, args=[thing.reference]))
    return None


def talks(viewer: Viewer, query: str, *, limit: int, before: int | None = None) -> tuple[list[Talk], int | None]:
    """Conversations with all words of the query, the latest first, and the message id to continue `before`."""
    hits, cursor = conversations_search(viewer, query, limit=limit, before=before)
    encounters = {e.pk: e for e in _spoken_in(viewer, ids=tuple(h.encounter_id for h in hits))}
    terms = words(query)[:MAX_TERMS]
    return [_talk(encounters[h.encounter_id], h.text, terms) for h in hits if h.encounter_id in encounters], cursor


@prepared
def _spoken_in(viewer: Viewer, ids: tuple[int, ...]) -> QuerySet:
    found = encounters_visible(viewer).filter(pk__in=ids).select_related("customer", "organisation")
    return found.only("subject", "channel", "last_activity_at", "customer__name", "organisation__name")


def _talk(encounter: Any, text: str, terms: Sequence[str]) -> Talk:
    return Talk(
        url=address("encounter", encounter.reference),
        name=str(encounter.customer),
        org=encounter.organisation.name if encounter.organisation else "",
        at=encounter.last_activity_at,
        subject=encounter.subject,
        reference=encounter.reference,
        icon=CHANNEL_ICONS.get(encounter.channel, "message"),
        pieces=marked(text, terms),
    )


@dataclass(frozen=True)
class Found:
    """Everything that answers a question, and the message id to continue `before`."""

    query: str
    named: Named | None
    customers: list[Any]
    more_customers: bool
    organisations: list[Any]
    talks: list[Talk]
    cursor: int | None

    @property
    def nothing(self) -> bool:
        """Whether there is no answer at all."""
        return not (self.named or self.customers or self.organisations or self.talks)


def find(viewer: Viewer, query: str, *, people: int, institutions: int, conversations: int) -> Found:
    """Ask everywhere at once, each answer cut at its number. Four or five queries, whatever the size of the house."""
    query = query.strip()[:LONGEST_QUERY]
    customers, more = customers_search(viewer, query, limit=people)
    organisations = (
        list(organisations_listed(viewer, query).order_by("name", "id")[:institutions]) if words(query) else []
    )
    said, cursor = talks(viewer, query, limit=conversations)
    return Found(query, named(viewer, query), customers, more is not None, organisations, said, cursor)
