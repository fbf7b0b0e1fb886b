"""`parvis queue_backtest LOG.csv [--split DATE]`: how well would the waits in this log have been foretold?"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from parvis.kernel.errors import ParvisError
from parvis.queueing.domain.waits.backtest import PARVIS, Result, backtest
from parvis.queueing.domain.waits.queue_log import read_log
from parvis.queueing.domain.waits.scores import Score, bucket_name, wilson

_ENOUGH = 200  # waits of a bucket, from which it is looked at for what Parvis loses
_STEPS = 10  # times that progress is told
_NAMES, _AHEAD = 34, 10  # characters of the first column


class Command(BaseCommand):
    """Needs no database."""

    help = "Estimate past waits of a log as they would have been estimated then, and print how right that was."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="LOG.csv", help="one row per person; docs/queue-estimates.md has the columns"
        )
        parser.add_argument(
            "--split", metavar="DATE", help="first day to test, 2026-03-02; otherwise the last quarter of the days"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the scores; `CommandError` says what to correct when the file or the date cannot be used."""
        split = _day(options["split"]) if options["split"] else None
        self._told = 0
        try:
            history = read_log(Path(options["file"]))
            result = backtest(history, split, progress=self._progress if not options["json"] else _silent)
        except ParvisError as error:
            raise CommandError("\n".join([str(error), *([str(error.hint)] if error.hint else [])])) from error
        self.stdout.write(json.dumps(result.as_json()) if options["json"] else "\n" + report(result))

    def _progress(self, done: int, of: int) -> None:
        """Told now and then on the error stream, since the whole takes minutes."""
        step = done * _STEPS // of
        if step > self._told:
            self._told = step
            self.stderr.write(
                _("Replayed %(done)s of %(total)s people …") % {"done": _whole(done), "total": _whole(of)},
                self.style.NOTICE,
            )
            self.stderr.flush()


def report(result: Result) -> str:
    """Everything as text: a table over all, one by people ahead, and in words where Parvis loses."""
    lines = [
        _("Learned from %(train)s people who had to wait and were served; tested on %(test)s. Minutes throughout.")
        % {"train": _whole(result.n_train), "test": _whole(result.n_test)},
        "",
        *_table(dict(result.scores)),
        "",
        _("P50 and P90 are the shares of waits that ended by the median told and by the time called very likely."),
        _("Width: from that median to that time."),
        _correction(result),
    ]
    if result.leavers:
        left = _(
            "%(number)s people tested left before their turn. Counted for as long as they stayed, P90 is %(share)s."
        )
        lines.append(left % {"number": _whole(result.leavers), "share": _share(result.censored)})
    lines += ["", _("By people ahead:"), *_by_ahead(result), "", *_losses(result)]
    return "\n".join(lines)


def _table(scores: dict[str, Score]) -> list[str]:
    heads = (_("error"), _("bias"), _("loss .5"), _("loss .9"), "P50", "P90", _("width"))
    lines = [_line(_("predictor"), heads, _NAMES)]
    for name, one in scores.items():
        numbers = (_number(one.mae), _signed(one.bias), _number(one.pinball50), _number(one.pinball90))
        cells = (*numbers, _share(one.cov50), _share(one.cov90), _number(one.width))
        lines.append(_line(predictor_name(name), cells, _NAMES))
    return lines


def _by_ahead(result: Result) -> list[str]:
    """One line per number of people ahead: Parvis, the interval its P90 is known to, and the rule that does best."""
    heads = (_("waits"), _("error"), _("loss .9"), "P50", "P90")
    ahead, interval, best_other = _("ahead"), _("interval of P90"), _("best other, by error")
    lines = [_line(ahead, heads, _AHEAD) + f"{interval:>22}  {best_other}"]
    for bucket, scores in result.by_ahead:
        own = scores[PARVIS]
        cells = (_whole(own.n), _number(own.mae), _number(own.pinball90), _share(own.cov50), _share(own.cov90))
        interval = " – ".join(_share(end) for end in wilson(own.cov90, own.n))
        best = min((name for name in scores if name != PARVIS), key=lambda name: scores[name].mae)
        line = _line(bucket_name(bucket), cells, _AHEAD)
        lines.append(f"{line}{interval:>22}  {predictor_name(best)} {_number(scores[best].mae)}")
    return lines


def _line(name: str, cells: tuple[str, ...], width: int) -> str:
    return f"{name:<{width}}" + "".join(f"{cell:>12}" for cell in cells)


def _losses(result: Result) -> list[str]:
    """In words, where another predictor has the smaller error or loss."""
    parts = [(_("overall"), dict(result.scores))]
    parts += [
        (_("with %(ahead)s ahead") % {"ahead": bucket_name(bucket)}, scores)
        for bucket, scores in result.by_ahead
        if scores[PARVIS].n >= _ENOUGH
    ]
    measures = ((_("error"), "mae"), (_("loss at .5"), "pinball50"), (_("loss at .9"), "pinball90"))
    lines = []
    for where, scores in parts:
        for measure, field in measures:
            own = getattr(scores[PARVIS], field)
            better = [name for name, one in scores.items() if name != PARVIS and getattr(one, field) < own]
            if better:
                best = min(better, key=lambda name: getattr(scores[name], field))
                lines.append(
                    _("Parvis loses %(where)s, by %(measure)s: %(own)s, and %(other)s has %(best)s.")
                    % {
                        "where": where,
                        "measure": measure,
                        "own": _number(own),
                        "other": predictor_name(best),
                        "best": _number(getattr(scores[best], field)),
                    }
                )
    return lines or [_("Parvis loses to no other predictor, overall or in any group of %(few)s waits or more.")
                     % {"few": _ENOUGH}]  # fmt: skip


def _correction(result: Result) -> str:
    if result.corrected:
        return _("The learned correction won on training days held out, and was used.")
    return _("No learned correction was used: too little to learn from, or it did not win on training days held out.")


def predictor_name(name: str) -> str:
    """What a table calls a predictor, and where it comes from."""
    names = {
        PARVIS: "Parvis",
        "mean": _("mean of training"),
        "half_hour": _("mean of the half-hour"),
        "les": _("last to be called (LES)"),
        "hol": _("head of the line (HOL)"),
        "ewma": _("moving average .9/.1 (EWMA)"),
        "rolling": _("mean of the last 30 minutes"),
        "position": _("place × mean service / servers"),
        "erlang": "Erlang",
        "erlang_a": "Erlang-A",
        "lightgbm": "LightGBM",
    }
    return names[name]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(_("“%(text)s” is not a date. Write it like 2026-03-02.") % {"text": text}) from None


def _silent(done: int, of: int) -> None:
    """Progress that nobody is told."""


def _number(value: float) -> str:
    return number_format(value, 3)


def _signed(value: float) -> str:
    return ("+" if value >= 0 else "−") + number_format(abs(value), 3)


def _whole(value: int) -> str:
    return number_format(value, 0, force_grouping=True)


def _share(value: float) -> str:
    return _("%(number)s%%") % {"number": number_format(value * 100, 1)}
