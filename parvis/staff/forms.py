"""Forms of people, teams and one's own profile. They read what was typed; rules are the services'."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from parvis.staff.domain.keys import DEFAULT_KEYS, field_of
from parvis.staff.domain.viewer import Role
from parvis.staff.models import ROLE_CHOICES, Member
from parvis.staff.selectors import teams
from parvis.toolkit.forms import SENSIBLE_DAYS

LANGUAGES = [(code, get_language_info(code)["name_local"].capitalize()) for code, __ in settings.LANGUAGES]
THEMES = [("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]
ROLE_HELP = _(
    "Agents serve. Leads also hand out work. Managers also set up the house and see its audit. "
    "Administrators also look after people."
)
SCOPE_WORDS = {
    "encounters:read": _("Read encounters and messages"),
    "encounters:write": _("Open encounters, reply, assign, close"),
    "customers:read": _("Read customers"),
    "customers:write": _("Add and change customers"),
    "promises:read": _("Read promises"),
    "promises:write": _("Make, keep and move promises"),
    "bookings:read": _("Read bookings and what is free"),
    "bookings:write": _("Hold, book, move and cancel"),
    "queue:read": _("Read lines and tickets"),
    "queue:write": _("Take tickets, call and serve"),
    "ledger:read": _("Read the ledger"),
    "webhooks:read": _("Read webhooks and their deliveries (administrators)"),
    "webhooks:write": _("Add, change and test webhooks (administrators)"),
}


class PersonForm(forms.Form):
    """A member of staff, as an administrator sees them."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.CharField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES, initial=Role.AGENT.value, help_text=ROLE_HELP)
    all_sites = forms.BooleanField(label=_("Sees every site"), required=False)
    team_ids = forms.MultipleChoiceField(label=_("Teams"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        found = [(str(team.pk), team.name) for team in teams()]
        if found:
            self.fields["team_ids"].choices = found  # type: ignore[attr-defined]
        else:
            del self.fields["team_ids"]

    @classmethod
    def of(cls, member: Member) -> "PersonForm":
        """Filled with how a member is now."""
        return cls(
            initial={
                "name": member.name,
                "email": member.email,
                "role": member.role,
                "all_sites": member.all_sites,
                "team_ids": [str(pk) for pk in member.teams.values_list("pk", flat=True)],
            }
        )

    def changes(self) -> dict[str, Any]:
        """What the services take."""
        data = dict(self.cleaned_data)
        data["team_ids"] = [int(pk) for pk in data.get("team_ids", [])]
        return data


class NewPersonForm(PersonForm):
    """Adding somebody; the language they are greeted in."""

    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)


class TeamForm(forms.Form):
    """A team's name."""

    name = forms.CharField(label=_("Name"), max_length=80)


class TokenForm(forms.Form):
    """A key to the API."""

    name = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=list(SCOPE_WORDS.items()), widget=forms.CheckboxSelectMultiple
    )
    expires = forms.DateField(
        label=_("Valid until"),
        required=False,
        help_text=_("Empty: until it is withdrawn."),
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=SENSIBLE_DAYS,
    )

    def expires_at(self) -> dt.datetime | None:
        """The end of the day chosen, UTC."""
        day = self.cleaned_data["expires"]
        return dt.datetime.combine(day, dt.time(23, 59, 59), dt.UTC) if day else None


class ProfileForm(forms.Form):
    """How a person likes Parvis to behave."""

    name = forms.CharField(label=_("Your name"), max_length=120, help_text=_("Customers see it under your replies."))
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=_("Light or dark"), choices=THEMES, widget=forms.RadioSelect)
    signature = forms.CharField(
        label=_("Signature"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Put under your replies by mail."),
    )


class KeysForm(forms.Form):
    """Keyboard shortcuts: on or off, and one's own keys."""

    keys_on = forms.BooleanField(label=_("Keyboard shortcuts"), required=False, help_text=_("Ctrl-K works either way."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for key, words in DEFAULT_KEYS.items():
            attrs = {"class": "key-input", "autocomplete": "off", "spellcheck": "false", "maxlength": "3"}
            self.fields[field_of(key)] = forms.CharField(
                label=str(words), required=False, max_length=3, widget=forms.TextInput(attrs=attrs)
            )

    @classmethod
    def of(cls, member: Member) -> "KeysForm":
        """Filled with the keys as they are now."""
        shown = {field_of(key): member.keymap.get(key, key) for key in DEFAULT_KEYS}
        return cls(initial={"keys_on": member.keys_on, **shown})

    def keymap(self) -> dict[str, str]:
        """{default key: theirs}; empty fields are the default."""
        return {key: self.cleaned_data[field_of(key)] for key in DEFAULT_KEYS}

    def key_fields(self) -> list[forms.BoundField]:
        """The fields of the keys, in order."""
        return [self[field_of(key)] for key in DEFAULT_KEYS]
