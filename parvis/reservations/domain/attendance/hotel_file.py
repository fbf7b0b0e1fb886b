"""Bookings of hotels in the open format of Antonio, de Almeida and Nunes, "Hotel booking demand datasets" (2019).

The outcome to forecast: the booking did not show up as booked, that is, it was cancelled or a no-show.

**Which columns a forecast may use.** Only what stands in the book when one asks, and means the same for those who came
and those who did not. No-shows are the test: like cancellations they never stood at the desk, like arrivals they stayed
in the book until the end. A column in which no-shows look like cancellations, at nothing, was filled in at the desk;
one in which early cancellations have less than late ones was still growing. Shares below are of the open part
(arrivals to the end of 2016); changes of AUC are those of forecasts from July 2016 on.

used
  lead_time, arrival (weekday only), nights, adults, children, babies, meal, reserved_room_type, market_segment,
  distribution_channel, customer_type, agent, company, is_repeated_guest, previous_bookings_not_canceled: entered with
  the booking. Nights count as at least one: 0 is a stay cut short at the desk, hardly ever seen in a cancellation.
  adr: the price per night. 0 counts as unknown, for the same reason.
  deposit_type: the payment terms, found by what was paid before arrival or cancellation. "Non Refund" is 99 % cancelled
  in both hotels (99.7 and 95.7 %): odd, but known when asked. Without it AUC falls by 0.012 and the deciles hold.
  total_of_special_requests: written down in the first days after booking, and not at the desk: 77 % of the kept
  bookings through online agents have one, whether made a week or half a year ahead; no-shows have them too (57 %). It
  is not pure: who cancelled within two days had little time to ask (20 %; later cancellations 40 to 60 %). Whoever asks
  some days after a booking knows it; a forecast at the very moment of booking would be less sharp than measured here.
  Without it AUC falls by 0.04, the largest part of any column, and the deciles hold.
  Size of the group: how many bookings of the same hotel, agent and company were made on the same day for the same
  arrival; at the same price too; for any arrival. On the books by that evening; their fate is not looked at.

not used, since they tell the outcome
  reservation_status, reservation_status_date, assigned_room_type: settled by it.
  country: corrected at check-in. Of offline agents' bookings 27 % of arrivals are PRT, and 99 % of no-shows.
  required_car_parking_spaces: 10 % of arrivals have one, none of 28,479 cancellations and no-shows: given at the desk.
  booking_changes: counted until check-in or cancellation, so that who cancels early had less time for changes; and of
  online agents' bookings of the last two days 13 % of arrivals have some, none of 67 no-shows.
  days_in_waiting_list: the final number, which nobody knows while the booking waits.
  previous_cancellations: above 0 in 8 % of bookings, 95 % of which were cancelled; in the other 5 % mostly for known
  regulars, and in no-shows hardly ever. A guest who cancels and books again is so common that this cannot be a past:
  cancelled groups were counted against themselves. It fades with time, and forecasts that trust it come out too low.

not used, since they mislead
  month and week of arrival: with a year of history each month was seen once, and stands for whatever was special about
  that year. Without them AUC rises by 0.005 to 0.014. Seasons come in through price and lead time.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from parvis.kernel.errors import Invalid
from parvis.kernel.phrases import Phrase as _

from .table import Floats, Ints, Table

_COUNTS = ("adults", "children", "babies", "previous_bookings_not_canceled", "total_of_special_requests")
_NIGHTS = ("stays_in_weekend_nights", "stays_in_week_nights")
_CATEGORIES = (
    *("hotel", "meal", "market_segment", "distribution_channel", "reserved_room_type", "deposit_type"),
    *("customer_type", "agent", "company"),
)
_ARRIVAL = ("arrival_date_year", "arrival_date_month", "arrival_date_day_of_month")
_NEEDED = ("is_canceled", "lead_time", "is_repeated_guest", "adr", *_COUNTS, *_NIGHTS, *_CATEGORIES)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_UNKNOWN = {"", "NA", "NULL"}
_MOST = 100_000  # of anything counted in a booking: what is larger is a slip
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Bookings:
    """n bookings: `arrival` (n,) ordinal days, `missed` (n,) 1 if cancelled or no-show, `group` (n,) the hotel.

    `together`: (n,) how many bookings were made with it for the same arrival, itself included.
    """

    arrival: Ints
    missed: Floats
    group: Ints
    together: Floats
    table: Table

    def __len__(self) -> int:
        return len(self.arrival)


def read_bookings(path: Path) -> Bookings:
    """The bookings in a CSV file, gzipped or not, in the order of the file.

    Raises `Invalid`, naming what to correct, when the file cannot be opened, has no rows, lacks columns, or when a row
    cannot be read.
    """
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw.startswith(_GZIP) else raw).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(_("%(file)s is not text in UTF-8.", file=path), hint=_("Save it as CSV in UTF-8.")) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Invalid(_("%(file)s is cut short or damaged.", file=path), hint=_("Compress or copy it again.")) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error.__class__.__name__
        raise Invalid(
            _("%(file)s cannot be opened: %(reason)s.", file=path, reason=reason), hint=_("Check its name and rights.")
        ) from None
    return bookings_of(io.StringIO(text, newline=""), str(path))


def bookings_of(lines: Iterable[str], name: str) -> Bookings:
    """The same for lines of CSV; `name` stands for them in error messages."""
    columns, numbers = _columns(lines, name)
    if not numbers:
        raise Invalid(_("%(file)s holds no bookings.", file=name), hint=_("One row per booking, below the headings."))
    cells = _Cells(columns, numbers, name)
    arrival = cells.arrivals()
    lead = cells.numbers("lead_time")
    labels = {column: np.array(columns[column]) for column in _CATEGORIES}
    codes = np.column_stack([np.unique(labels[column], return_inverse=True)[1].ravel() for column in _CATEGORIES])
    price = cells.numbers("adr", least=-_MOST)
    price[price <= 0] = np.nan
    nights = np.column_stack([cells.numbers(column) for column in _NIGHTS])
    sizes = list(_group_sizes(codes, arrival, lead, price))
    features = np.column_stack(
        [
            lead,
            (arrival + 6) % 7,
            np.maximum(nights.sum(axis=1), 1),
            nights[:, 0],
            price,
            cells.numbers("is_repeated_guest", most=1),
            *(cells.numbers(column) for column in _COUNTS),
            *sizes,
        ]
    )
    return Bookings(arrival, cells.missed(), codes[:, 0].astype(np.int64), sizes[0], Table(features, codes))


def _group_sizes(codes: Ints, arrival: Ints, lead: Floats, price: Floats) -> Iterator[Floats]:
    """Per booking (n,): the bookings made with it for the same arrival; at the same price too; for any arrival."""
    who = codes[:, [_CATEGORIES.index(column) for column in ("hotel", "agent", "company")]]
    segment = codes[:, _CATEGORIES.index("market_segment")]
    cents = np.nan_to_num(price * 100).round().astype(np.int64)
    days = lead.astype(np.int64)
    yield _same(np.column_stack([who, arrival, days]))
    yield _same(np.column_stack([who, arrival, days, cents]))
    yield _same(np.column_stack([who, segment, arrival - days]))


def _same(keys: Ints) -> Floats:
    """How many rows are equal to each row: (n,)."""
    _found, place, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    return np.asarray(counts[place.ravel()], dtype=float)


def _columns(lines: Iterable[str], name: str) -> tuple[dict[str, list[str]], list[int]]:
    """The cells by column, and the line on which each row ends."""
    reader = csv.reader(lines)
    try:
        head = [title.strip() for title in next(reader, [])]
        _check_head(head, name)
        rows: list[list[str]] = []
        numbers: list[int] = []
        for row in reader:
            if len(row) != len(head):
                if not any(cell.strip() for cell in row):
                    continue
                raise _broken(
                    name, reader.line_num, _("it has %(n)d cells instead of %(of)d", n=len(row), of=len(head))
                )
            rows.append(row)
            numbers.append(reader.line_num)
    except csv.Error as error:
        raise _broken(name, reader.line_num, str(error)) from None
    return {
        title: [cell.strip() for cell in cells] for title, cells in zip(head, zip(*rows, strict=True), strict=False)
    }, numbers


def _check_head(head: list[str], name: str) -> None:
    if not any(head):
        raise Invalid(_("%(file)s is empty.", file=name), hint=_("The first line names the columns."))
    needed = _NEEDED if "arrival" in head else (*_NEEDED, *_ARRIVAL)
    if missing := [column for column in needed if column not in head]:
        raise Invalid(
            _("%(file)s lacks these columns: %(columns)s.", file=name, columns=", ".join(missing)),
            hint=_("The first line names the columns, separated by commas, as in the open hotel booking data."),
        )


class _Cells:
    """Columns of text as arrays; what cannot be read is refused with its line."""

    def __init__(self, columns: dict[str, list[str]], numbers: list[int], name: str) -> None:
        self._columns, self._numbers, self._name = columns, numbers, name

    def numbers(self, column: str, *, least: float = 0, most: float = _MOST) -> Floats:
        """(n,) finite numbers, NaN where the cell says unknown."""

        def number(cell: str) -> float:
            if cell in _UNKNOWN:
                return np.nan
            value = float(cell)
            if not least <= value <= most:
                raise ValueError
            return value

        found = np.array(self._read(column, number))
        if column == "lead_time" and np.isnan(found).any():
            place = int(np.flatnonzero(np.isnan(found))[0])
            raise self._unreadable(place, column)
        return found

    def arrivals(self) -> Ints:
        """(n,) days of arrival as ordinals."""
        if "arrival" in self._columns:
            return np.array(self._read("arrival", lambda cell: date.fromisoformat(cell).toordinal()), dtype=np.int64)
        self._columns["arrival"] = [
            f"{year} {month} {day}" for year, month, day in zip(*(self._columns[c] for c in _ARRIVAL), strict=True)
        ]
        return np.array(self._read("arrival", _day_in_words), dtype=np.int64)

    def missed(self) -> Floats:
        """(n,) 1 where the booking was cancelled or not turned up for, by either of the columns that say so."""
        codes = {"0": 0.0, "1": 1.0}
        found = np.array(self._read("is_canceled", lambda cell: codes[cell]))
        if status := self._columns.get("reservation_status"):
            found = np.maximum(found, np.isin(status, ["Canceled", "No-Show"]).astype(float))
        return found

    def _read(self, column: str, reading: Callable[[str], float]) -> list[float]:
        known: dict[str, float] = {}
        found = []
        for place, cell in enumerate(self._columns[column]):
            if cell not in known:
                try:
                    known[cell] = reading(cell)
                except (ValueError, KeyError):
                    raise self._unreadable(place, column) from None
            found.append(known[cell])
        return found

    def _unreadable(self, place: int, column: str) -> Invalid:
        cell = self._columns[column][place]
        return _broken(self._name, self._numbers[place], _("%(column)s is “%(cell)s”", column=column, cell=cell[:40]))


def _day_in_words(cell: str) -> int:
    year, month, day = cell.split(" ")
    return date(int(year), _MONTHS.index(month) + 1, int(day)).toordinal()


def _broken(name: str, line: int, reason: object) -> Invalid:
    return Invalid(
        _("Line %(line)d of %(file)s cannot be read: %(reason)s.", line=line, file=name, reason=reason),
        hint=_("Correct that row or take it out, then run again."),
    )
