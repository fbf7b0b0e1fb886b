"""The form of an endpoint. It reads what was typed; rules are the services'."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parvis.kernel.errors import Invalid
from parvis.toolkit.outgoing import address_checked
from parvis.webhooks.catalogue import CATALOGUE, SUBJECT_WORDS
from parvis.webhooks.models import Endpoint

ALL, SOME = "all", "some"


class EndpointForm(forms.Form):
    """Where to, what it is for, and of what."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Parvis sends each event there, signed, as a POST."),
    )
    description = forms.CharField(label=_("What it is for"), required=False, max_length=200)
    which = forms.ChoiceField(
        label=_("Which events"),
        choices=[(ALL, _("All, also those to come")), (SOME, _("Only some"))],
        initial=ALL,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for subject, words in SUBJECT_WORDS.items():
            choices = [(e.name, e.text) for e in CATALOGUE.values() if e.subject == subject]
            self.fields[subject.value] = forms.MultipleChoiceField(
                label=words, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )

    @classmethod
    def of(cls, endpoint: Endpoint) -> "EndpointForm":
        """Filled with how an endpoint is now."""
        return cls(initial={**_typed(endpoint), **_chosen(endpoint.events)})

    def event_fields(self) -> list[forms.BoundField]:
        """The choices of events, a field for each kind of object."""
        return [self[subject.value] for subject in SUBJECT_WORDS]

    def clean_url(self) -> str:
        """Looked at here already, so that it is marked together with what else is wrong."""
        try:
            return address_checked(self.cleaned_data["url"])
        except Invalid as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Some are one at least."""
        data = super().clean() or {}
        if data.get("which") == SOME and not self.wanted():
            self.add_error("which", _("Choose one event at least, or all of them."))
        return data

    def wanted(self) -> list[str]:
        """Names of the events chosen; none: all."""
        if self.cleaned_data.get("which") != SOME:
            return []
        return [name for subject in SUBJECT_WORDS for name in self.cleaned_data.get(subject.value, [])]


def _typed(endpoint: Endpoint) -> dict[str, Any]:
    which = SOME if endpoint.events else ALL
    return {"url": endpoint.url, "description": endpoint.description, "which": which}


def _chosen(names: Iterable[str]) -> dict[str, list[str]]:
    known = [CATALOGUE[name] for name in names if name in CATALOGUE]
    return {subject.value: [e.name for e in known if e.subject == subject] for subject in SUBJECT_WORDS}
