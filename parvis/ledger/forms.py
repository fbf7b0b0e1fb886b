"""What narrows the audit view."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from parvis.ledger import words
from parvis.toolkit.forms import SENSIBLE_DAYS


class AuditForm(forms.Form):
    """Who, what kind, when, and whom it concerns. All optional."""

    actor = forms.TypedChoiceField(label=_("Who"), required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(label=_("What"), required=False)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}), validators=SENSIBLE_DAYS
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}), validators=SENSIBLE_DAYS
    )
    about = forms.CharField(label=_("Reference"), required=False, max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who, what = cast(forms.ChoiceField, self.fields["actor"]), cast(forms.ChoiceField, self.fields["kind"])
        who.choices = [("", _("Everyone")), *words.actors()]
        what.choices = [("", _("Everything")), *((g.key, g.label) for g in words.groups())]
        self.fields["about"].widget.attrs["placeholder"] = _("E-7K3F9 or C-7K3F9")
