"""Are we honest? What people were told about their waits, what came, and what the usual rules would have said."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parvis.kernel.clock import zone
from parvis.queueing.domain.waits.estimate import LEVELS
from parvis.queueing.domain.waits.history import Bools, Floats
from parvis.queueing.domain.waits.scores import BUCKETS, bucket_name, censored_coverage, in_bucket, wilson
from parvis.queueing.models import Line, Told
from parvis.toolkit.bilingual import in_language

if TYPE_CHECKING:
    from parvis.catalog.models import Site

# Whoever is told to come at once waits for nobody: it would be no art to be right about them.
_A_WAIT = 60.0
FEW = 20  # waits below which a share is not shown: it would say nothing
MOST = 20_000
RULES = {
    "position": gettext_lazy("Place in line × average service"),
    "les": gettext_lazy("As long as the last one waited"),
    "hol": gettext_lazy("As long as the first in line has waited"),
    "rolling": gettext_lazy("Average of the last half hour"),
}


@dataclass(frozen=True)
class Share:
    """How often a wait ended within what was told: of `n`, with the interval that holds the true share (95 %)."""

    level: float
    n: int
    observed: float
    low: float
    high: float

    @property
    def is_kept(self) -> bool:
        """Whether the share promised lies within what chance allows."""
        return self.low <= self.level <= self.high


@dataclass(frozen=True)
class Group:
    """Some of the waits: how many, how far off the median was on average (minutes), and the shares at P50 and P90."""

    name: str
    n: int
    off: float
    half: Share
    nine: Share


@dataclass(frozen=True)
class Rival:
    """A usual rule on the same people: how far off on average, how far it told too little (minutes), and how often."""

    name: str
    off: float
    short: float
    longer: float


@dataclass(frozen=True)
class Honesty:
    """Everything the page shows. `levels`: share by share, for the plot; `unknown`: how often nothing was told.

    `with_leavers`: the share at P90 with those who left counted for as long as they stayed.
    """

    served: int
    left: int
    unknown: int
    levels: list[Share]
    ours: Rival | None
    rivals: list[Rival]
    by_ahead: list[Group]
    by_hour: list[Group]
    by_line: list[Group]
    with_leavers: float | None


@dataclass(frozen=True)
class _Rows:
    told: Floats
    waited: Floats
    censored: Bools
    ahead: Floats
    hour: Floats
    line: Floats
    rules: dict[str, Floats]


def honesty_of(site: "Site", *, begin: dt.datetime, end: dt.datetime) -> Honesty:
    """The score of what people were told first, at a site, in [begin, end): the latest 20,000 whose wait is over.

    Only those who were told to expect a wait at all, of a minute or more at the 90 % mark.
    """
    found = Told.objects.filter(
        turn__line__site=site, is_first=True, at__gte=begin, at__lt=end, waited__isnull=False
    ).order_by("-at")[:MOST]
    rows = list(found.values_list("quantiles", "waited", "censored", "ahead", "at", "turn__line_id", "inputs"))
    known = [row for row in rows if row[0] and row[0].get("0.9", 0) >= _A_WAIT]
    read = _read(known, site.timezone)
    served = ~read.censored
    levels = [_share(read.waited[served], read.told[served, n], level) for n, level in enumerate(LEVELS)]
    names = {line.pk: in_language(line.name) for line in Line.objects.filter(site=site)}
    return Honesty(
        served=int(served.sum()),
        left=int((~served).sum()),
        unknown=sum(not row[0] for row in rows),
        levels=levels if served.sum() >= FEW else [],
        ours=_rival(_("Parvis"), read.waited[served], read.told[served, 2]) if served.any() else None,
        rivals=[
            _rival(str(text), read.waited[served], read.rules[name][served]) for name, text in RULES.items()
        ] if served.any() else [],
        by_ahead=_groups(read, [(bucket_name(b), in_bucket(read.ahead, b)) for b in BUCKETS]),
        by_hour=_groups(read, [(f"{hour:02d}:00", read.hour == hour) for hour in range(24)]),
        by_line=_groups(read, [(name, read.line == pk) for pk, name in names.items()]),
        with_leavers=censored_coverage(read.waited, served, read.told[:, 4]) if len(known) >= FEW else None,
    )  # fmt: skip


def _read(rows: Sequence[tuple], timezone: str) -> _Rows:
    here = zone(timezone)
    told = np.array([[row[0].get(str(level), np.nan) for level in LEVELS] for row in rows], dtype=np.float64) / 60
    return _Rows(
        told=told.reshape(-1, len(LEVELS)),
        waited=np.array([row[1] for row in rows], dtype=np.float64) / 60,
        censored=np.array([row[2] for row in rows], dtype=bool),
        ahead=np.array([row[3] for row in rows], dtype=np.float64),
        hour=np.array([row[4].astimezone(here).hour for row in rows], dtype=np.float64),
        line=np.array([row[5] for row in rows], dtype=np.float64),
        rules={name: np.array([row[6].get(name, np.nan) for row in rows], dtype=np.float64) for name in RULES},
    )


def _share(waited: Floats, told: Floats, level: float) -> Share:
    n = len(waited)
    observed = float((waited <= told).mean()) if n else 0.0
    return Share(level, n, observed, *wilson(observed, n))


def _rival(name: str, waited: Floats, said: Floats) -> Rival:
    ok = np.isfinite(said)
    gap = waited[ok] - said[ok]
    if not len(gap):
        return Rival(name, np.nan, np.nan, np.nan)
    return Rival(name, float(np.abs(gap).mean()), float(np.maximum(gap, 0).mean()), float((gap > 0).mean()))


def _groups(read: _Rows, parts: Sequence[tuple[str, Bools]]) -> list[Group]:
    groups = []
    for name, chosen in parts:
        rows = chosen & ~read.censored
        if rows.any():
            waited, told = read.waited[rows], read.told[rows]
            off = float(np.abs(waited - told[:, 2]).mean())
            half, nine = _share(waited, told[:, 2], 0.5), _share(waited, told[:, 4], 0.9)
            groups.append(Group(name, int(rows.sum()), off, half, nine))
    return groups
