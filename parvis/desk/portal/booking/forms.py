"""The forms of a booking: who comes, and what somebody who waits would take."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from parvis.kernel.contact import is_email, parse_phone
from parvis.reservations.choosing import is_stay
from parvis.reservations.domain.rules import Unit
from parvis.reservations.supply import Offer


def _trap() -> forms.CharField:
    return forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))


def _name() -> forms.CharField:
    return forms.CharField(label=_("Your name"), max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"}))


class Person(forms.Form):
    """What two forms ask of somebody. `website` is a trap: people do not see it."""

    website = _trap()
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip()
        if email and not is_email(email):
            raise forms.ValidationError(_("Write it as name@example.com."))
        return email


class GuestForm(Person):
    """Who comes. One way to reach them is enough."""

    name = _name()
    email = forms.CharField(
        label=_("Your e-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Your phone number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    note = forms.CharField(
        label=_("Anything we should know?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, country: str = "FR", **options: Any) -> None:
        super().__init__(*args, **options)
        self.country = country

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"]).strip()
        found = parse_phone(phone, self.country) if phone else None
        if phone and (found is None or not found.possible):
            raise forms.ValidationError(_("This does not look like a phone number. Leave it out, or write it in full."))
        return phone

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not (data.get("email") or data.get("phone")) and not {"email", "phone"} & set(self.errors):
            self.add_error("email", _("Give an e-mail address or a phone number, so that we can reach you."))
        return data


class WaitForm(Person):
    """When somebody would come, and where to write to them."""

    session = forms.ChoiceField(label=_("Which date?"))
    first_day = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last_day = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Only on these days"),
        required=False,
        coerce=int,
        choices=[(n, name) for n, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    begin = forms.TimeField(
        label=_("Not before"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    end = forms.TimeField(
        label=_("Not after"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    party = forms.IntegerField(label=_("How many people?"), min_value=1)
    nights = forms.IntegerField(label=_("How many nights?"), min_value=1)
    name = _name()
    email = forms.CharField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("We write there as soon as a place is free."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, offer: Offer, dates: list[tuple[str, str]], today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        row = offer.row
        self.fields["party"].max_value = row.max_party  # type: ignore[attr-defined]
        self.fields["party"].widget.attrs |= {"max": row.max_party, "min": 1}
        if row.max_party == 1:
            del self.fields["party"]
        if not is_stay(offer):
            del self.fields["nights"]
        if is_stay(offer):
            for name in ("begin", "end"):
                del self.fields[name]
        if row.unit == Unit.SESSION:
            self.fields["session"].choices = dates  # type: ignore[attr-defined]
            for name in ("first_day", "last_day", "weekdays", "begin", "end"):
                del self.fields[name]
        else:
            del self.fields["session"]
            for name in ("first_day", "last_day"):
                self.fields[name].widget.attrs["min"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < max(first, self.today):
            self.add_error("last_day", _("Choose a later day."))
        begin, end = data.get("begin"), data.get("end")
        if begin and end and end < begin:
            self.add_error("end", _("Choose a later time."))
        return data
