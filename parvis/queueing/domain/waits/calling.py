"""Who is called when, in R draws side by side: the inner loop of a replay.

Within a draw the order of people never changes, so they stand sorted in it, and a set of them is a row of bits, N
words of 64. Each step lets the server who is free first call the lowest bit of {whom this server serves} ∩ {who is
here}: some thirty operations on arrays of length R, whatever the line. Times are whole milliseconds here, so that a
time and the number of a server fit into one integer, and the smallest of these is the next call.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .history import Bools

NEVER = (
    np.int64(1) << 40
)  # milliseconds; small enough that some thousand of them, and a server's number, fit in 64 bits
_SERVER_BITS = np.int64(12)
_SERVER = (np.int64(1) << _SERVER_BITS) - 1
MOST_SERVERS = int(_SERVER)
_PLACE_BITS = np.int64(16)  # more people than anybody waits behind
_PLACE = (np.int64(1) << _PLACE_BITS) - 1
_ONE = np.uint64(1)
_NO_MORE = NEVER << np.int64(1)  # when nobody comes any more: later than all that is ever reached
_UNSEEN = 3  # steps between two looks at what is over

Times = NDArray[np.int64]
Bits = NDArray[np.uint64]


@dataclass(frozen=True)
class Servers:
    """free: (S, R) from when each can call. skilled: (K, S, R). pace: (S,) factor. until: (S,) no calls later."""

    free: Times
    skilled: Bools
    pace: NDArray[np.float32]
    until: Times


@dataclass(frozen=True)
class People:
    """C people per draw, in the order in which they are called; all (R, C).

    here: when they come, 0 for who waits, `NEVER` for nobody. gone: when they lose patience. lasts: their service at
    the usual pace. pause: of the server afterwards. asks: whether the replay is to say when their turn comes.
    """

    service: NDArray[np.intp]
    here: Times
    gone: Times
    lasts: Times
    pause: Times
    asks: Bools


@dataclass
class _Running:
    """The draws that still go on, r of them.

    draw: (r,) which these are. base: (r,) where their people begin in the tables. key: (S, r) time and number of each
    server. here: (N, r) bits of who is here. due: (r,) the next arrival, `_NO_MORE` if none. arrived: (r,) how many
    came. asking: (r,) how many who ask still wait. row: (r,) their numbers here.
    """

    draw: NDArray[np.intp]
    base: NDArray[np.intp]
    key: Times
    here: Bits
    asking: Bits
    due: Times
    arrived: NDArray[np.intp]
    row: NDArray[np.intp]

    def keep(self, chosen: Bools) -> None:
        """Drop the other draws."""
        for field in fields(self):
            value = getattr(self, field.name)
            setattr(self, field.name, np.compress(chosen, value, axis=value.ndim - 1))
        self.row = np.arange(len(self.draw))


class _Tables:
    """What a step looks up, flat, so that one index finds it.

    A draw's people fill the places of N words of bits; one place more stands for nobody, where the search for the
    lowest bit of no bits ends: it takes no time, and what is noted of it is thrown away.
    """

    usual = False

    def __init__(self, servers: Servers, people: People) -> None:
        draws, length = people.service.shape
        self.draws = draws
        self.words = -(-length // 64)
        self.stride = self.words * 64 + 1
        self.gone = self._flat(people.gone)
        self.lasts = self._flat(people.lasts).astype(np.float64)
        self.pause = self._flat(people.pause).astype(np.float64)
        self.pace, self.until = servers.pace.astype(np.float64), servers.until
        if (self.pace == 1).all():  # as long as nobody is known to be quicker than others
            self.lasts += self.pause
            self.usual = True
        self.some_leave = bool((servers.until < NEVER).any())
        self.serves = [word.ravel() for word in _serves(people.service, servers.skilled)]
        comes = (people.here > 0) & (people.here < NEVER)
        number = int(comes.sum(axis=1).max(initial=0))
        # Sorted with their numbers in the lowest bits, which is quicker than sorting numbers by a time.
        later = (np.where(comes, people.here, _NO_MORE) << _PLACE_BITS) | np.arange(length)
        later.sort(axis=1)
        first = later[:, :number]
        self.comers = number + 1
        self.comes = np.pad(first >> _PLACE_BITS, ((0, 0), (0, 1)), constant_values=_NO_MORE).ravel()
        self.who = np.pad(first & _PLACE, ((0, 0), (0, 1))).ravel()

    def _flat(self, values: NDArray[np.generic]) -> NDArray[Any]:
        padded = np.zeros((self.draws, self.stride), dtype=values.dtype)
        padded[:, : values.shape[1]] = values
        return padded.ravel()


def turns(servers: Servers, people: People, horizon: int) -> Times:
    """(R, C) when the turn of each person who asks comes, `NEVER` if not by `horizon`, in milliseconds.

    Who has lost patience is a shadow: their turn is noted, and takes no time of the server.
    """
    tables = _Tables(servers, people)
    draws, length = people.service.shape
    draw = np.arange(draws)
    line = _Running(
        draw=draw,
        base=draw * tables.stride,
        key=(servers.free << _SERVER_BITS) | np.arange(len(servers.free), dtype=np.int64)[:, None],
        here=bits(people.here == 0).T.copy(),
        asking=bits(people.asks).T.copy(),
        due=tables.comes[:: tables.comers].copy(),
        arrived=np.zeros(draws, dtype=np.intp),
        row=draw,
    )
    line.keep(np.asarray(people.asks.any(axis=1)))
    answer = np.full(draws * tables.stride, NEVER)
    while len(line.draw):
        # A draw in which all have been called may go on for some steps; to look each time would cost more.
        for _ in range(_UNSEEN):
            now = _step(line, tables, answer)
        over = ~(line.here & line.asking).any(axis=0) | (now > horizon)
        if 4 * np.count_nonzero(over) > len(over):
            line.keep(~over)
    return answer.reshape(draws, tables.stride)[:, :length]


def _step(line: _Running, tables: _Tables, answer: Times) -> Times:
    """The next call of every draw, noted in `answer`; (r,) when it was."""
    key = line.key.min(axis=0)
    now, server = key >> _SERVER_BITS, key & _SERVER
    _arrivals(line, tables, now)
    whom = server * tables.draws + line.draw
    if tables.words == 1:
        found = tables.serves[0].take(whom) & line.here[0]
        lowest = found & np.negative(found)
        line.here[0] ^= lowest
        person = line.base + np.bitwise_count(lowest - _ONE)
    else:
        found, word = _first(line, tables, whom)
        lowest = found & np.negative(found)
        line.here[word, line.row] ^= lowest
        person = line.base + word * 64 + np.bitwise_count(lowest - _ONE)
    answer[person] = now
    lasts = tables.lasts.take(person)
    if not tables.usual:
        lasts = lasts * tables.pace.take(server) + tables.pause.take(person)
    # A shadow leaves the server free at the same moment; with nobody to call, the next arrival is waited for.
    end = now + (lasts * (tables.gone.take(person) > now)).astype(np.int64)
    np.copyto(end, np.minimum(line.due, NEVER), where=found == 0)
    if tables.some_leave:
        end[end > tables.until.take(server)] = NEVER
    line.key.reshape(-1)[server * len(server) + line.row] = (end << _SERVER_BITS) | server
    return now


def _arrivals(line: _Running, tables: _Tables, now: Times) -> None:
    """Let in who has come by `now` (r,)."""
    rows = np.flatnonzero(line.due <= now)
    while len(rows):
        place = line.draw[rows] * tables.comers + line.arrived[rows]
        who = tables.who.take(place)
        line.here[who >> 6, rows] |= _ONE << (who & 63).astype(np.uint64)
        line.arrived[rows] += 1
        due = tables.comes.take(place + 1)
        line.due[rows] = due
        rows = rows[due <= now[rows]]


def _first(line: _Running, tables: _Tables, whom: NDArray[np.intp]) -> tuple[Bits, NDArray[np.intp]]:
    """(r,) the first word with somebody the server may call, 0 if there is none; (r,) the number of that word."""
    words = tables.words
    found = tables.serves[words - 1].take(whom) & line.here[words - 1]
    place = np.full(len(found), words - 1)
    for word in range(words - 2, -1, -1):
        here = tables.serves[word].take(whom) & line.here[word]
        some = here != 0
        np.copyto(found, here, where=some)
        np.copyto(place, word, where=some)
    return found, place


def _serves(service: NDArray[np.intp], skilled: Bools) -> Bits:
    """(N, S, R) whom each server serves: the people of each service they have the skill for."""
    answer = np.zeros((-(-service.shape[1] // 64), *skilled.shape[1:]), dtype=np.uint64)
    for code in range(len(skilled)):
        for word, of_service in enumerate(bits(service == code).T):
            answer[word] |= of_service * skilled[code]
    return answer


def bits(chosen: Bools) -> Bits:
    """(R, C) truths as (R, N) words of 64, the first the lowest bit."""
    packed = np.packbits(chosen, axis=1, bitorder="little")
    padded = np.zeros((len(chosen), 8 * -(-chosen.shape[1] // 64)), dtype=np.uint8)
    padded[:, : packed.shape[1]] = packed
    return np.asarray(padded.view("<u8"), dtype=np.uint64)
