"""Settings of an offering: what overbooking would cost and save, as a curve, and the decision about it."""

from typing import Any

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from parvis.catalog.views.common import back_to, managers, saved
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import Invalid
from parvis.kernel.money import Money, exponent
from parvis.reservations.curve_drawn import curve_drawn
from parvis.reservations.models import Offering
from parvis.reservations.overbooking import Weighed, overbooking_weighed
from parvis.reservations.services.overbooking import overbooking_costs_save, overbooking_decide
from parvis.reservations.views.offerings import offering_editable
from parvis.reservations.views.settings import SECTION
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.numbers import whole_number

_SALT = "reservations.overbooking"


class CostsForm(forms.Form):
    """What the two mishaps cost, as the house sees it."""

    turned_away = forms.DecimalField(
        label=gettext_lazy("Turning somebody away costs"),
        min_value=0,
        max_value=1_000_000,
        help_text=gettext_lazy("Making it good, and the customer perhaps lost: more than an empty place, as a rule."),
    )
    empty = forms.DecimalField(
        label=gettext_lazy("An empty place costs"),
        min_value=0,
        max_value=1_000_000,
        help_text=gettext_lazy("What it would have brought."),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.currency = currency
        for name in ("turned_away", "empty"):
            self.fields[name].label = f"{self.fields[name].label} ({currency})"

    @classmethod
    def of(cls, row: Offering) -> "CostsForm":
        """Filled with what was said; else with the price, for an empty place."""
        empty = row.empty_minor if row.empty_minor is not None else row.price_minor or None
        now = {"turned_away": row.turned_away_minor, "empty": empty}
        amounts = {k: None if v is None else Money(v, row.currency).amount for k, v in now.items()}
        return cls(initial=amounts, currency=row.currency)

    def clean(self) -> dict[str, Any]:
        """Amounts that the currency has."""
        data = super().clean() or {}
        for name in ("turned_away", "empty"):
            value = data.get(name)
            if value is not None and value != round(value, exponent(self.currency)):
                self.add_error(name, _("This currency has fewer decimals."))
        return data

    def minor(self, name: str) -> int:
        """In minor units."""
        return Money.of(self.cleaned_data[name], self.currency).minor


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def overbooking(request: HttpRequest, pk: int) -> HttpResponse:
    """The curve; POST notes what the two mishaps cost."""
    viewer = require_viewer(request)
    found = offering_editable(viewer, pk)
    posted = request.method == "POST"
    form = CostsForm(request.POST, currency=found.currency) if posted else CostsForm.of(found)

    def save() -> Offering:
        away, empty = form.minor("turned_away"), form.minor("empty")
        return overbooking_costs_save(viewer=viewer, offering_id=pk, turned_away_minor=away, empty_minor=empty)

    if saved(form, save):
        return back_to(request, reverse("settings_overbooking", args=[pk]))
    weighed = overbooking_weighed(found, utcnow())
    context: dict[str, Any] = {
        "section": SECTION,
        "offering": found,
        "name": in_language(found.name),
        "form": form,
        "weighed": weighed,
        "show": round(weighed.show * 100),
    }
    if weighed.advice:
        best = weighed.advice.best.extra
        context |= {"curve": curve_drawn(weighed.points, best, found.overbooking, found.currency), "best": best}
        context |= {"words": str(weighed.advice.words), "figures": signing.dumps(_figures(found, weighed), salt=_SALT)}
    return render(request, "reservations/overbooking.html", context, status=422 if form.is_bound else 200)


def _figures(found: Offering, weighed: Weighed) -> dict[str, Any]:
    """What is shown, for the ledger: signed, so that what is noted is what was seen."""
    return {
        "offering": found.pk,
        "places": weighed.places,
        "show": round(weighed.show, 3),
        "bookings": weighed.bookings,
        "turned_away_minor": found.turned_away_minor,
        "empty_minor": found.empty_minor,
        "expected_costs": [round(p.expected_cost, 2) for p in weighed.points],
        "best": weighed.advice.best.extra if weighed.advice else 0,
    }


@require_POST
@managers
def allow(request: HttpRequest, pk: int) -> HttpResponse:
    """A person decides how far overbooking goes."""
    viewer = require_viewer(request)
    offering_editable(viewer, pk)
    extra = whole_number(request.POST.get("extra", ""))
    try:
        figures = signing.loads(request.POST.get("figures", ""), salt=_SALT)
    except signing.BadSignature:
        figures = {}
    if extra is None or figures.get("offering") != pk:
        raise Invalid(_("Look at the curve first, then decide."), hint=_("Open the page of overbooking again."))
    overbooking_decide(viewer=viewer, offering_id=pk, extra=extra, figures=figures)
    told = ngettext("%(n)s extra place is allowed.", "%(n)s extra places are allowed.", extra) % {"n": extra}
    return back_to(
        request, reverse("settings_overbooking", args=[pk]), told if extra else _("No extra place is allowed.")
    )
