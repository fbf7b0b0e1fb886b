"""Forms of lines, counters and screens."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parvis.catalog.forms import add_bilingual, bilingual_initial, bilingual_of
from parvis.catalog.selectors import needs_flat
from parvis.queueing.models import Counter, Line, Screen
from parvis.toolkit.bilingual import in_language


def _minutes(label: Any, help_text: Any, initial: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=24 * 60, initial=initial)


def _stay(form: forms.Form) -> None:
    form.fields["site_id"].disabled = True
    form.fields["site_id"].help_text = _("It has been in use here, and stays.")


class LineForm(forms.Form):
    """A line, its rule in minutes, and what it is for."""

    site_id = forms.TypedChoiceField(label=_("Site"), coerce=int)
    code = forms.CharField(
        label=_("Letters of its tickets"), max_length=2, help_text=_("One or two: A gives A001, A002, …")
    )
    needs = forms.TypedMultipleChoiceField(
        label=_("What people come for"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A branch stands for what hangs on it."),
    )
    typical_minutes = forms.IntegerField(
        label=_("Usual minutes of service"),
        min_value=1,
        max_value=600,
        initial=6,
        help_text=_("A beginning for the estimates; soon they know better."),
    )
    booked_minutes = _minutes(
        _("Appointments count from … minutes before"),
        _("Whoever has booked 10:00 and is here in time waits as if they had come this long before 10:00."),
        15,
    )
    late_minutes = _minutes(
        _("Appointments may be late by … minutes"), _("Later, they go in the order of arrival."), 10
    )
    assisted_minutes = _minutes(
        _("Special needs: ahead by … minutes"),
        _("They pass whoever came at most this long before them. Others see nothing of it."),
        30,
    )
    urgent_minutes = _minutes(_("Urgent: ahead by … minutes"), _("Only staff says what is urgent."), 60)
    grace_seconds = forms.IntegerField(
        label=_("Seconds to come to the counter"),
        min_value=10,
        max_value=1800,
        initial=60,
        help_text=_("After a call. Nobody is given up sooner."),
    )
    calls = forms.IntegerField(
        label=_("How often somebody is called"), min_value=1, max_value=9, initial=3, help_text=_("At most.")
    )
    return_minutes = _minutes(
        _("Way back after a missed call, in minutes"),
        _("Within it they get their old place back; later, that of their coming back."),
        20,
    )
    more_times = forms.IntegerField(
        label=_("How often somebody may ask for more time"),
        min_value=0,
        max_value=5,
        initial=1,
        help_text=_("On their own page, when it is nearly their turn. 0: never."),
    )
    more_minutes = forms.IntegerField(
        label=_("Minutes of each time"),
        min_value=1,
        max_value=60,
        initial=5,
        help_text=_("Others go first meanwhile; then they are in the line again, at their old place."),
    )
    takes_walk_ins = forms.BooleanField(label=_("Tickets at the kiosk"), required=False, initial=True)
    takes_remote = forms.BooleanField(label=_("Tickets by link or QR code"), required=False, initial=True)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    position = forms.IntegerField(label=_("Position"), min_value=0, max_value=1000, initial=0)

    def __init__(self, *args: Any, sites: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        add_bilingual(self, "name", _("Name"), longest=60)
        self.fields["site_id"].choices = sites  # type: ignore[attr-defined]
        self.fields["needs"].choices = [(n.need.pk, f"{'– ' * n.depth}{n.name}") for n in needs_flat()]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, row: Line, **options: Any) -> "LineForm":
        """Filled with how it is now."""
        now = {name: getattr(row, name) for name in cls.base_fields if name != "needs"}
        now["needs"] = [need.pk for need in row.needs.all()]
        return cls(initial=now | bilingual_initial(row.name, "name"), **options)

    def stay(self) -> "LineForm":
        """The same form, its site to be read and not changed: what was sent for it counts for nothing."""
        _stay(self)
        return self

    def clean_code(self) -> str:
        """In capitals."""
        return str(self.cleaned_data["code"]).strip().upper()

    def changes(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        plain = {name: data[name] for name in self.base_fields if name != "needs"}
        return {**plain, "name": bilingual_of(data, "name"), "need_ids": data["needs"]}


class CounterForm(forms.Form):
    """A counter and the lines it takes from."""

    site_id = forms.TypedChoiceField(label=_("Site"), coerce=int)
    lines = forms.TypedMultipleChoiceField(
        label=_("Takes from"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    position = forms.IntegerField(label=_("Position"), min_value=0, max_value=1000, initial=0)

    def __init__(self, *args: Any, sites: list[tuple[int, str]], lines: Iterable[Line], **options: Any) -> None:
        super().__init__(*args, **options)
        add_bilingual(self, "name", _("Name"), longest=60)
        self.fields["site_id"].choices = sites  # type: ignore[attr-defined]
        self.fields["lines"].choices = line_choices(lines, sites)  # type: ignore[attr-defined]

    @classmethod
    def of(cls, row: Counter, **options: Any) -> "CounterForm":
        """Filled with how it is now."""
        now: dict[str, Any] = {name: getattr(row, name) for name in ("site_id", "is_active", "position")}
        now["lines"] = [line.pk for line in row.lines.all()]
        return cls(initial=now | bilingual_initial(row.name, "name"), **options)

    def stay(self) -> "CounterForm":
        """The same form, its site to be read and not changed."""
        _stay(self)
        return self

    def changes(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        plain = {name: data[name] for name in ("site_id", "is_active", "position")}
        return {**plain, "name": bilingual_of(data, "name"), "line_ids": data["lines"]}


class ScreenForm(forms.Form):
    """A device in the room."""

    kind = forms.ChoiceField(label=_("What it is"), choices=Screen.KINDS, widget=forms.RadioSelect, initial="kiosk")
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("Where it stands: “Entrance”."))
    site_id = forms.TypedChoiceField(label=_("Site"), coerce=int)
    lines = forms.TypedMultipleChoiceField(
        label=_("Lines"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of the site."),
    )
    speaks = forms.BooleanField(
        label=_("Calls aloud"), required=False, initial=True, help_text=_("By the browser's own voice.")
    )
    prints = forms.BooleanField(
        label=_("Prints tickets"), required=False, help_text=_("Where a printer is connected to the device.")
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, sites: list[tuple[int, str]], lines: Iterable[Line], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["site_id"].choices = sites  # type: ignore[attr-defined]
        self.fields["lines"].choices = line_choices(lines, sites)  # type: ignore[attr-defined]

    @classmethod
    def of(cls, row: Screen, **options: Any) -> "ScreenForm":
        """Filled with how it is now."""
        now = {name: getattr(row, name) for name in cls.base_fields if name != "lines"}
        return cls(initial={**now, "lines": [line.pk for line in row.lines.all()]}, **options)

    def changes(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        return {**{name: data[name] for name in self.base_fields if name != "lines"}, "line_ids": data["lines"]}


class BeginForm(forms.Form):
    """From nothing to a line that works: all of it in one go."""

    site_id = forms.TypedChoiceField(label=_("Site"), coerce=int)
    code = forms.CharField(label=_("Letters of its tickets"), max_length=2, initial="A")
    counters = forms.IntegerField(label=_("How many counters"), min_value=1, max_value=20, initial=1)
    kiosk = forms.BooleanField(label=_("A kiosk that gives tickets"), required=False, initial=True)
    display = forms.BooleanField(label=_("A display that shows the calls"), required=False, initial=True)

    def __init__(self, *args: Any, sites: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        add_bilingual(self, "name", _("What people wait for"), longest=60)
        self.fields["site_id"].choices = sites  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        """In capitals."""
        return str(self.cleaned_data["code"]).strip().upper()


def line_choices(lines: Iterable[Line], sites: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Lines by name, with their site where there are several."""
    names = dict(sites)
    several = len(names) > 1
    return [(n.pk, f"{in_language(n.name)}{f' · {names.get(n.site_id)}' if several else ''}") for n in lines]
