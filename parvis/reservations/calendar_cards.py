"""What a page says of the calendars of a resource: its own, to subscribe to, and those whose busy times count."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from parvis.reservations.feeds import feed_link
from parvis.reservations.models import Absence, Booking, BusyCalendar, Resource
from parvis.reservations.services.busy import clashes_of
from parvis.staff.domain.viewer import Viewer


@dataclass(frozen=True)
class Shown:
    """A calendar elsewhere. `place`: where it is kept, never its whole address, which is a key. `ahead`: busy times."""

    row: BusyCalendar
    place: str
    ahead: int
    error: str


@dataclass(frozen=True)
class Card:
    """The calendars of a resource, and the bookings that stand in a time when it is away."""

    resource: Resource
    feed: str
    calendars: Sequence[Shown]
    clashes: Sequence[Booking]

    @property
    def subscribe(self) -> str:
        """The feed as programs for calendars open it by themselves."""
        return "webcal" + self.feed[self.feed.index("://") :]


def calendar_card(viewer: Viewer, resource: Resource, *, now: dt.datetime) -> Card:
    """All of it in three statements. Raises NotFound for a resource of another site."""
    link = feed_link(viewer, resource)
    ahead = Absence.objects.filter(resource=resource, ends_at__gt=now)
    away = list(ahead.values_list("starts_at", "ends_at", "source"))
    counted = Counter(source for __, __, source in away)
    calendars = [
        Shown(row, _place(row), counted[row.source], _error(row))
        for row in BusyCalendar.objects.filter(resource=resource)
    ]
    return Card(resource, link, calendars, clashes_of(resource.pk, [(a, b) for a, b, __ in away], now))


def _place(row: BusyCalendar) -> str:
    return (urlsplit(row.address).hostname or "") if row.address else _("an uploaded file")


def _error(row: BusyCalendar) -> str:
    """Why it could not be read, in the reader's language: it was kept in the language of the code."""
    if not row.error:
        return ""
    text = _(row.error)
    return text % {"status": row.status} if "%(status)s" in text else text
