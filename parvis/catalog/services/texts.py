"""The texts the house sends: rewritten in its own words, or as Parvis came with them."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parvis.catalog import events
from parvis.catalog.house_text import HouseText
from parvis.catalog.models import Text
from parvis.catalog.services.common import authorise, bilingual, record
from parvis.catalog.texts import DEFAULTS, placeholders_in
from parvis.kernel.errors import Invalid, NotFound
from parvis.staff.domain.viewer import Viewer

LENGTHS = {"subject": 200, "body": 6000}


def text_save(*, viewer: Viewer, key: str, subject: Mapping[str, str], body: Mapping[str, str]) -> Text:
    """Rewrite a text of the house, `{"en": …, "fr": …}` each; a language left empty keeps the words Parvis came with.

    Raises Invalid, with the field ("body_fr") in `fields`, for a placeholder that this text does not have, or one that
    it cannot do without; NotFound for a key that is none.
    """
    authorise(viewer)
    default = _default(key)
    parts = {"subject": (subject, default.subject), "body": (body, default.body)}
    full = {
        part: {**original, **bilingual(given, longest=LENGTHS[part], field=part)}
        for part, (given, original) in parts.items()
    }
    for code, __ in settings.LANGUAGES:
        for part in parts:
            _check(key, part, code, full[part].get(code, ""))
    with transaction.atomic():
        row = Text.objects.filter(key=key).first() or Text(key=key)
        row.subject, row.body = full["subject"], full["body"]
        row.save()
        record(viewer, events.TEXT_CHANGED, key=key)
    return row


def text_reset(*, viewer: Viewer, key: str) -> None:
    """Back to the words Parvis came with."""
    authorise(viewer)
    _default(key)
    with transaction.atomic():
        for row in Text.objects.filter(key=key):
            row.delete()
            record(viewer, events.TEXT_RESET, key=key)


def _default(key: str) -> HouseText:
    if key not in DEFAULTS:
        raise NotFound(_("There is no such text."), code="no_text")
    return DEFAULTS[key]


def _check(key: str, part: str, code: str, text: str) -> None:
    used, default = placeholders_in(text), DEFAULTS[key]
    if unknown := used - set(default.placeholders):
        message = _("{%(name)s} means nothing here. Use only the placeholders listed.") % {"name": min(unknown)}
        raise Invalid(message, code="bad_placeholder", fields={f"{part}_{code}": message})
    if part == "body" and (missing := set(default.needed) - used):
        message = _("Without {%(name)s} this text does not work. Put it back in.") % {"name": min(missing)}
        raise Invalid(message, code="bad_placeholder", fields={f"{part}_{code}": message})
