"""What Today and the search show, composed from the contexts below; each read starts from what the viewer may see."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parvis.channels.selectors import outbox_visible
from parvis.customers.finding import bounced_since, customers_seen_since
from parvis.desk.attention import encounters_unanswered, follow_ups_bad, mine_first
from parvis.desk.inbox import CHANNEL_ICONS
from parvis.kernel.clock import utcnow
from parvis.promises.selectors import Score, promises_at_risk, promises_broken_since, score, urgency_of
from parvis.queueing.here import Here, queue_here
from parvis.reservations.arrivals import Arrival, arrivals
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.addresses import address
from parvis.toolkit.prepared import counts_prepared, prepared
from parvis.webhooks.selectors import endpoints_in_trouble

# How much Today shows of each before it refers to the whole list.
SHOWN = 12
SHOWN_ASIDE = 8
SCORE_DAYS = 30
# Bad answers stay on Today this long, unless the encounter was taken up and answered again.
BAD_ANSWER_DAYS = 7

Row = dict[str, Any]


@dataclass(frozen=True)
class Trouble:
    """One kind of thing that went wrong today: an icon, a sentence, and where to see it."""

    icon: str
    text: str
    url: str


@dataclass(frozen=True)
class Today:
    """What needs this viewer now. Lists are cut at SHOWN; `more_…` says that there is more behind."""

    at_risk: list[Row]
    more_at_risk: bool
    unanswered: list[Row]
    more_unanswered: bool
    bad_answers: list[Row]
    here: list[Any]
    coming: list[Arrival]
    more_coming: bool
    queue: Here | None
    troubles: list[Trouble]
    score: Score
    is_calm: bool = field(default=False)


def today(viewer: Viewer, *, now: dt.datetime | None = None) -> Today:
    """Today as one viewer sees it. `now` is an aware instant; the day begins at midnight of the active time zone."""
    now = now or utcnow()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    risky, more_at_risk = _at_risk(viewer, now)
    known = {row["encounter"] for row in risky}
    waiting = [e for e in _unanswered(viewer) if e.pk not in known]
    coming, more_coming = arrivals(viewer, now=now)
    bad = [_answer_row(answer) for answer in _bad_answers(viewer, since=now - dt.timedelta(days=BAD_ANSWER_DAYS))]
    return Today(
        at_risk=risky,
        more_at_risk=more_at_risk,
        unanswered=[encounter_row(e, now) for e in waiting[:SHOWN]],
        more_unanswered=len(waiting) > SHOWN,
        bad_answers=bad,
        here=[person_row(customer) for customer in _here(viewer, since=midnight)],
        coming=coming,
        more_coming=more_coming,
        queue=queue_here(viewer, now=now),
        troubles=_troubles(viewer, midnight),
        score=score(viewer, since=now - dt.timedelta(days=SCORE_DAYS), until=now),
        is_calm=not (risky or waiting or bad),
    )


def _at_risk(viewer: Viewer, now: dt.datetime) -> tuple[list[Row], bool]:
    """One row per encounter, under its most urgent promise; and whether there are more than shown."""
    rows: dict[int, Row] = {}
    for promise in _most_urgent(viewer, now=now):
        if promise.encounter_id in rows:
            continue
        rows[promise.encounter_id] = promise_row(promise, now)
    return list(rows.values())[:SHOWN], len(rows) > SHOWN


_OF_ENCOUNTER = ("subject", "last_activity_at", "owner__name")
_OF_PROMISE = ("kind", "note", "state", "paused", "due_at", "warn_at", "settled_at", "customer__name")


@prepared
def _most_urgent(viewer: Viewer, now: dt.datetime) -> QuerySet:
    found = promises_at_risk(viewer, now=now).select_related(None).select_related("encounter__owner", "customer")
    found = found.only(*_OF_PROMISE, *(f"encounter__{name}" for name in _OF_ENCOUNTER))
    return mine_first(found, viewer, "due_at", "id", owner="encounter__owner")[: 2 * SHOWN + 1]


@prepared
def _unanswered(viewer: Viewer) -> QuerySet:
    # As many more as may stand among the promises at risk already.
    found = encounters_unanswered(viewer).select_related(None).select_related("customer", "organisation", "owner")
    of_row = (*_OF_ENCOUNTER, "last_line", "channel", "due_at", "customer__name", "organisation__name")
    return found.only(*of_row)[: 2 * SHOWN + 1]


@prepared
def _bad_answers(viewer: Viewer, since: dt.datetime) -> QuerySet:
    found = follow_ups_bad(viewer, since=since).filter(encounter__status="open", encounter__unanswered=True)
    of_encounter = (f"encounter__{name}" for name in (*_OF_ENCOUNTER, "customer__name"))
    return found.only("comment", "answered_at", *of_encounter)[:SHOWN_ASIDE]


@prepared
def _here(viewer: Viewer, since: dt.datetime) -> QuerySet:
    return customers_seen_since(viewer, since)[:SHOWN_ASIDE]


@counts_prepared
def _gone_wrong(viewer: Viewer, since: dt.datetime) -> dict[str, QuerySet]:
    return {
        "broken": promises_broken_since(viewer, since),
        "failed": outbox_visible(viewer).filter(state="failed"),
    }


def promise_row(promise: Any, now: dt.datetime) -> Row:
    """A promise as a row of a list: whose it is, about what, what was promised, and how it stands."""
    encounter = promise.encounter
    what = promise.get_kind_display()
    return {
        "id": f"promise-{promise.pk}",
        "encounter": encounter.pk,
        "url": address("encounter", encounter.reference),
        "name": str(promise.customer),
        "subject": encounter.subject,
        "line": f"{what} · {promise.note}" if promise.note else what,
        "at": encounter.last_activity_at,
        "chip": {"state": urgency_of(promise, now), "due": promise.due_at},
        "assignee": _person(encounter.owner),
    }


def encounter_row(encounter: Any, now: dt.datetime) -> Row:
    """An encounter as a row of a list."""
    due = encounter.due_at
    return {
        "id": encounter.pk,
        "encounter": encounter.pk,
        "url": address("encounter", encounter.reference),
        "name": str(encounter.customer),
        "org": encounter.organisation.name if encounter.organisation else "",
        "subject": encounter.subject,
        "line": encounter.last_line,
        "at": encounter.last_activity_at,
        "channel": CHANNEL_ICONS.get(encounter.channel, "message"),
        "chip": {"state": "late" if due <= now else "on_time", "due": due} if due else None,
        "assignee": _person(encounter.owner),
    }


def _person(member: Any) -> dict[str, Any] | None:
    return {"id": member.pk, "name": member.name} if member else None


def person_row(customer: Any) -> Row:
    """A customer as a row of a short list, with the marks by which staff recognise them."""
    return {
        "id": customer.pk,
        "url": address("customer", customer.reference),
        "name": str(customer),
        "last_seen_at": customer.last_seen_at,
        "is_regular": customer.is_regular,
        "is_newcomer": customer.is_newcomer,
        "open_count": customer.open_count,
    }


def _answer_row(answer: Any) -> Row:
    encounter = answer.encounter
    return {
        "id": f"answer-{answer.pk}",
        "url": address("encounter", encounter.reference),
        "name": str(encounter.customer),
        "subject": encounter.subject,
        "line": answer.comment or _("Something was forgotten."),
        "at": answer.answered_at,
        "channel": "mood-sad",
        "assignee": _person(encounter.owner),
    }


def _troubles(viewer: Viewer, since: dt.datetime) -> list[Trouble]:
    found = []
    wrong = _gone_wrong(viewer, since=since)
    if broken := wrong["broken"]:
        text = _counted(broken, _("A promise was broken today."), _("%(n)s promises were broken today."))
        found.append(Trouble("circle-x", text, f"{reverse('promises_kept')}?state=broken&days=1"))
    if failed := wrong["failed"]:
        text = _counted(failed, _("A message could not be sent."), _("%(n)s messages could not be sent."))
        found.append(Trouble("mail", text, reverse("outbox")))
    for endpoint in endpoints_in_trouble(viewer, since=since):
        text = _("The webhook %(name)s takes nothing.") % {"name": endpoint.called}
        found.append(Trouble("api", text, reverse("settings_webhook", args=[endpoint.pk])))
    for point in bounced_since(viewer, since, limit=3):
        text = _("Mail to %(address)s comes back.") % {"address": point.value}
        found.append(Trouble("at", text, address("customer", point.customer.reference)))
    return found


def _counted(number: int, one: str, many: str) -> str:
    return one if number == 1 else many % {"n": "99+" if number > 99 else number}


@dataclass(frozen=True)
class Piece:
    """A stretch of text, found or not."""

    text: str
    found: bool = False


def marked(text: str, terms: Sequence[str], *, width: int = 180) -> list[Piece]:
    """About `width` characters of `text` around the first word that a search found, cut into pieces to be marked.

    terms: folded words, each standing for all words that begin with it, as `toolkit.search` finds them. Without a hit
    (the words stand further on) the beginning is shown.
    """
    from parvis.toolkit.search import spans

    line = " ".join(text.split())
    hits = [(start, end) for start, end, word in spans(line) if word.startswith(tuple(terms))] if terms else []
    first = hits[0][0] if hits else 0
    begin = 0 if first < width // 2 else line.rfind(" ", 0, first - width // 3) + 1
    end = len(line) if begin + width >= len(line) else max(line.rfind(" ", begin, begin + width), begin + width // 2)
    return list(_pieces(line, begin, end, [h for h in hits if begin <= h[0] and h[1] <= end]))


def _pieces(line: str, begin: int, end: int, hits: Iterable[tuple[int, int]]) -> Iterable[Piece]:
    if begin:
        yield Piece("… ")
    at = begin
    for start, stop in hits:
        if start > at:
            yield Piece(line[at:start])
        yield Piece(line[start:stop], found=True)
        at = stop
    if at < end:
        yield Piece(line[at:end])
    if end < len(line):
        yield Piece(" …")
