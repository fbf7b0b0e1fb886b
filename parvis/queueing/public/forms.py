"""What is asked of somebody who joins by their own phone: as little as possible."""

from django import forms
from django.utils.translation import gettext_lazy as _

from parvis.queueing.services.taking import MOST_PERSONS


class JoinForm(forms.Form):
    """Everything but the line is optional. `website` is a trap: people do not see it."""

    line = forms.IntegerField(widget=forms.HiddenInput)
    need = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    stamp = forms.CharField(max_length=200, widget=forms.HiddenInput)
    party = forms.IntegerField(label=_("How many are you?"), min_value=1, max_value=MOST_PERSONS, initial=1)
    name = forms.CharField(
        label=_("Your name"), required=False, max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Only the counter sees it."),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Phone number"), required=False, max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    email = forms.CharField(
        label=_("E-mail address"), required=False, max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We tell you once, when it is nearly your turn."),
    )  # fmt: skip
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))
