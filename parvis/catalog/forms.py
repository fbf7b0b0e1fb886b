"""Forms of the settings. They read what was typed; rules are the services'."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from parvis.catalog.domain.spans import length_text, minutes_of
from parvis.catalog.editing import country_choices, parent_choices
from parvis.catalog.models import Business, Channel, Need, Site, Touchpoint
from parvis.catalog.services.needs import NEED_ICONS
from parvis.kernel.errors import Invalid
from parvis.staff.selectors import teams
from parvis.toolkit.brand import LOGO_HEIGHTS

LANGUAGES = [code for code, __ in settings.LANGUAGES]
LANGUAGE_SETS = [
    ("fr,en", _("French first, then English")),
    ("en,fr", _("English first, then French")),
    ("fr", _("French only")),
    ("en", _("English only")),
]
PRIORITIES = [("1", _("Urgent")), ("2", _("Normal")), ("3", _("Low"))]


def zones() -> list[tuple[str, str]]:
    """Time zones by their city."""
    return [
        (name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name and "Etc/" not in name
    ]


def team_choices() -> list[tuple[str, str]]:
    """Teams, and none."""
    return [("", "–"), *((str(team.pk), team.name) for team in teams())]


def add_bilingual(form: forms.Form, name: str, label: Any, *, rows: int = 0, longest: int = 4000) -> None:
    """Fields `name_en`, `name_fr`: one text in each language."""
    for code in LANGUAGES:
        language = get_language_info(code)["name_local"].capitalize()
        attrs: dict[str, Any] = {"lang": code}
        widget = forms.Textarea(attrs={**attrs, "rows": rows}) if rows else forms.TextInput(attrs=attrs)
        text = _("%(label)s, in %(language)s") % {"label": label, "language": language}
        form.fields[f"{name}_{code}"] = forms.CharField(label=text, required=False, max_length=longest, widget=widget)


def bilingual_of(data: dict[str, Any], name: str) -> dict[str, str]:
    """`{"en": …, "fr": …}` out of a form's cleaned fields."""
    return {code: data[f"{name}_{code}"] for code in LANGUAGES}


def bilingual_initial(texts: dict[str, str], name: str) -> dict[str, str]:
    """The other way round."""
    return {f"{name}_{code}": texts.get(code, "") for code in LANGUAGES}


class HouseForm(forms.Form):
    """What the house is."""

    name = forms.CharField(label=_("Name of the house"), max_length=120)
    languages = forms.ChoiceField(
        label=_("Languages"),
        choices=LANGUAGE_SETS,
        help_text=_("Customers without one of their own are written to in the first."),
    )
    country = forms.ChoiceField(label=_("Country"))
    timezone = forms.ChoiceField(label=_("Time zone"))
    follow_up_hours = forms.IntegerField(
        label=_("Ask “did we forget anything?” after"),
        min_value=1,
        max_value=720,
        help_text=_("Hours after a conversation was closed."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]
        self.fields["timezone"].choices = zones()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, house: Business) -> "HouseForm":
        """Filled with how the house is now."""
        names = ("name", "country", "timezone", "follow_up_hours")
        return cls(initial={"languages": ",".join(house.languages), **{name: getattr(house, name) for name in names}})

    def changes(self) -> dict[str, Any]:
        """What the service takes."""
        return {**self.cleaned_data, "languages": self.cleaned_data["languages"].split(",")}


class BrandForm(forms.Form):
    """How the house looks to customers."""

    accent = forms.CharField(
        label=_("Colour of the house"), max_length=7, widget=forms.TextInput(attrs={"type": "color"})
    )
    headings = forms.ChoiceField(
        label=_("Headings"), choices=[("serif", _("Serif")), ("sans", _("Sans serif"))], widget=forms.RadioSelect
    )
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, up to 2 MB. An SVG can carry programs, so export it as PNG."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    logo_height = forms.IntegerField(
        label=_("Height of the logo, in pixels"),
        min_value=LOGO_HEIGHTS[0],
        max_value=LOGO_HEIGHTS[1],
        widget=forms.NumberInput(attrs={"step": 4}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        add_bilingual(self, "greeting", _("Words of welcome"), longest=160)

    @classmethod
    def of(cls, house: Business) -> "BrandForm":
        """Filled with how the house looks now."""
        names = ("accent", "headings", "logo_height")
        now = {name: getattr(house, name) for name in names}
        return cls(initial={**now, **bilingual_initial(house.greeting, "greeting")})

    def changes(self) -> dict[str, Any]:
        """What the service takes, the logo left out."""
        data = self.cleaned_data
        return {
            "accent": data["accent"],
            "headings": data["headings"],
            "logo_height": data["logo_height"],
            "greeting": bilingual_of(data, "greeting"),
        }


class SiteForm(forms.Form):
    """A place: where it is and how to reach it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    address = forms.CharField(label=_("Address"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40)
    email = forms.CharField(label=_("E-mail"), required=False, max_length=254, widget=forms.EmailInput)
    country = forms.ChoiceField(label=_("Country"))
    region = forms.CharField(
        label=_("Region"), required=False, max_length=10, help_text=_("Its code, where it has holidays of its own.")
    )
    timezone = forms.ChoiceField(label=_("Time zone"))
    observes_holidays = forms.BooleanField(label=_("Closed on public holidays"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]
        self.fields["timezone"].choices = zones()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, site: Site) -> "SiteForm":
        """Filled with how the site is now."""
        return cls(initial={name: getattr(site, name) for name in cls.base_fields})


class DayForm(forms.Form):
    """A day that differs."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(
        label=_("On this day"),
        choices=[("closed", pgettext_lazy("opening hours", "Closed")), ("other", _("Other hours"))],
        widget=forms.RadioSelect,
        initial="closed",
    )
    note = forms.CharField(
        label=_("Why"), required=False, max_length=80, help_text=_("Customers read it: “Stock-taking”.")
    )


class TouchpointForm(forms.Form):
    """A contact point of a site."""

    channel = forms.ChoiceField(label=_("Channel"), choices=[c for c in Channel.choices if c[0] != "api"])
    name = forms.CharField(label=_("Name"), max_length=80)
    address = forms.CharField(
        label=_("Mail address"),
        required=False,
        max_length=254,
        help_text=_("For mailboxes: customers write here, and replies leave from here."),
        widget=forms.EmailInput,
    )
    team_id = forms.TypedChoiceField(label=_("Team"), required=False, coerce=int, empty_value=None)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["team_id"].choices = team_choices()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, touchpoint: Touchpoint) -> "TouchpointForm":
        """Filled with how it is now."""
        return cls(initial={name: getattr(touchpoint, name) for name in cls.base_fields})


class LengthField(forms.CharField):
    """Minutes, written as "2 h", "1 h 30" or "45 min"."""

    def prepare_value(self, value: Any) -> Any:
        return length_text(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        try:
            return minutes_of(str(value or ""))
        except Invalid as error:
            raise forms.ValidationError(str(error)) from error


class NeedForm(forms.Form):
    """A node of the tree."""

    parent_id = forms.TypedChoiceField(label=_("Under"), required=False, coerce=int, empty_value=None)
    icon = forms.ChoiceField(label=_("Sign"), required=False, choices=[("", ""), *((i, i) for i in NEED_ICONS)])
    first_answer_minutes = LengthField(
        label=_("First answer within"), required=False, help_text=_("Of opening time. Empty: as the need above.")
    )
    resolution_minutes = LengthField(
        label=_("Settled within"), required=False, help_text=_("Empty: as the need above.")
    )
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=PRIORITIES, coerce=int, initial="2", widget=forms.RadioSelect
    )
    team_id = forms.TypedChoiceField(
        label=_("Team"), required=False, coerce=int, empty_value=None, help_text=_("Empty: as the need above.")
    )
    is_public = forms.BooleanField(label=_("Offered on the portal"), required=False, initial=True)

    def __init__(self, *args: Any, need_id: int | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        add_bilingual(self, "name", _("Name"), longest=80)
        add_bilingual(self, "summary", _("In a few words"), longest=200)
        add_bilingual(self, "answer", _("Answer"), rows=6)
        trunk = [("", _("– nothing: it is on the trunk –"))]
        self.fields["parent_id"].choices = [*trunk, *parent_choices(need_id)]  # type: ignore[attr-defined]
        self.fields["team_id"].choices = team_choices()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, need: Need) -> "NeedForm":
        """Filled with how the node is now."""
        now = {name: getattr(need, name) for name in cls.base_fields}
        for name in ("name", "summary", "answer"):
            now |= bilingual_initial(getattr(need, name), name)
        return cls(initial=now, need_id=need.pk)

    def changes(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        texts = {name: bilingual_of(data, name) for name in ("name", "summary", "answer")}
        return {**{name: data[name] for name in self.base_fields}, **texts}


class TextForm(forms.Form):
    """A text of the house in both languages."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        add_bilingual(self, "subject", _("Subject"), longest=200)
        add_bilingual(self, "body", _("Text"), rows=12, longest=6000)

    def short(self) -> None:
        """For a text message: a few lines."""
        for code in LANGUAGES:
            self.fields[f"body_{code}"].widget.attrs["rows"] = 4

    def parts(self) -> dict[str, dict[str, str]]:
        """What the service takes."""
        return {name: bilingual_of(self.cleaned_data, name) for name in ("subject", "body")}
