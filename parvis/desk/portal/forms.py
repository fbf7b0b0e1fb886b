"""The forms of the customer's side."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from parvis.desk.portal.uploads import KINDS, MAX_FILES, files_of
from parvis.desk.services.messages import File
from parvis.kernel.contact import is_email, parse_phone
from parvis.kernel.errors import Invalid

LONGEST = 10_000


class FilesInput(forms.ClearableFileInput):
    """A file chooser that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files as `File`s of a message, within the limits of `uploads`."""

    def __init__(self, **options: Any) -> None:
        accept = ",".join(f".{ending}" for ending in KINDS)
        options.setdefault("widget", FilesInput(attrs={"accept": accept}))
        options.setdefault("label", _("Files"))
        help_text = format_lazy(_("Pictures or documents: up to {count}, 15 MB together."), count=MAX_FILES)
        options.setdefault("help_text", help_text)
        super().__init__(required=False, **options)

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        uploads = [u for u in (data if isinstance(data, list | tuple) else [data]) if isinstance(u, UploadedFile)]
        try:
            return files_of(uploads)
        except Invalid as error:
            raise forms.ValidationError(str(error)) from error


class ContactForm(forms.Form):
    """What a customer tells of themselves and their need. `website` is a trap: people do not see it."""

    name = forms.CharField(label=_("Your name"), max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.CharField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("The answer goes there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Your phone number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    site = forms.ChoiceField(label=_("Which of our places?"), required=False)
    message = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    attachments = FilesField()
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)
    need = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, places: list[tuple[str, str]], country: str = "FR", **options: Any) -> None:
        super().__init__(*args, **options)
        self.country = country
        if len(places) > 1:
            self.fields["site"].choices = places  # type: ignore[attr-defined]
            self.fields["site"].required = True
        else:
            del self.fields["site"]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip()
        if not is_email(email):
            raise forms.ValidationError(_("Write it as name@example.com."))
        return email

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"]).strip()
        found = parse_phone(phone, self.country) if phone else None
        if phone and (found is None or not found.possible):
            raise forms.ValidationError(_("This does not look like a phone number. Leave it out, or write it in full."))
        return phone


class WordsForm(forms.Form):
    """More words under an open link."""

    text = forms.CharField(label=_("Your message"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}))
    attachments = FilesField()


class AddressForm(forms.Form):
    """An e-mail address to send a link to."""

    email = forms.CharField(
        label=_("Your e-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip()
        if not is_email(email):
            raise forms.ValidationError(_("Write it as name@example.com."))
        return email


class CommentForm(forms.Form):
    """A word beside the follow-up answer."""

    comment = forms.CharField(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))
