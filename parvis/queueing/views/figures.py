"""Pages of figures: were we honest about waits, and how many counters does a day need?"""

import datetime as dt
from typing import Any

import numpy as np
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from parvis.catalog.selectors import calendar_of, sites
from parvis.catalog.views.common import back_to, managers, saved
from parvis.kernel.business_hours import next_open
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import Invalid, NotFound
from parvis.queueing.domain.staffing.demand import BINS
from parvis.queueing.honesty import FEW, honesty_of
from parvis.queueing.honesty_drawn import honesty_drawn
from parvis.queueing.models import ServiceGoal
from parvis.queueing.selectors import waiting_at
from parvis.queueing.services import goal_save
from parvis.queueing.staffing import Staffing, goal_of, played_with, staffing_of
from parvis.queueing.staffing_drawn import staffing_drawn
from parvis.queueing.views.common import leads, site_chosen
from parvis.staff.middleware import require_viewer
from parvis.toolkit.numbers import whole_number

PERIODS = (7, 30, 90)
MOST_COUNTERS = 200


def site_of(request: HttpRequest) -> tuple[Any, list[Any]]:
    """The site looked at, among those the viewer sees. Raises NotFound for one out of sight, or where there is none."""
    among = list(sites(require_viewer(request)).order_by("id"))
    found = site_chosen(request, among)
    if found is None:
        raise NotFound(_("There is no such site, or it is not yours to see."), code="no_site")
    return found, among


@require_safe
def honesty(request: HttpRequest) -> HttpResponse:
    """What people were told about their waits, what came, and what the usual rules would have said."""
    site, among = site_of(request)
    days = whole_number(request.GET.get("days", "")) or 30
    days = days if days in PERIODS else 30
    now = utcnow()
    found = honesty_of(site, begin=now - dt.timedelta(days=days), end=now)
    context = {
        "site": site,
        "sites": among,
        "days": days,
        "periods": PERIODS,
        "found": found,
        "few": FEW,
        "drawn": honesty_drawn(found.levels) if found.levels else None,
        "groups": [
            (_("By people ahead"), _("People ahead"), found.by_ahead),
            (_("By hour"), _("Hour"), found.by_hour),
            (_("By line"), _("Line"), found.by_line),
        ],
    }
    return render(request, "queueing/honesty.html", context)


class GoalForm(forms.ModelForm):
    """What the site wants to stand by, and what things cost."""

    counter_hour = forms.DecimalField(
        label=gettext_lazy("A counter costs per hour"), min_value=0, max_value=100_000, decimal_places=2
    )
    leaver = forms.DecimalField(
        label=gettext_lazy("Somebody who leaves costs"),
        min_value=0,
        max_value=100_000,
        decimal_places=2,
        help_text=gettext_lazy("What they would have brought, and the good name."),
    )

    class Meta:
        model = ServiceGoal
        fields = ("in_time_percent", "within_minutes", "leave_percent")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        row: ServiceGoal = self.instance
        self.initial.update(counter_hour=f"{row.counter_hour_minor / 100:.2f}", leaver=f"{row.leaver_minor / 100:.2f}")
        for name in ("counter_hour", "leaver"):
            self.fields[name].label = f"{self.fields[name].label} ({row.currency})"

    def minor(self, name: str) -> int:
        """In cents."""
        return round(self.cleaned_data[name] * 100)


@require_safe
@leads
def staffing(request: HttpRequest) -> HttpResponse:
    """How many counters a day needs half hour by half hour, and what another plan would do."""
    site, among = site_of(request)
    now = utcnow()
    day = _day(request, site, now)
    found = staffing_of(site, day, now=now)
    today = now.astimezone(zone(site.timezone)).date()
    plan, busier = _plan(request), _busier(request)
    context: dict[str, Any] = {
        "site": site,
        "sites": among,
        "day": day,
        "yesterday": day - dt.timedelta(days=1),
        "tomorrow": day + dt.timedelta(days=1),
        "is_today": day == today,
        "found": found,
        "goal": goal_of(site.pk),
        "busier": busier,
    }
    if found is not None:
        counters = plan if plan is not None else found.plan.counters
        if plan is not None or busier != 100:
            begun = _from_now(site, now) if day == today else {}
            context["tried"] = _whole(played_with(found, counters, busier=busier / 100, **begun).whole())
        context |= {"drawn": staffing_drawn(found, counters), "rows": _rows(found, counters)}
        context["whole"] = _whole(found.plan.played.whole())
    return render(request, "queueing/staffing.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def goal(request: HttpRequest) -> HttpResponse:
    """Say what the site wants to stand by."""
    viewer = require_viewer(request)
    site, __ = site_of(request)
    form = GoalForm(request.POST or None, instance=goal_of(site.pk))

    def save() -> ServiceGoal:
        changes = {name: form.cleaned_data[name] for name in GoalForm.Meta.fields}
        changes |= {"counter_hour_minor": form.minor("counter_hour"), "leaver_minor": form.minor("leaver")}
        return goal_save(viewer=viewer, site_id=site.pk, **changes)

    if saved(form, save):
        return back_to(request, f"{reverse('staffing')}?site={site.pk}")
    return render(request, "queueing/goal.html", {"form": form, "site": site}, status=422 if form.is_bound else 200)


def _day(request: HttpRequest, site: Any, now: dt.datetime) -> dt.date:
    """The day asked for; else the next one on which the site opens."""
    text = request.GET.get("day", "")
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        if text:
            raise Invalid(_("This is not a date."), hint=_("Write it like 2026-11-27.")) from None
        here = zone(site.timezone)
        tomorrow = dt.datetime.combine(now.astimezone(here).date() + dt.timedelta(days=1), dt.time(), here)
        if not site.hours:
            return tomorrow.date()
        return next_open(calendar_of(site, around=tomorrow), tomorrow).astimezone(here).date()
    if not 1971 <= day.year <= 2199:
        raise Invalid(_("This date is too far away."), hint=_("Choose a day of the coming weeks."))
    return day


def _plan(request: HttpRequest) -> np.ndarray | None:
    """A plan of one's own: counters by half hour, as the form sends them. Raises Invalid for what is no number."""
    given = {name[1:]: value for name, value in request.GET.items() if name in _HALF_HOURS}
    if not given:
        return None
    plan = np.zeros(BINS, dtype=int)
    for half_hour, text in given.items():
        count = whole_number(str(text) or "0")
        if count is None or not 0 <= count <= MOST_COUNTERS:
            told = _("Counters are whole numbers from 0 to %(most)s.") % {"most": MOST_COUNTERS}
            raise Invalid(told, hint=_("Correct the number and try again."))
        plan[int(half_hour)] = count
    return plan


_HALF_HOURS = frozenset(f"c{n}" for n in range(BINS))


def _busier(request: HttpRequest) -> int:
    """How busy the day is against what is expected, in percent."""
    found = whole_number(request.GET.get("busier", ""))
    return min(max(found, 10), 500) if found is not None else 100


def _from_now(site: Any, now: dt.datetime) -> dict[str, Any]:
    """Today is played from now on, with those who wait already."""
    local = now.astimezone(zone(site.timezone))
    return {"begin_minute": local.hour * 60.0 + local.minute, "waiting": waiting_at(site.pk)}


def _whole(parts: tuple[float, float, float]) -> dict[str, str]:
    in_time, leave, wait = parts
    return {
        "in_time": number_format(round(100 * in_time)),
        "leave": number_format(round(100 * leave, 1), 1),
        "wait": number_format(round(wait, 1), 1),
    }


def _rows(found: Staffing, counters: np.ndarray) -> list[dict[str, Any]]:
    """The half hours with something in them, as the table shows them."""
    played, expected = found.plan.played, found.demand.expected
    return [
        {
            "bin": b,
            "time": f"{b // 2:02d}:{30 * (b % 2):02d}",
            "expected": number_format(round(float(expected[b]), 1), 1),
            "counters": int(counters[b]),
            "in_time": round(100 * float(played.in_time[b])),
            "leave": number_format(round(100 * float(played.leave[b]), 1), 1),
            "fewer": _change(found.changes.get(b, {}).get(-1)),
            "more": _change(found.changes.get(b, {}).get(1)),
        }
        for b in range(BINS)
        if expected[b] >= 0.05 or counters[b]
    ]


def _change(change: Any) -> dict[str, str] | None:
    if change is None:
        return None
    parts = {"wait": (change.wait, 0), "leave": (100 * change.leave, 1), "money": (change.money, 0)}
    return {name: _signed(value, places) for name, (value, places) in parts.items()}


def _signed(value: float, places: int) -> str:
    rounded = round(value, places)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else "±"
    return f"{sign}{number_format(abs(rounded), places)}"
