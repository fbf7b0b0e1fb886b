"""Bytes to text, whatever the label says.

The label of a part is believed when its bytes fit it. When they do not, the bytes decide: valid UTF-8 with
non-ASCII characters is hardly ever anything else, and Windows-1252 is what unlabelled western mail is
written in. Names map to the wider code page that mailers really use (WHATWG Encoding standard, labels).
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# What is written under the first name is, in the wild, the second.
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "hz",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "big5-tw": "big5hkscs",
}
# Labels that Python does not know, as they occur in mail.
_NICKNAMES = {
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "x-unknown": "",
    "unknown-8bit": "",
    "unknown": "",
    "default": "",
    "default_charset": "",
    "binary": "",
    "8bit": "",
    "x-user-defined": "",
    "x-sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "mac": "mac_roman",
    "x-macintosh": "mac_roman",
    "win-1251": "cp1251",
    "ansi_x3.110-1983": "cp1252",
    "iso-10646": "utf-16-be",
    "iso-10646-1": "utf-16-be",
}
# Python codecs that are no character set of a mail, or that interpret what they read.
_NOT_TEXT = {"idna", "punycode", "undefined", "mbcs", "oem", "unicode_escape", "raw_unicode_escape"}
_NOT_TEXT |= {"unicode-escape", "raw-unicode-escape"}
_TRIM = " \t\r\n\"'<>()[];,"
_CODE_PAGE = re.compile(r"(?:windows|win|cp|ibm|dos|ms)[-_ ]?(\d{3,4})")
# Codecs under which bytes that look like ASCII mean something else (ISO-2022 shows by its escapes).
_SEVEN_BIT = ("utf-7", "hz", "utf-16", "utf-16-be", "utf-16-le", "utf-32")
_PLAIN = re.compile(rb"[^\x09\x0a\x0d\x20-\x7e]")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_SURROGATE_OR_NUL = re.compile("[\x00\ud800-\udfff]")


@lru_cache(maxsize=512)
def codec_name(label: str) -> str:
    """The Python codec for a charset label of a mail; "" when the label says nothing usable."""
    name = label.strip(_TRIM).lower()
    name = name.rsplit("=", 1)[-1].strip(_TRIM)  # charset="charset=us-ascii"
    name = _NICKNAMES.get(name, name)
    for attempt in (name, name.replace("_", "-"), *_repaired(name)):
        if not attempt:
            continue
        try:
            found = codecs.lookup(attempt).name
            b"a".decode(found)  # refuses codecs that are no character set (base64, rot13)
        except UnicodeError:  # half a character
            pass
        except (LookupError, ValueError, TypeError):
            continue
        return "" if found in _NOT_TEXT else _WIDER.get(found, found)
    return ""


def _repaired(name: str) -> list[str]:
    """Readings of a damaged label: iso88591, iso-gb2312, windows1252, x-utf8, utf8mb4."""
    if len(name) > 60:
        return []
    tries = [name.removeprefix("x-"), name.removeprefix("iso-"), name.removeprefix("cs"), name.replace("mb4", "")]
    if found := re.search(r"8859[-_ ]?(\d{1,2})", name):
        tries.append("iso8859-" + found[1])
    if found := _CODE_PAGE.search(name):
        tries.append("cp" + found[1])
    if "utf" in name and "8" in name:
        tries.append("utf-8")
    return tries


def decode(data: bytes, label: str = "", hint: str = "") -> str:
    """Text of ``data``, decoded by ``label``, else by what the bytes look like; never raises.

    label: charset as written in the mail, may be empty or nonsense.
    hint:  second choice for unlabelled 8-bit bytes (the charset of the message around them).
    The result holds no NUL and no lone surrogate, so it can be stored and sent as UTF-8.
    """
    if not _PLAIN.search(data) and codec_name(label) not in _SEVEN_BIT:
        return data.decode("ascii")
    return clean(_decode(data, codec_name(label), hint))


def _decode(data: bytes, codec: str, hint: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode("utf-8", "replace")
    if codec.startswith(("utf-16", "utf-32")) and b"\x00" not in data:
        codec = ""
    if codec.startswith("iso2022"):  # 7-bit: would pass for UTF-8
        text = _strict(data, codec)
        return text if text is not None else _japanese(data)
    for attempt in (codec if codec != "cp1252" else "", "utf-8", codec):
        if attempt and (text := _strict(data, attempt)) is not None:
            return text
    if codec in ("", "cp1252", "utf-8"):
        return _guess(data, codec, hint)
    return data.decode(codec, "replace")


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _guess(data: bytes, codec: str, hint: str) -> str:
    """8-bit bytes that are not UTF-8 and carry no useful label."""
    if codec == "utf-8":
        # A cut, a few broken characters: still UTF-8. Otherwise the label was wrong.
        text = data.decode("utf-8", "replace")
        if len(_MULTIBYTE.findall(data)) >= text.count("\ufffd"):
            return text
    hinted = codec_name(hint)
    if hinted and hinted not in ("utf-8", "cp1252") and (read := _strict(data, hinted)) is not None:
        return read
    return _western(data)


def _western(data: bytes) -> str:
    """Windows-1252, its five empty places read as Latin-1 controls (as browsers do)."""
    return data.decode("latin-1").translate(_CP1252_HIGH)


_CP1252_HIGH = {
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


def _japanese(data: bytes) -> str:
    """ISO-2022-JP with the vendor's extra characters (①): the JIS X 0213 planes hold them."""
    wider = data.replace(b"\x1b$B", b"\x1b$(Q").replace(b"\x1b$@", b"\x1b$(Q")
    return wider.decode("iso2022_jp_2004", "replace")


def clean(text: str) -> str:
    """``text`` without NUL and lone surrogates (replaced), so that every encoder and database takes it."""
    if _SURROGATE_OR_NUL.search(text) is None:
        return text
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("\x00", "")
