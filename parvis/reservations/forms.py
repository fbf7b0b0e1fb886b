"""Forms of bookings at the counter."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parvis.kernel.clock import parse_instant
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.numbers import whole_number


class CancelForm(forms.Form):
    """Who cancels, and why."""

    by = forms.ChoiceField(
        label=_("Who cancels"),
        choices=[("customer", _("The customer")), ("house", _("The house"))],
        widget=forms.RadioSelect,
        initial="customer",
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)


class WhenFields(forms.Form):
    """A start: one of those offered, or a time of one's own; and a reason where a rule is set aside.

    `offer`: the offering (an `Offer`), whose clocks count.
    """

    shown_day = forms.DateField(required=False, widget=forms.HiddenInput)
    start = forms.CharField(required=False, max_length=40)
    own_time = forms.TimeField(
        label=_("Another time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    override = forms.CharField(
        label=_("Why a rule is set aside"),
        required=False,
        max_length=300,
        help_text=_("Hours, notice, limits and the waiting list then do not count. The reason is kept."),
        widget=forms.TextInput(attrs={"list": "override-reasons"}),
    )

    def begin(self, place: dt.tzinfo) -> tuple[dt.datetime | None, int | None]:
        """The start that was chosen and the planned date, if it is one. Raises Invalid for what is no instant."""
        data = self.cleaned_data
        if data["own_time"] and data["shown_day"]:
            return dt.datetime.combine(data["shown_day"], data["own_time"], tzinfo=place), None
        text = data["start"]
        if text.startswith("s"):
            return None, whole_number(text[1:]) or 0
        return (parse_instant(text) if text else None), None


class MoveForm(WhenFields):
    """Another time, another resource."""

    resource = forms.TypedChoiceField(label=_("With"), required=False, coerce=int, empty_value=None)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)

    def __init__(self, *args: Any, resources: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["resource"].choices = [("", _("Whoever is free")), *resources]  # type: ignore[attr-defined]


class BookingForm(WhenFields):
    """A booking taken over the phone or at the counter."""

    offering = forms.TypedChoiceField(label=_("What"), coerce=int)
    party = forms.IntegerField(label=_("Persons"), min_value=1, max_value=1000, initial=1, required=False)
    nights = forms.IntegerField(label=_("Nights"), min_value=1, max_value=366, initial=1, required=False)
    resource = forms.TypedChoiceField(label=_("With"), required=False, coerce=int, empty_value=None)
    who = forms.CharField(
        label=_("Who"), max_length=300, error_messages={"required": _("Say whom the booking is for.")}
    )
    customer = forms.CharField(required=False, max_length=16)
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def __init__(self, *args: Any, offers: list[Any], resources: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["offering"].choices = [(o.row.pk, in_language(o.row.name)) for o in offers]  # type: ignore[attr-defined]
        self.fields["resource"].choices = [("", _("Whoever is free")), *resources]  # type: ignore[attr-defined]

    def clean_party(self) -> int:
        """One, unless said otherwise."""
        return self.cleaned_data["party"] or 1

    def clean_nights(self) -> int:
        """One, unless said otherwise."""
        return self.cleaned_data["nights"] or 1


class AbsenceForm(forms.Form):
    """When somebody or something is not there."""

    resource = forms.TypedChoiceField(label=_("Who or what"), coerce=int)
    starts_at = forms.DateTimeField(
        label=_("From"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    ends_at = forms.DateTimeField(
        label=_("Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=120, help_text=_("Only colleagues read it."))

    def __init__(self, *args: Any, resources: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["resource"].choices = resources  # type: ignore[attr-defined]


class SessionCancelForm(forms.Form):
    """Why a date is called off."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Whoever is booked reads it in the message."),
    )


class BusyCalendarForm(forms.Form):
    """A calendar elsewhere: its address, or a file."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Colleagues read it where the time is taken: “Private”, “School”.")
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=2000,
        required=False,
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false", "placeholder": "https://…"}
        ),
        help_text=_("The secret address in iCal format, as the other calendar gives it; it is asked every 15 minutes."),
    )
    file = forms.FileField(
        label=_("Or a file (.ics)"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        help_text=_("Read once; a new file replaces it. At most 2 MB."),
    )

    def for_change(self, *, by_file: bool) -> None:
        """What of it can be changed later: the name, and a file for another."""
        del self.fields["address"]
        if by_file:
            self.fields["file"].label = _("Another file (.ics)")
        else:
            del self.fields["file"]
