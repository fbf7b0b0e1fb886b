"""Forms of the counter."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parvis.catalog.selectors import needs_flat
from parvis.kernel.clock import zone
from parvis.queueing.models import Line, Precedence, Source, Turn
from parvis.queueing.services.taking import MOST_PERSONS
from parvis.toolkit.bilingual import in_language

BREAKS = (5, 10, 15, 30, 45, 60)
TIME = {"type": "time"}
BY_NEED = 0  # instead of a line: the one of the need


class PartyFields(forms.Form):
    """What may be said of anybody who waits."""

    party = forms.IntegerField(label=_("Persons"), min_value=1, max_value=MOST_PERSONS, initial=1)
    precedence = forms.ChoiceField(
        label=_("Comes before others"),
        choices=Precedence.choices,
        widget=forms.RadioSelect,
        initial=Precedence.USUAL,
        help_text=_("Seen by staff alone. The line's rule says how many minutes it is worth."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)
    who = forms.CharField(label=_("Who"), required=False, max_length=300)
    customer = forms.CharField(required=False, max_length=16)


class TicketForm(PartyFields):
    """A ticket given out at the counter, or noted on the telephone."""

    source = forms.ChoiceField(
        label=_("Where they are"),
        choices=[(Source.AGENT, _("Here")), (Source.PHONE, _("On the telephone"))],
        widget=forms.RadioSelect,
        initial=Source.AGENT,
    )
    need = forms.TypedChoiceField(label=_("Need"), required=False, coerce=int, empty_value=None)
    line = forms.TypedChoiceField(label=_("Line"), coerce=int, widget=forms.RadioSelect)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("fr", "Français"), ("en", "English")], widget=forms.RadioSelect
    )

    field_order = ["source", "line", "need", "who", "party", "precedence", "language", "note"]

    def __init__(self, *args: Any, lines: list[Line], **options: Any) -> None:
        super().__init__(*args, **options)
        named = [(line.pk, in_language(line.name)) for line in lines]
        self.fields["line"].choices = [(BY_NEED, _("As the need says")), *named] if len(named) > 1 else named  # type: ignore[attr-defined]
        nodes = [(n.need.pk, f"{'– ' * n.depth}{n.name}") for n in needs_flat()]
        self.fields["need"].choices = [("", _("– not said –")), *nodes]  # type: ignore[attr-defined]


class TicketEditForm(PartyFields):
    """What the counter learns of somebody who waits."""

    @classmethod
    def of(cls, turn: Turn, **options: Any) -> "TicketEditForm":
        """Filled with how it is now."""
        ticket = turn.ticket
        return cls(initial={name: getattr(ticket, name) for name in ("party", "precedence", "note")}, **options)


class SendForm(forms.Form):
    """Another line, and what its counter should know."""

    line = forms.TypedChoiceField(label=pgettext_lazy("another line", "To"), coerce=int, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note for the next counter"), required=False, max_length=120, help_text=_("They need not say it again.")
    )

    def __init__(self, *args: Any, lines: list[Line], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["line"].choices = [(line.pk, in_language(line.name)) for line in lines]  # type: ignore[attr-defined]


class BreakForm(forms.Form):
    """When one means to be back: in some minutes, or at a time of one's own."""

    minutes = forms.TypedChoiceField(
        label=_("Back in"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=[(n, _("%(n)s min") % {"n": n}) for n in BREAKS],
        widget=forms.RadioSelect,
        initial=15,
    )
    at = forms.TimeField(
        label=_("Or back at"),
        required=False,
        widget=forms.TimeInput(attrs=TIME, format="%H:%M"),
        help_text=_("Waiting times are worked out with it. It binds you to nothing."),
    )

    def back_at(self, now: dt.datetime, tz: str) -> dt.datetime | None:
        """The instant of a valid form; None where nothing was said."""
        if at := self.cleaned_data["at"]:
            local = now.astimezone(zone(tz))
            found = dt.datetime.combine(local.date(), at, tzinfo=local.tzinfo)
            return (found if found > local else found + dt.timedelta(days=1)).astimezone(dt.UTC)
        minutes = self.cleaned_data["minutes"]
        return now + dt.timedelta(minutes=minutes) if minutes else None
