"""The house itself: name, languages, brand."""

import io
from typing import Any

from babel import Locale
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from parvis.catalog import events
from parvis.catalog.models import Business
from parvis.catalog.services.common import authorise, bilingual, changed_fields, needed, only_known, record
from parvis.kernel.clock import zone
from parvis.kernel.errors import Invalid
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.brand import HEADINGS, LOGO_HEIGHTS, hex_from_oklch, oklch_from_hex

FIELDS = frozenset(
    {
        "name",
        "languages",
        "country",
        "timezone",
        "accent",
        "headings",
        "logo_height",
        "greeting",
        "follow_up_hours",
        "is_demo",
    }
)
FOLLOW_UP_HOURS = (1, 24 * 30)
GREETING_LENGTH = 160

LOGO_MAX_BYTES = 2 * 1024 * 1024
LOGO_MAX_PIXELS = 16_000_000
# Drawn at 96 px at most, thrice that on the sharpest screens; wide word marks included.
LOGO_BOX = (1200, 288)
LOGO_TYPES = ("PNG", "JPEG", "WEBP")


def business_save(*, viewer: Viewer, **changes: Any) -> Business:
    """Change the house, or make it if there is none yet.

    Fields: name, languages (codes, the house's own first), country (ISO 3166-1 alpha-2), timezone (IANA), accent
    ("#rrggbb"), headings ("serif", "sans"), logo_height (px), greeting ({"en": …, "fr": …}), follow_up_hours, is_demo.
    Raises Invalid with `fields`.
    """
    authorise(viewer)
    only_known(changes, FIELDS)
    with transaction.atomic():
        house = Business.objects.defer("logo").order_by("pk").first() or Business()
        names = changed_fields(house, {name: _clean(name, value) for name, value in changes.items()})
        if house.pk is None and not house.name:
            raise Invalid(_("The house needs a name."), fields={"name": _("The house needs a name.")})
        if names or house.pk is None:
            house.save(update_fields=[*names, "updated_at"] if house.pk else None)
            record(viewer, events.BUSINESS_CHANGED, fields=names)
    return house


def _clean(name: str, value: Any) -> Any:
    match name:
        case "name":
            return needed(value, longest=120)
        case "languages":
            return _languages(value)
        case "country":
            return country_checked(value)
        case "timezone":
            return zone_checked(value)
        case "accent":
            return _accent(value)
        case "headings" if value not in HEADINGS:
            raise Invalid(_("Choose one of the two."), fields={"headings": _("Choose one of the two.")})
        case "logo_height":
            return _between(name, value, *LOGO_HEIGHTS)
        case "follow_up_hours":
            return _between(name, value, *FOLLOW_UP_HOURS)
        case "greeting":
            return bilingual(value, longest=GREETING_LENGTH, field="greeting")
    return value


def _languages(value: Any) -> list[str]:
    known = dict(settings.LANGUAGES)
    codes = list(dict.fromkeys(str(code) for code in value or ()))
    if not codes or any(code not in known for code in codes):
        message = _("Choose at least one of the languages that Parvis speaks.")
        raise Invalid(message, fields={"languages": message})
    return codes


def country_checked(value: Any) -> str:
    """An ISO 3166-1 alpha-2 code in capitals. Raises Invalid for one that is none."""
    code = str(value or "").strip().upper()
    if len(code) != 2 or not code.isalpha() or code not in Locale("en").territories:
        message = _("A country is written as two letters, such as FR.")
        raise Invalid(message, fields={"country": message})
    return code


def zone_checked(value: Any) -> str:
    """The name of an IANA time zone. Raises Invalid for one that is none."""
    try:
        return zone(str(value or "").strip()).key
    except Invalid as error:
        raise Invalid(error.message, hint=error.hint, fields={"timezone": error.message}) from error


def _accent(value: Any) -> str:
    try:
        return hex_from_oklch(oklch_from_hex(value))
    except Invalid as error:
        raise Invalid(error.message, fields={"accent": error.message}) from error


def _between(name: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        message = _("Choose a number between %(low)s and %(high)s.") % {"low": low, "high": high}
        raise Invalid(message, fields={name: message})
    return value


def logo_save(*, viewer: Viewer, content: bytes) -> Business:
    """Replace the logo by this picture, decoded and drawn anew as PNG: nothing else that was in the file survives.

    PNG, JPEG or WebP up to 2 MB. SVG is refused: it can carry scripts. Raises Invalid.
    """
    authorise(viewer)
    picture = _redrawn(content)
    with transaction.atomic():
        house = business_save(viewer=viewer)
        house.logo, house.logo_type = picture, "image/png"
        house.save(update_fields=["logo", "logo_type", "updated_at"])
        record(viewer, events.LOGO_CHANGED, bytes=len(picture))
    return house


def logo_remove(*, viewer: Viewer) -> Business:
    """Show the monogram instead of a logo."""
    authorise(viewer)
    with transaction.atomic():
        house = business_save(viewer=viewer)
        house.logo, house.logo_type = None, ""
        house.save(update_fields=["logo", "logo_type", "updated_at"])
        record(viewer, events.LOGO_CHANGED, bytes=0)
    return house


def _redrawn(content: bytes) -> bytes:
    # Slow to import, and needed here only.
    from PIL import Image, ImageOps

    if len(content) > LOGO_MAX_BYTES:
        raise _refused(_("The file is larger than 2 MB."))
    try:
        with Image.open(io.BytesIO(content), formats=LOGO_TYPES) as picture:
            if picture.width * picture.height > LOGO_MAX_PIXELS:
                raise _refused(_("The picture has too many pixels; 1200 across are plenty."))
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except Invalid:
        raise
    except Exception as error:
        # Decoders of pictures fail in many ways on what is not one.
        raise _refused(_("This is not a PNG, JPEG or WebP picture.")) from error
    upright.thumbnail(LOGO_BOX)
    clean = Image.frombytes("RGBA", upright.size, upright.tobytes())
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()


def _refused(message: Any) -> Invalid:
    return Invalid(message, code="bad_logo", fields={"logo": message})
