"""`parvis noshow_forecast`: learn from the house's own bookings now, and say what was learned."""

import json
import os
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from parvis.reservations.domain.attendance.served import ENOUGH_MISSED_TO_TELL, ENOUGH_TO_TELL
from parvis.reservations.models import AttendanceFit, Forecast
from parvis.reservations.services.forecasting import attendance_refit, forecasts_renew

_WATCH = 2.0  # seconds


class Command(BaseCommand):
    """What the worker does nightly by itself, at once and in words."""

    help = "Learn from the house's bookings who cancels and who does not come; print from how many, and how right."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")
        parser.add_argument("--background", action="store_true", help="at low priority, ending with who started it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refit, ask of all bookings ahead, and print."""
        if options["background"]:
            os.nice(10)
            threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
        fit = attendance_refit()
        while forecasts_renew():
            pass
        notable = Forecast.objects.filter(fit=fit.number, is_notable=True).count()
        if options["json"]:
            asked = Forecast.objects.filter(fit=fit.number).count()
            self.stdout.write(json.dumps({**fit.report, "forecasts": asked, "notable": notable}))
        elif not options["background"]:
            self.stdout.write("\n".join(_sentences(fit, notable)))


def _end_with(parent: int) -> None:
    """Nobody waits for the answer once whoever asked has ended."""
    while os.getppid() == parent:
        time.sleep(_WATCH)
    os._exit(1)


def _sentences(fit: AttendanceFit, notable: int) -> list[str]:
    report, score = fit.report, fit.report["score"]
    told = [
        _("Learned from %(n)s past bookings, of which %(missed)s were cancelled by the customer or missed.")
        % {"n": report["learned_from"], "missed": report["missed"]}
    ]
    if not report["enough"]:
        told.append(
            _("Not enough history yet: %(n)s past bookings with %(missed)s missed are needed. Nothing is forecast.")
            % {"n": ENOUGH_TO_TELL, "missed": ENOUGH_MISSED_TO_TELL}
        )
        return told
    if score is None:
        told.append(_("Too few bookings yet to say how right the forecasts are."))
    else:
        told.append(_score(score))
    if not report["told"]:
        told.append(_("That hardly tells who comes from who does not, so nothing is said of single bookings."))
        return told
    trees = _("Boosted trees told more than plain shares.") if report["trees"] else _("Plain shares told most.")
    told += [trees, _("Bookings ahead that may not take place: %(n)s.") % {"n": notable}]
    return told


def _score(score: dict[str, Any]) -> str:
    area = "–" if score["auc"] is None else number_format(score["auc"], 2)
    return _(
        "Tried on the latest %(n)s bookings, learning from the earlier ones only: AUC %(auc)s, Brier %(brier)s; "
        "saying the same of every booking would have given %(plain)s."
    ) % {
        "n": score["bookings"],
        "auc": area,
        "brier": number_format(score["brier"], 3),
        "plain": number_format(score["brier_of_plain_share"], 3),
    }
