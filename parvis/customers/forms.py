"""Forms of customers and organisations; what they mean is checked by the services."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from parvis.customers.models import ContactKind, Customer, Organisation
from parvis.staff.selectors import members_active


class CustomerForm(forms.ModelForm):
    """Name and language."""

    class Meta:
        model = Customer
        fields = ["name", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        language = cast(forms.ChoiceField, self.fields["language"])
        language.choices = [("", _("The house’s language")), *settings.LANGUAGES]


class PointForm(forms.Form):
    """An address or a number: which of both it is shows by itself."""

    value = forms.CharField(label=_("E-mail address or number"), max_length=254)

    @property
    def kind(self) -> str:
        """`email` when there is an @ in it, else `phone`."""
        return ContactKind.EMAIL if "@" in self.cleaned_data["value"] else ContactKind.PHONE


class AffiliationForm(forms.Form):
    """For whom somebody speaks."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=_("Choose…")
    )
    role = forms.CharField(label=_("Role"), max_length=80, required=False)

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["organisation"]).queryset = organisations


class OrganisationForm(forms.ModelForm):
    """The central account of an institution (F3)."""

    account_owner_id = forms.TypedChoiceField(
        label=_("Account owner"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Whoever of them calls, this colleague knows the story."),
    )

    class Meta:
        model = Organisation
        fields = ["name", "domain", "notes"]
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"domain": _("Such as lycee-fourier.example: whoever writes from there is one of their contacts.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = cast(forms.ChoiceField, self.fields["account_owner_id"])
        owner.choices = [("", _("Nobody yet")), *members_active().values_list("pk", "name")]
        if self.instance.pk:
            owner.initial = self.instance.account_owner_id
