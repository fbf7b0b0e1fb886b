"""The form of a contact noted at the counter or on the phone."""

import datetime as dt
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import NeedNode, needs_flat, site_default, sites
from parvis.customers.domain.who import Who, read_who
from parvis.desk.domain.when import parse_when
from parvis.desk.services.counter import Outcome
from parvis.encounters.domain.stages import Initiative, Nature
from parvis.kernel.clock import utcnow, zone
from parvis.staff.domain.viewer import Viewer

TIMED = (Outcome.CALL_BACK.value, Outcome.ANSWER_BY.value)


class ContactForm(forms.Form):
    """Who, how, what they said, what they need, and what they were told. `when` is read as one says it."""

    who = forms.CharField(max_length=300, required=False)
    customer = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)
    into = forms.CharField(max_length=16, required=False)
    organisation = forms.CharField(max_length=16, required=False)
    channel = forms.ChoiceField(
        label=_("How"),
        choices=[("phone", _("Phone")), ("counter", _("Counter"))],
        widget=forms.RadioSelect,
        initial="phone",
    )
    text = forms.CharField(
        label=_("What they said"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    need = forms.TypedChoiceField(label=_("Need"), required=False, coerce=int, empty_value=None)
    outcome = forms.ChoiceField(
        label=_("What they were told"),
        choices=[
            (Outcome.OWED.value, _("We will answer")),
            (Outcome.CALL_BACK.value, _("A call back at…")),
            (Outcome.ANSWER_BY.value, _("An answer by…")),
            (Outcome.ANSWERED.value, _("Answered")),
            (Outcome.DONE.value, _("All done")),
        ],
        widget=forms.RadioSelect,
        initial=Outcome.OWED.value,
    )
    when = forms.CharField(label=_("When"), max_length=60, required=False)
    nature = forms.ChoiceField(
        label=_("About"),
        choices=[
            (Nature.SERVICE.value, _("Service")),
            (Nature.SALES.value, _("Sales")),
            (Nature.ADVICE.value, _("Advice")),
        ],
        widget=forms.RadioSelect,
        initial=Nature.SERVICE.value,
        required=False,
    )
    initiative = forms.ChoiceField(
        label=_("Who got in touch"),
        choices=[(Initiative.CUSTOMER.value, _("They did")), (Initiative.COMPANY.value, _("We did"))],
        widget=forms.RadioSelect,
        initial=Initiative.CUSTOMER.value,
        required=False,
    )
    site = forms.TypedChoiceField(label=_("Site"), coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs = _with_trunk(needs_flat())
        cast(forms.ChoiceField, self.fields["need"]).choices = [
            ("", ""),
            *((node.need.pk, node.name) for node, __ in self.needs),
        ]
        self.sites = list(sites(viewer))
        cast(forms.ChoiceField, self.fields["site"]).choices = [(s.pk, s.name) for s in self.sites]
        if self.sites and not self.fields["site"].initial:
            self.fields["site"].initial = self.sites[0].pk

    def clean(self) -> dict[str, Any]:
        """The stated time as an instant, and the line about a new customer taken apart."""
        given = super().clean() or self.cleaned_data
        site = site_default(given.get("site") or (self.sites[0].pk if self.sites else None))
        given["site"] = given.get("site") or (site.pk if site else None)
        given["read"] = read_who(given.get("who", ""), site.country if site else "FR")
        given["due_at"] = self._due(given, site.timezone if site else "UTC")
        return given

    def _due(self, given: dict[str, Any], tz: str) -> dt.datetime | None:
        if given.get("outcome") not in TIMED:
            return None
        due = parse_when(given.get("when", ""), now=utcnow(), zone=zone(tz))
        if due is None:
            self.add_error("when", _("Say when, such as 15:30, tomorrow 9, or Monday 10:00."))
        return due

    @property
    def who_read(self) -> Who:
        """The line about a new customer, taken apart."""
        return self.cleaned_data["read"]


def _with_trunk(nodes: list[NeedNode]) -> list[tuple[NeedNode, str]]:
    """Each node with the names it hangs on: ("Brakes", "Repair › Bicycle"); nothing for a trunk."""
    path: list[str] = []
    found = []
    for node in nodes:
        del path[node.depth :]
        found.append((node, " › ".join(path)))
        path.append(node.name)
    return found
