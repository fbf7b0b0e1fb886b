"""Forms of promises."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parvis.kernel.errors import ParvisError
from parvis.kernel.money import Money
from parvis.promises.domain.promise import Kind
from parvis.promises.models import KINDS
from parvis.promises.services import Term

# First answer and resolution the house promises by itself; the others a person gives their word on.
BY_HAND = [(kind, label) for kind, label in KINDS if kind not in (Kind.FIRST_ANSWER, Kind.RESOLUTION, Kind.WAIT)]


def put_errors(form: forms.BaseForm, error: ParvisError) -> None:
    """Show what a service refused at the fields it names, or above the form."""
    known = {name: value for name, value in error.fields.items() if name in form.fields}
    for name, value in known.items():
        for text in value if isinstance(value, list | tuple) else [value]:
            form.add_error(name, str(text))
    if not known:
        form.add_error(None, str(error))


class PromiseForm(forms.Form):
    """A member gives their word: what, by when, and for an amount how much at most."""

    kind = forms.ChoiceField(label=_("What"), choices=BY_HAND, widget=forms.RadioSelect)
    due_at = forms.DateTimeField(
        label=_("By when"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    note = forms.CharField(
        label=_("What exactly"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("In the words you told the customer")}),
    )
    amount = forms.DecimalField(
        label=_("At most"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=14,
        decimal_places=3,
        localize=True,
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean(self) -> dict[str, Any]:
        """An amount is promised with an amount."""
        data = super().clean() or {}
        if data.get("kind") == Kind.AMOUNT and not data.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("Say how much at most."))
        return data

    def term(self) -> Term:
        """The promise as the service wants it. Raises Invalid for an amount with too many decimals."""
        data = self.cleaned_data
        due_at: dt.datetime = data["due_at"]
        if data["kind"] != Kind.AMOUNT:
            return Term(data["kind"], due_at=due_at, note=data["note"])
        money = Money.of(data["amount"], self.currency)
        return Term(data["kind"], due_at=due_at, note=data["note"], amount_minor=money.minor, currency=money.currency)


class VoidForm(forms.Form):
    """Why a promise no longer applies."""

    reason = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
