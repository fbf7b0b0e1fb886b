"""What a house does as a rule: learned from its history, with sensible priors until there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

import numpy as np

from .history import DAY, HALF_HOUR, Bools, Floats, History, Ints
from .lifetimes import Q, exponential, going_on, kaplan_meier, observed, typical
from .order import Order, fit_order
from .rates import KindOfDay, Rates, first_calls, fit_rates

_BORROWED = 20  # cases of the prior that a table starts out with
_OWN = 200  # cases from which a table needs none
_LEAVERS_OWN = 150  # people who waited, from which a kind has a patience of its own
_LEAVERS_FEW = 30  # people who waited, below which nobody is thought to leave
_PACE_BORROWED = 50  # calls at the usual pace that each server starts out with
_PAUSE = 20.0  # seconds, before anything was seen
_NAMES = ("services", "priorities", "servers")
_TABLES = ("service_time", "pace", "pause", "patience", "mix")
_CAN = 0.03  # of a server's calls: a service seen less is not theirs


@dataclass(frozen=True)
class Habits:
    """service_time: (K, Q) seconds. pace: (S,) factor on them. pause: (Q,) seconds between two calls while people
    wait, infinite for who does not come back that day. patience: (K, P, Q) seconds until somebody leaves, infinite:
    never. arrivals, starts: rates of people, and of servers' first calls of a day. mix: (K, P) share of the arrivals.
    known: (K,) whether anything is known of a service's length. people: how many served people it was learned from.
    """

    services: tuple[str, ...]
    priorities: tuple[str, ...]
    servers: tuple[str, ...]
    service_time: Floats
    pace: Floats
    pause: Floats
    patience: Floats
    order: Order
    arrivals: Rates
    starts: Rates
    mix: Floats
    known: Bools
    people: int

    @property
    def share(self) -> Floats:
        """(K,) of each service among the arrivals."""
        return np.asarray(self.mix.sum(1))

    def as_json(self) -> dict[str, Any]:
        """For a column of a database; what is infinite is null, which PostgreSQL understands."""
        return {
            **{name: list(getattr(self, name)) for name in _NAMES},
            **{name: _listed(getattr(self, name)) for name in _TABLES},
            **{name: {"kinds": list(of.kinds), "per_second": _listed(of.per_second)} for name, of in self._rates()},
            "order": {"head_start": _listed(self.order.head_start), "noise": self.order.noise},
            "known": self.known.tolist(),
            "people": self.people,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Habits:
        """What `as_json` gave."""
        order = stored["order"]
        given: dict[str, Any] = {name: tuple(stored[name]) for name in _NAMES}
        given |= {name: _array(stored[name]) for name in _TABLES}
        given |= {
            name: Rates(tuple(stored[name]["kinds"]), _array(stored[name]["per_second"]))
            for name in ("arrivals", "starts")
        }
        return cls(
            **given,
            order=Order(_array(order["head_start"]), float(order["noise"])),
            known=np.array(stored["known"], dtype=bool),
            people=int(stored["people"]),
        )

    def _rates(self) -> tuple[tuple[str, Rates], ...]:
        return ("arrivals", self.arrivals), ("starts", self.starts)

    def arrivals_now(self, kind: int, second: float, recent: int) -> Floats:
        """(K, P) people per second to expect at that second of a day of that kind, `recent` having come in half an
        hour."""
        rate = 0.5 * self.arrivals.at(kind, second) + 0.5 * recent / HALF_HOUR
        return self.mix * rate


def _listed(values: Floats) -> Any:
    """As nested lists; five digits are enough."""
    rounded = np.where(np.isfinite(values) & (values != 0), values, 0.0)
    digits = 4 - np.floor(np.log10(np.abs(np.where(rounded == 0, 1.0, rounded))))
    rounded = np.round(rounded * 10.0**digits) / 10.0**digits
    return np.where(np.isinf(values), None, rounded.astype(object)).tolist()  # type: ignore[call-overload]


def _array(listed: Any) -> Floats:
    values = np.array(listed, dtype=object)
    return np.where(values == None, np.inf, values).astype(np.float64)  # noqa: E711 - element by element


def learn(
    history: History,
    minutes: Mapping[str, float] | None = None,
    kind_of_day: KindOfDay = date.weekday,
    order: Order | None = None,
) -> Habits:
    """The habits seen in a history, which may be empty. People who still wait or are being served are left out.

    minutes: what the house says a service usually takes, by name. kind_of_day: which days are alike; by default those
    of one weekday, and a caller who knows holidays gives them a number of their own. order: when it is known, not
    learned.
    """
    history = history.rows(history.over)
    services, priorities = len(history.services), len(history.priorities)
    tables, known = _service_times(history, minutes or {})
    mix = np.bincount(history.kind, minlength=services * priorities) + 0.01
    return Habits(
        services=history.services,
        priorities=history.priorities,
        servers=history.servers,
        service_time=tables,
        pace=_pace(history),
        pause=_pauses(history),
        patience=_patience(history),
        order=order or fit_order(history),
        arrivals=fit_rates(history, history.arrived, kind_of_day),
        starts=fit_rates(history, first_calls(history), kind_of_day),
        mix=(mix / mix.sum()).reshape(services, priorities),
        known=known,
        people=int(history.served.sum()),
    )


def _service_times(history: History, minutes: Mapping[str, float]) -> tuple[Floats, Bools]:
    """(K, Q) tables; (K,) whether anything is known of the service: its own length, that of others, or what is
    said."""
    served = history.served
    lengths = np.maximum(history.finished - history.called, 1.0)[served]
    of = history.service[served]
    whole = np.quantile(lengths, (np.arange(Q) + 0.5) / Q) if len(lengths) >= _BORROWED else None
    if whole is None:
        whole = typical(60 * float(np.median([*minutes.values()]))) if minutes else typical(300.0)
    tables = np.empty((len(history.services), Q))
    known = np.zeros(len(history.services), dtype=bool)
    for code, name in enumerate(history.services):
        own = lengths[of == code]
        prior = typical(60 * minutes[name]) if name in minutes else whole
        tables[code] = observed(own, prior, 0 if len(own) >= _OWN else _BORROWED)
        known[code] = name in minutes or len(own) > 0 or len(lengths) >= _BORROWED
    return tables, known


def _pace(history: History) -> Floats:
    """(S,) how long a server takes compared with others at the same services."""
    rows = history.calls()
    length = np.log(np.maximum((history.finished - history.called)[rows], 1.0))
    service, server = history.service[rows], history.server[rows]
    count = np.bincount(service, minlength=len(history.services))
    usual = np.bincount(service, length, len(history.services)) / np.maximum(count, 1)
    calls = np.bincount(server, minlength=len(history.servers))
    excess = np.bincount(server, length - usual[service], len(history.servers))
    return np.asarray(np.exp(excess / (calls + _PACE_BORROWED)))


def _pauses(history: History) -> Floats:
    """(Q,) from the end of a service to the server's next call, while somebody waited whom they could have called."""
    rows = history.calls()
    ended = history.ended
    reach = float(np.nanmax(history.waited, initial=0.0))
    lengths: list[float] = []
    came_back: list[bool] = []
    for server in range(len(history.servers)):
        own = rows[history.server[rows] == server]
        served = np.bincount(history.service[own], minlength=len(history.services))
        can = served > _CAN * len(own)
        for row, following in zip_longest(own, own[1:]):
            end = history.finished[row]
            midnight = (history.called[row] // DAY + 1) * DAY
            again = following is not None and history.called[following] < midnight
            pause = (history.called[following] if again else midnight) - end
            if pause < 0 or not _somebody(history, ended, end, reach, can):
                continue
            lengths.append(float(pause))
            came_back.append(again)
    prior = exponential(_PAUSE)
    borrowed = prior[np.linspace(0, Q - 1, _BORROWED).round().astype(int)] if len(lengths) < _OWN else prior[:0]
    return kaplan_meier(np.r_[lengths, borrowed], np.r_[came_back, np.ones(len(borrowed))].astype(bool))


def _somebody(history: History, ended: Floats, instant: float, reach: float, can: Bools) -> bool:
    start, stop = np.searchsorted(history.arrived, [instant - reach, instant])
    return bool((can[history.service[start:stop]] & (ended[start:stop] > instant)).any())


def _patience(history: History) -> Floats:
    """(K, P, Q) by service and priority, with that of all people where few of a kind waited."""
    waited, stayed = history.waited, history.served
    had_to = waited > 0
    shape = (len(history.services), len(history.priorities), Q)
    if had_to.sum() < _LEAVERS_FEW:
        return np.full(shape, np.inf)
    answer = np.broadcast_to(_leaving(waited[had_to], ~stayed[had_to]), shape).copy()
    kinds: Ints = history.kind
    for kind in np.unique(kinds):
        chosen = had_to & (kinds == kind)
        if chosen.sum() >= _LEAVERS_OWN:
            answer[kind // shape[1], kind % shape[1]] = _leaving(waited[chosen], ~stayed[chosen])
    return answer


def _leaving(waited: Floats, left: Bools) -> Floats:
    """(Q,) until somebody leaves; past the longest wait as often as before."""
    return going_on(kaplan_meier(waited, left), float(left.sum() / max(waited.sum(), 1.0)))
