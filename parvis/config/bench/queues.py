"""The queue measured: a thousand status pages and a display open, while people are called."""

import time
from collections.abc import Callable, Iterator

from django.db import connections

from parvis.catalog.models import Site
from parvis.config.bench.measures import Line
from parvis.config.bench.phones import PhonesPlan, phones_end, phones_start
from parvis.config.bench.serve import Served
from parvis.queueing.models import Line as QueueLine
from parvis.queueing.models import Screen, Source
from parvis.queueing.selectors import at_counter, waiting
from parvis.queueing.services import (
    HOUSE,
    Taking,
    call_next,
    counter_save,
    line_save,
    screen_save,
    sign_off,
    sign_on,
    ticket_take,
    turn_finish,
)
from parvis.staff.domain.viewer import Viewer
from parvis.staff.models import Member
from parvis.staff.selectors import viewer_of

SLUG = "queue-bench"
PAGES, WARM_SECONDS, CALL_SECONDS = 1000, 14.0, 2.0
CORE_SHARE, CALL_TARGET = 0.5, 1000


def queue_load(say: Callable[[str], object]) -> Screen:
    """The line and its people, unless they wait already; returns the display."""
    house = Viewer.house()
    site = Site.objects.filter(slug=SLUG).first()
    if site is None:
        site = Site.objects.create(name="Salle", slug=SLUG, timezone="Europe/Paris", country="FR")
        line = line_save(viewer=house, site_id=site.pk, code="Q", name={"en": "Bench"})
        counter_save(viewer=house, site_id=site.pk, name={"en": "Counter 1"}, line_ids=[line.pk])
        screen_save(viewer=house, site_id=site.pk, kind="display", name="Bench")
    line = QueueLine.objects.get(site=site)
    missing = PAGES - waiting([line.pk]).count()
    if missing > 0:
        say(f"Letting {missing:,} people join a line…")
        for _n in range(missing):
            # Of no page of their own: nobody asks them whether they are still here.
            ticket_take(caller=HOUSE, taking=Taking(line_id=line.pk, source=Source.AGENT, language="fr"))
    return Screen.objects.get(site=site)


def queue_measured(server: Served, display: Screen, *, seconds: float) -> Iterator[Line]:
    """How much of a core the open pages take, and how soon a call is on the phone and on the display."""
    line = QueueLine.objects.get(site_id=display.site_id)
    tokens = list(waiting([line.pk])[:PAGES].values_list("ticket__token", flat=True))
    agent = _agent(line)
    calls = max(int(seconds * 4), 10)
    phones = phones_start(PhonesPlan(server.port, tokens, display.token, WARM_SECONDS + (calls + 3) * CALL_SECONDS))
    time.sleep(WARM_SECONDS)
    used, began = server.cpu_seconds(), time.perf_counter()
    called: list[tuple[str, str, float]] = []
    # Whoever a bench that was stopped left there is finished with first.
    current = at_counter(line.counters.get().pk)
    for _n in range(calls):
        turn = call_next(viewer=agent, current_id=current.pk if current else None)
        if turn is None:
            break
        called.append((turn.ticket.token, turn.ticket.code, time.time()))
        current = turn
        time.sleep(CALL_SECONDS)
    share = (server.cpu_seconds() - used) / (time.perf_counter() - began)
    seen = phones_end(phones)
    if current is not None:
        turn_finish(viewer=agent, turn_id=current.pk)
    sign_off(viewer=agent)
    connections.close_all()
    yield _pages(seen.pulses, share, seen.errors, WARM_SECONDS + (calls + 3) * CALL_SECONDS)
    yield _late("a call, until it is on the phone", [(at, seen.called.get(token)) for token, __, at in called])
    yield _late("a call, until it is on the display", [(at, seen.shown.get(code)) for __, code, at in called])


def _agent(line: QueueLine) -> Viewer:
    member = Member.objects.filter(all_sites=True, role="administrator").order_by("pk").first()
    if member is None:
        raise RuntimeError("Nobody in this database sees every site: load it with `parvis bench_load`.")
    viewer = viewer_of(member)
    sign_on(viewer=viewer, counter_id=line.counters.get().pk)
    return viewer


def _pages(pulses: list[float], share: float, errors: list[str], seconds: float) -> Line:
    count = len(pulses)
    p50, p95 = (pulses[int(count * q)] if count else 0.0 for q in (0.5, 0.95))
    told = Line(
        f"{PAGES:,} status pages open, their pulses", PAGES, count, p50, p95, count / seconds, len(errors),
        errors[0] if errors else "", cpu=share * 1000 * seconds / max(count, 1),
    )  # fmt: skip
    told.target = f"≤ {CORE_SHARE:.0%} of a core: {share:.0%}"
    told.passed = bool(count) and share <= CORE_SHARE
    return told


def _late(name: str, times: list[tuple[float, float | None]]) -> Line:
    took = sorted((seen - at) * 1000 for at, seen in times if seen is not None)
    missing = len(times) - len(took)
    p50, p95 = (took[min(int(len(took) * q), len(took) - 1)] if took else 0.0 for q in (0.5, 0.95))
    told = Line(name, 1, len(took), p50, p95, 0.0, missing, "never seen" if missing else "")
    told.target, told.passed = f"p95 ≤ {CALL_TARGET:,} ms", bool(took) and not missing and p95 <= CALL_TARGET
    return told
