"""`parvis noshow_backtest FILE --from DATE`: how well would cancellations and no-shows have been forecast?"""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from parvis.kernel.errors import ParvisError
from parvis.reservations.domain.attendance.backtest import MonthForecast, backtest
from parvis.reservations.domain.attendance.hotel_file import read_bookings
from parvis.reservations.domain.attendance.scores import Decile, auc, brier, deciles

_BAR = 24  # characters for a share of 100 %


class Command(BaseCommand):
    """Needs no database. Goes month by month; each month is forecast from earlier arrivals only."""

    help = "Forecast cancellations and no-shows of past bookings month by month, and print how right that was."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="hotel bookings as CSV, gzipped or not; one row per booking")
        parser.add_argument("--from", dest="start", required=True, metavar="DATE", help="first arrival: 2016-07-01")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the scores; `CommandError` says what to correct when the file or the date cannot be used."""
        try:
            start = date.fromisoformat(options["start"])
        except ValueError:
            raise CommandError(
                _("“%(text)s” is not a date. Write it like 2016-07-01.") % {"text": options["start"]}
            ) from None
        try:
            months = self._months(Path(options["file"]), start, shown=not options["json"])
        except ParvisError as error:
            raise CommandError("\n".join([str(error), *([str(error.hint)] if error.hint else [])])) from error
        outcome = np.concatenate([month.outcome for month in months])
        forecast = np.concatenate([month.forecast for month in months])
        parts = deciles(outcome, forecast)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(auc(outcome, forecast), brier(outcome, forecast), parts)))
        else:
            self.stdout.write(_row(_("all"), outcome, forecast))
            self.stdout.write("\n" + decile_table(parts))

    def _months(self, path: Path, start: date, *, shown: bool) -> list[MonthForecast]:
        """All months; each printed as soon as it is known, since the whole takes a minute or two."""
        months: list[MonthForecast] = []
        for month in backtest(read_bookings(path), start):
            if shown and not months:
                self.stdout.write(_heading())
            months.append(month)
            if shown:
                name = date_format(month.month, "YEAR_MONTH_FORMAT")
                self.stdout.write(_row(name, month.outcome, month.forecast))
                self.stdout.flush()
        return months


def as_json(area: float | None, score: float, parts: Sequence[Decile]) -> dict[str, Any]:
    """The scores as JSON-ready values; `auc` is null where all bookings ended alike."""
    rows = [{"forecast": part.forecast, "observed": part.observed, "n": part.n} for part in parts]
    return {"auc": area, "brier": score, "deciles": rows}


def decile_table(parts: Sequence[Decile]) -> str:
    """The ten parts of the forecasts, with a bar of what happened, and the largest gap in a sentence."""
    forecast, observed, gap, bookings = _("forecast"), _("observed"), _("gap"), _("bookings")
    lines = [
        _("Cancelled or not turned up, by tenths of the forecast, lowest first:"),
        f"{forecast:>10} {observed:>10} {gap:>8} {bookings:>10}",
    ]
    for part in parts:
        bar = "█" * round(part.observed * _BAR)
        gap = f"{part.gap * 100:+.1f}".replace(".", number_format(0.5, 1)[1])
        lines.append(
            f"{_percent(part.forecast):>10} {_percent(part.observed):>10} {gap:>8} {part.n:>10}  {bar}".rstrip()
        )
    worst = number_format(max(abs(part.gap) for part in parts) * 100, 1)
    lines.append(_("Largest gap between forecast and observed: %(gap)s points.") % {"gap": worst})
    return "\n".join(lines)


def _heading() -> str:
    arrivals, bookings, forecast, observed = _("arrivals"), _("bookings"), _("forecast"), _("observed")
    return f"{arrivals:<16} {bookings:>10} {forecast:>10} {observed:>10} {'AUC':>7} {'Brier':>7}"


def _row(name: str, outcome: np.ndarray, forecast: np.ndarray) -> str:
    area = auc(outcome, forecast)
    scores = f"{'–' if area is None else number_format(area, 3):>7} {number_format(brier(outcome, forecast), 3):>7}"
    shares = f"{_percent(float(forecast.mean())):>10} {_percent(float(outcome.mean())):>10}"
    return f"{name:<16} {len(outcome):>10} {shares} {scores}"


def _percent(share: float) -> str:
    return _("%(number)s%%") % {"number": number_format(share * 100, 1)}
