"""Forms of the desk. They read and check what was typed; rules are the services'."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import needs_flat
from parvis.desk.services.conversation import Then
from parvis.desk.services.messages import File
from parvis.encounters.choices import NATURES, PRIORITIES
from parvis.kernel.errors import Invalid, ParvisError
from parvis.staff.selectors import teams

SAID_BY = [("email", _("E-mail")), ("phone", _("Said by phone")), ("counter", _("Said at the counter"))]


def put_errors(form: forms.BaseForm, error: ParvisError, *, on: str | None = None) -> None:
    """Show what a service refused at the fields it names, or above the form (`on`: at this field instead)."""
    known = {name: value for name, value in error.fields.items() if name in form.fields}
    for name, value in known.items():
        for text in value if isinstance(value, list | tuple) else [value]:
            form.add_error(name, str(text))
    if not known:
        form.add_error(on if on in form.fields else None, str(error))


class ReplyForm(forms.Form):
    """What the composer sends."""

    text = forms.CharField(widget=forms.Textarea, required=False, strip=False, max_length=200_000)
    then = forms.ChoiceField(choices=[(t.value, t.value) for t in Then], required=False)
    channel = forms.ChoiceField(choices=SAID_BY, required=False)
    seen_message = forms.IntegerField(required=False, min_value=0)


class NoteForm(forms.Form):
    """A note for colleagues."""

    text = forms.CharField(widget=forms.Textarea, required=False, strip=False, max_length=200_000)


def files_of(uploads: list[UploadedFile]) -> list[File]:
    """Uploaded files, read. Raises Invalid when together they are larger than the house allows."""
    limit = settings.PARVIS_UPLOAD_MAX_BYTES
    if sum(u.size or 0 for u in uploads) > limit:
        megabytes = limit // (1024 * 1024)
        text = _("These files are too large: together they may have %(n)s MB.") % {"n": megabytes}
        raise Invalid(text, code="too_large", fields={"files": text})
    return [File(u.name or "", u.content_type or "application/octet-stream", u.read()) for u in uploads]


class AboutForm(forms.Form):
    """What an encounter is about: need, nature, priority."""

    need = forms.TypedChoiceField(
        label=_("Need"), coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )
    nature = forms.ChoiceField(label=_("Nature"), choices=NATURES, widget=forms.RadioSelect)
    priority = forms.TypedChoiceField(label=_("Priority"), choices=PRIORITIES, coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nodes = [(n.need.pk, "\u2003" * n.depth + n.name) for n in needs_flat()]
        self.fields["need"].choices = [("", _("Not known yet")), *nodes]  # type: ignore[attr-defined]


class LinkForm(forms.Form):
    """Another encounter, by its reference."""

    other = forms.CharField(
        label=_("Reference of the other encounter"),
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "E-7K3F9", "autocomplete": "off", "autocapitalize": "characters"}),
    )


class RenegotiateForm(forms.Form):
    """A new time for a promise, and why: the customer is told both."""

    due_at = forms.DateTimeField(
        label=_("New time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The customer reads this sentence."),
    )


def _area(language: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 6, "lang": language})


class MacroForm(forms.Form):
    """A reply written once and used often, in the languages of the house."""

    name = forms.CharField(label=_("Name"), max_length=80)
    text_fr = forms.CharField(label=_("French"), required=False, widget=_area("fr"))
    text_en = forms.CharField(label=_("English"), required=False, widget=_area("en"))
    team = forms.TypedChoiceField(label=_("Only for the team"), coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = ("", _("Everybody"))
        self.fields["team"].choices = [everybody, *((t.pk, t.name) for t in teams())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """At least one language."""
        data = super().clean() or {}
        if not (data.get("text_fr", "").strip() or data.get("text_en", "").strip()):
            self.add_error("text_fr", _("Write it in at least one language."))
        return data

    def text(self) -> dict[str, str]:
        """The text by language, empty ones left out."""
        given = {"fr": self.cleaned_data["text_fr"].strip(), "en": self.cleaned_data["text_en"].strip()}
        return {language: text for language, text in given.items() if text}
