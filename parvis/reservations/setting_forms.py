"""Forms of what can be booked: resources, offerings with what they need, dates of sessions."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parvis.catalog.forms import add_bilingual, bilingual_initial, bilingual_of
from parvis.catalog.selectors import needs_flat
from parvis.kernel.money import Money, exponent
from parvis.reservations.domain.rules import PERIODS
from parvis.reservations.models import Offering, Resource
from parvis.staff.selectors import members_active

KINDS = [(value, label) for value, label in Resource.KINDS if value != "session"]
TIME = {"type": "time"}
_LIMIT_LABELS = {
    "day": _("Bookings a day, at most"),
    "week": _("A week"),
    "month": _("A month"),
    "year": _("A year"),
}


class ResourceForm(forms.Form):
    """Somebody or something that is booked."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("What it is"), choices=KINDS, widget=forms.RadioSelect, initial="person")
    site_id = forms.TypedChoiceField(label=_("Site"), coerce=int)
    member_id = forms.TypedChoiceField(
        label=_("Member of staff"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("They note their own absences and find their week first."),
    )
    capacity = forms.IntegerField(
        label=_("How many at once"),
        min_value=1,
        max_value=100_000,
        initial=1,
        help_text=_("A pool of six bicycles: 6. A person: 1."),
    )
    min_party = forms.IntegerField(label=_("From how many persons"), min_value=1, max_value=10_000, initial=1)
    max_party = forms.IntegerField(
        label=_("Up to how many persons"),
        min_value=1,
        max_value=10_000,
        required=False,
        help_text=_("A table's seats, a room's beds."),
    )
    is_public = forms.BooleanField(label=_("Customers may choose it"), required=False, initial=True)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    position = forms.IntegerField(label=_("Position"), min_value=0, max_value=1000, initial=0)

    def __init__(self, *args: Any, sites: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["site_id"].choices = sites  # type: ignore[attr-defined]
        self.fields["member_id"].choices = [("", _("– nobody –")), *((m.pk, m.name) for m in members_active())]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, row: Resource, **options: Any) -> "ResourceForm":
        """Filled with how it is now."""
        return cls(initial={name: getattr(row, name) for name in cls.base_fields}, **options)


class OfferingForm(forms.Form):
    """What customers book."""

    site_id = forms.TypedChoiceField(label=_("Site"), coerce=int)
    slug = forms.SlugField(label=_("Short name in addresses"), max_length=60)
    need_id = forms.TypedChoiceField(label=_("Need"), required=False, coerce=int, empty_value=None)
    unit = forms.ChoiceField(
        label=_("What is booked"), choices=Offering.UNITS, widget=forms.RadioSelect, initial="slot"
    )
    duration_minutes = forms.IntegerField(label=_("Duration (minutes)"), min_value=1, max_value=20_160, initial=60)
    step_minutes = forms.IntegerField(label=_("A start every … minutes"), min_value=1, max_value=20_160, initial=30)
    buffer_before = forms.IntegerField(label=_("Kept free before (minutes)"), min_value=0, max_value=1440, initial=0)
    buffer_after = forms.IntegerField(label=_("Kept free after (minutes)"), min_value=0, max_value=1440, initial=0)
    buffers_shared = forms.BooleanField(label=_("Neighbours share these minutes"), required=False)
    min_nights = forms.IntegerField(label=_("Nights at least"), min_value=1, max_value=366, initial=1)
    max_nights = forms.IntegerField(label=_("Nights at most"), min_value=1, max_value=366, initial=28)
    check_in = forms.TimeField(label=_("From"), initial="15:00", widget=forms.TimeInput(attrs=TIME, format="%H:%M"))
    check_out = forms.TimeField(label=_("Until"), initial="11:00", widget=forms.TimeInput(attrs=TIME, format="%H:%M"))
    min_party = forms.IntegerField(label=_("From how many persons"), min_value=1, max_value=10_000, initial=1)
    max_party = forms.IntegerField(label=_("Up to how many persons"), min_value=1, max_value=10_000, initial=1)
    seats = forms.IntegerField(
        label=_("Persons who share one slot"),
        min_value=1,
        max_value=10_000,
        initial=1,
        help_text=_("1: each booking has its time for itself."),
    )
    price = forms.DecimalField(label=_("Price"), min_value=Decimal(0), max_digits=12, decimal_places=3, initial=0)
    price_per = forms.ChoiceField(label=_("The price is"), choices=Offering.PER, initial="booking")
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, initial="EUR")
    deposit = forms.DecimalField(label=_("Deposit"), min_value=Decimal(0), max_digits=12, decimal_places=3, initial=0)
    free_cancel_hours = forms.IntegerField(
        label=_("Free cancellation until (hours before)"), min_value=0, max_value=10_000, initial=24
    )
    late_fee = forms.DecimalField(
        label=_("A late cancellation costs"), min_value=Decimal(0), max_digits=12, decimal_places=3, initial=0
    )
    notice_minutes = forms.IntegerField(
        label=_("At least how many minutes ahead"), min_value=0, max_value=525_600, initial=0
    )
    horizon_days = forms.IntegerField(label=_("At most how many days ahead"), min_value=0, max_value=730, initial=90)
    overbooking = forms.IntegerField(
        label=_("Overbooking"),
        min_value=0,
        max_value=10_000,
        initial=0,
        help_text=_("How many more than there are may be sold."),
    )
    hold_minutes = forms.IntegerField(label=_("Held while deciding (minutes)"), min_value=1, max_value=120, initial=5)
    waiting_open = forms.BooleanField(label=_("New people may join"), required=False, initial=True)
    waiting_auto = forms.BooleanField(label=_("Places are offered by themselves"), required=False, initial=True)
    waiting_first = forms.BooleanField(label=_("Who waits comes before newcomers"), required=False, initial=True)
    offer_minutes = forms.IntegerField(label=_("An offer stands (minutes)"), min_value=1, max_value=20_160, initial=120)
    reminder_hours = forms.IntegerField(
        label=_("Reminder (hours before)"), min_value=0, max_value=1000, initial=24, help_text=_("0: none.")
    )
    reminder_by = forms.ChoiceField(
        label=_("Reminders go"),
        choices=Offering.REMINDERS,
        initial="mail",
        help_text=_("By SMS only where this installation has a provider of text messages."),
    )
    grace_minutes = forms.IntegerField(
        label=_("Counts as late after (minutes)"), min_value=0, max_value=1440, initial=15
    )
    is_public = forms.BooleanField(label=_("Offered on the portal"), required=False, initial=True)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    position = forms.IntegerField(label=_("Position"), min_value=0, max_value=1000, initial=0)

    MONEY = ("price", "deposit", "late_fee")

    def __init__(self, *args: Any, sites: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        add_bilingual(self, "name", _("Name"), longest=120)
        add_bilingual(self, "summary", _("In a few words"), longest=400, rows=2)
        for period in PERIODS:
            self.fields[f"limit_{period}"] = forms.IntegerField(
                label=_LIMIT_LABELS[period], required=False, min_value=1, max_value=100_000
            )
        self.fields["site_id"].choices = sites  # type: ignore[attr-defined]
        nodes = [(n.need.pk, f"{'– ' * n.depth}{n.name}") for n in needs_flat()]
        self.fields["need_id"].choices = [("", _("– none –")), *nodes]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, row: Offering, **options: Any) -> "OfferingForm":
        """Filled with how it is now."""
        plain = [name for name in cls.base_fields if name not in cls.MONEY]
        now = {name: getattr(row, name) for name in plain}
        for name in cls.MONEY:
            now[name] = Money(getattr(row, f"{name}_minor"), row.currency).amount
        now |= {f"limit_{period}": row.limits.get(period) for period in PERIODS}
        now |= bilingual_initial(row.name, "name") | bilingual_initial(row.summary, "summary")
        return cls(initial=now, **options)

    def clean_currency(self) -> str:
        """Its code in capitals."""
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        """A name in one language at least; amounts that the currency has."""
        data = super().clean() or {}
        if not any(data.get(f"name_{code}") for code in ("en", "fr")):
            self.add_error("name_en" if "name_en" in self.fields else None, _("Give a name."))
        digits = exponent(data.get("currency") or "EUR")
        for name in self.MONEY:
            value = data.get(name)
            if value is not None and value != round(value, digits):
                self.add_error(name, _("This currency has fewer decimals."))
        return data

    def changes(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        found = {name: data[name] for name in self.base_fields if name not in self.MONEY}
        for name in self.MONEY:
            found[f"{name}_minor"] = Money.of(data[name], data["currency"]).minor
        found["limits"] = {p: data[f"limit_{p}"] for p in PERIODS if data.get(f"limit_{p}")}
        return {**found, "name": bilingual_of(data, "name"), "summary": bilingual_of(data, "summary")}


class SessionForm(forms.Form):
    """Dates of a session: the first, and how many weeks it repeats."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    begins = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs=TIME, format="%H:%M"))
    ends = forms.TimeField(label=_("Until"), widget=forms.TimeInput(attrs=TIME, format="%H:%M"))
    seats = forms.IntegerField(label=_("Seats"), min_value=1, max_value=100_000, initial=8)
    weeks = forms.IntegerField(
        label=_("How many weeks in a row"), min_value=1, max_value=53, initial=1, help_text=_("1: only this date.")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)


class PartnerForm(forms.Form):
    """Who sells for the house, and what."""

    name = forms.CharField(label=_("Name"), max_length=120)
    organisation_id = forms.TypedChoiceField(
        label=_("Organisation"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Where its people and what was said with them are found."),
    )
    offering_ids = forms.TypedMultipleChoiceField(label=_("May book"), coerce=int, widget=forms.CheckboxSelectMultiple)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(
        self, *args: Any, offerings: list[tuple[int, str]], organisations: list[tuple[int, str]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["offering_ids"].choices = offerings  # type: ignore[attr-defined]
        named = [("", _("– a new one of this name –")), *organisations]
        self.fields["organisation_id"].choices = named  # type: ignore[attr-defined]
