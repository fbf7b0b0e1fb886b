"""What people of the demo's last days were told about their wait: by the engine itself, knowing what was known then.

The house has learned from the days before, as it does at night. Then the line is put back to each instant at which
somebody joined, the engine is asked, and what it says is written down; after every day, what was said is scored.
"""

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from parvis.kernel.clock import zone
from parvis.queueing.estimates import answers_to, told_as
from parvis.queueing.estimating.learned import Learned, learned_of
from parvis.queueing.estimating.rewound import Rewound
from parvis.queueing.models import Line, Source, Told, Turn
from parvis.queueing.services.learning import site_learn, told_score

if TYPE_CHECKING:
    from parvis.catalog.models import Site

_DAY = dt.timedelta(days=1)
_LOOKS_AGAIN = dt.timedelta(minutes=5)  # into their wait, whoever has the status page on their own phone

_REPLAYS_A_DAY = 36  # some 500 are enough for a correction, and take a quarter of the time that all would


def tell_and_score(site: "Site", until: dt.datetime, *, days: int) -> int:
    """Tell everybody who came in the last `days` days before `until`; returns how many estimates there are."""
    local = until.astimezone(zone(site.timezone))
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0) - days * _DAY
    site_learn(site.pk, now=begin, replays=_REPLAYS_A_DAY * days)
    lines = list(Line.objects.filter(site=site).prefetch_related("needs").order_by("pk"))
    rewound = Rewound.between(site, lines, begin, until)
    rng, told = np.random.default_rng(12), 0
    for number in range(days + 1):
        today = begin + number * _DAY
        came = [t for t in rewound.turns if today <= t.joined_at < today + _DAY]
        # What the day before taught moves what is told today.
        learned = learned_of(site, lines)
        rows = [row for turn in came for row in _told(turn, rewound, learned, rng)]
        Told.objects.bulk_create(sorted(rows, key=lambda row: row.at), batch_size=500)
        told += len(rows)
        while told_score(now=today + _DAY):
            pass
    return told


def _told(turn: Turn, rewound: Rewound, learned: Learned, rng: np.random.Generator) -> list[Told]:
    """What somebody is told when they join and, on their own phone, once again while they wait."""
    instants = [turn.joined_at]
    over = turn.called_at or turn.ended_at
    if turn.ticket.source == Source.REMOTE and over and over - turn.joined_at > _LOOKS_AGAIN:
        instants.append(turn.joined_at + _LOOKS_AGAIN)
    rows = []
    for instant in instants:
        answer = answers_to(rewound.at(instant), learned, rng)[turn.pk]
        rows.append(told_as(turn, answer, instant, is_first=instant == turn.joined_at))
    return rows
