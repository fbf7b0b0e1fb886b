"""Parts that are files: their names, and whether they belong into the text."""

from __future__ import annotations

import mimetypes
import re
from functools import lru_cache

from . import charset as charsets
from .headers import one_line, parse_parameters, read_headers
from .structure import Part
from .transfer import Embedded
from .values import Attachment

MAX_NAME = 200  # characters

_TYPES = mimetypes.MimeTypes()  # without the machine's own tables: the same names everywhere
_EXTENSIONS = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "message/delivery-status": ".txt",
    "message/global-delivery-status": ".txt",
    "message/feedback-report": ".txt",
    "message/disposition-notification": ".txt",
    "text/rfc822-headers": ".txt",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "application/ms-tnef": ".dat",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/applefile": ".bin",
    "application/octet-stream": ".bin",
}
_STEMS = {
    "application/ms-tnef": "winmail",
    "application/pkcs7-mime": "smime",
    "application/pkcs7-signature": "smime",
    "application/x-pkcs7-signature": "smime",
    "application/pgp-signature": "signature",
    "message/delivery-status": "delivery-status",
    "message/feedback-report": "feedback-report",
    "message/disposition-notification": "receipt",
    "text/rfc822-headers": "headers",
    "text/calendar": "invitation",
}
_UNFIT = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_SEPARATOR = re.compile(r"[/\\]")
_NOT_IN_STEM = re.compile(r"[\\/\x00-\x1f\x7f]+")
_CID_NAME = re.compile(r"([\w.-]{1,80}\.[A-Za-z0-9]{2,4})@")  # Outlook: image001.png@01CDB132.D8A510F0


def _disposition(part: Part) -> tuple[str, dict[str, str]]:
    value = part.headers.get("content-disposition")
    return parse_parameters(value, part.headers.hint) if value else ("", {})


def is_attached(part: Part) -> bool:
    """Whether the sender calls the part an attachment; a word nobody knows counts as one (RFC 2183 §2.8)."""
    kind, parameters = _disposition(part)
    if kind in ("inline", ""):
        return False
    return kind == "attachment" or bool(parameters.get("filename"))


def has_file_name(part: Part) -> bool:
    return bool(file_name(part))


def file_name(part: Part) -> str:
    """The name the sender gave, without path and controls; "" when none."""
    _, parameters = _disposition(part)
    for name in (parameters.get("filename", ""), part.parameters.get("name", "")):
        if tidy := tidy_name(name):
            return tidy
    return ""


def tidy_name(name: str) -> str:
    """A file name without directories, controls and direction tricks, at most :data:`MAX_NAME` characters."""
    name = one_line(_UNFIT.sub("", charsets.clean(name))).strip("\"'")
    if "/" in name or "\\" in name:
        name = _SEPARATOR.split(name)[-1].strip()
    if name in (".", ".."):
        return ""
    if len(name) > MAX_NAME:
        stem, dot, extension = name.rpartition(".")
        name = stem[: MAX_NAME - 12] + dot + extension[:11] if dot and stem else name[:MAX_NAME]
    return name


def as_attachment(part: Part, shown_ids: frozenset[str], used: set[str]) -> Attachment:
    """The part as an attachment.

    shown_ids: Content-IDs that the HTML shows. used: names made so far, so that no two are made alike (extended).
    """
    content_id = part.headers.get("content-id").strip().strip("<>").strip()
    content = part.payload()
    kind, _ = _disposition(part)
    inline = content_id in shown_ids or (kind == "inline" and part.content_type.startswith("image/"))
    inline = inline or (part.parent_type == "multipart/related" and bool(content_id) and kind != "attachment")
    name = file_name(part) or _unused(_made_name(part, content), used)
    return Attachment(name, part.content_type or "text/plain", inline, content, content_id)


def embedded_attachment(file: Embedded, part: Part) -> Attachment:
    """A file that stood uuencoded or yEnc-coded in the text of ``part``."""
    name = tidy_name(charsets.decode(file.name, part.parameters.get("charset", ""))) or "file.bin"
    kind = _TYPES.guess_type(name, strict=False)[0] or "application/octet-stream"
    return Attachment(name, kind, False, file.content)


def _made_name(part: Part, content: bytes) -> str:
    """A name for a nameless part: from its Content-ID, description, an attached mail's subject, else its type."""
    if found := _CID_NAME.match(part.headers.get("content-id").strip().lstrip("<")):
        return found[1]
    extension = _extension(part.content_type)
    stem = one_line(part.headers.text("content-description"))
    if not stem and part.content_type in ("message/rfc822", "message/global"):
        nested, _ = read_headers(content, 0, min(len(content), 65536))
        stem = one_line(nested.text("subject"))
    stem = _NOT_IN_STEM.sub("-", stem).strip(" .-")[: MAX_NAME - 12]
    if not stem:
        stem = _STEMS.get(part.content_type) or _default_stem(part.content_type)
    return stem if stem.lower().endswith(extension) else stem + extension


def _unused(name: str, used: set[str]) -> str:
    stem, dot, extension = name.rpartition(".")
    number = 0
    while name in used:
        number += 1
        name = f"{stem}{number}{dot}{extension}"
    used.add(name)
    return name


def _default_stem(kind: str) -> str:
    main = kind.partition("/")[0]
    return {"image": "image", "audio": "audio", "video": "video", "message": "message", "text": "document"}.get(
        main, "attachment"
    )


@lru_cache(maxsize=256)
def _extension(kind: str) -> str:
    return _EXTENSIONS.get(kind) or _TYPES.guess_extension(kind, strict=False) or ".bin"
