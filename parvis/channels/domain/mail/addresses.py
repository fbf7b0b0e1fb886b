"""Addresses in header fields: lists, groups, comments, and what people's programs make of them."""

from __future__ import annotations

import re

from .headers import decode_words, one_line
from .values import Address

MAX_ADDRESSES = 2000
_MAX_LENGTH = 100_000  # characters of a field that are looked at

# One token: quoted string, comment opening, angle address, separator, or a run of anything else.
# Lengths are bounded, so that no input makes a pattern scan the field again and again.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.){0,250}+"|<[^<>]*>|[(),;:<>"]|[^\s"(),;:<>]+|\s+', re.S)
_COMMENT_END = re.compile(r"[()\\]")
_BARE = re.compile(r"[^\s<>()\[\],;:\"'|@]{1,128}@[^\s<>()\[\],;:\"'|]{1,255}")
_LOCAL = re.compile(r"[\w.+=/-]{1,128}\Z", re.A)
_ESCAPED = re.compile(r"\\(.)", re.S)
_QUOTES = "\"'‘’“”"


def parse_addresses(value: str, hint: str = "") -> tuple[Address, ...]:
    """The mailboxes in a header value, in order, names decoded; never raises.

    value: unfolded field as :meth:`Headers.get` gives it. hint: charset for unlabelled words.
    Members of groups count, the group's name does not. ``Doe, John <j@x.org>`` without quotes is one mailbox.
    A word without "@" is kept only when it is all there is (``MAILER-DAEMON``).
    """
    value = value[:_MAX_LENGTH]
    entries = [words for words in _split(value) if any(not word.isspace() for word in words)]
    if len(entries) == 1 and (local := _local_user(entries[0], hint)):
        return (local,)
    found = _mailboxes([_entry(words, hint) for words in entries])
    if not found and "=?" in value:  # the whole field, brackets and all, in one encoded word
        again = _split(decode_words(value, hint)[:_MAX_LENGTH])
        found = _mailboxes([_entry(words, hint) for words in again])
    return tuple(found[:MAX_ADDRESSES])


def _split(value: str) -> list[list[str]]:
    """The field cut at its separators: lists of tokens, comments as one token "(…)"."""
    entries: list[list[str]] = [[]]
    at = 0
    while at < len(value):
        found = _TOKEN.match(value, at)
        if found is None:  # a quote that never closes
            token, at = value[at], at + 1
        else:
            token, at = found.group(), found.end()
        if token == "(":
            at = _comment_end(value, at)
            token = "(" + value[found.end() : at].removesuffix(")") + ")" if found else token
        if token in ",;":
            entries.append([])
        elif token == ":":
            if _is_group_name(entries[-1]):
                entries[-1] = []
            else:
                entries[-1].append(token)
        elif token not in "<>":
            entries[-1].append(token)
    return entries


def _is_group_name(words: list[str]) -> bool:
    text = "".join(words).strip()
    return not text or ("@" not in text and "<" not in text and not text.lower().endswith("mailto"))


def _comment_end(value: str, at: int) -> int:
    depth = 1
    while depth and (found := _COMMENT_END.search(value, at)):
        at = found.end()
        if found.group() == "(":
            depth += 1
        elif found.group() == ")":
            depth -= 1
        else:
            at += 1
    return min(at, len(value)) if not depth else len(value)


def _local_user(words: list[str], hint: str) -> Address | None:
    """``MAILER-DAEMON (Mail Delivery System)``: a user of the sending machine, without a domain."""
    outside = [word for word in words if not word.startswith("(") and not word.isspace()]
    if len(outside) == 1 and _LOCAL.match(outside[0].strip("<>")):
        if _BARE.search("".join(words)):
            return None
        return Address(_name([word[1:-1] for word in words if word.startswith("(")], hint), outside[0].strip("<>"))
    return None


def _entry(words: list[str], hint: str) -> Address:
    """Name and address of one entry; either may be empty."""
    angle = next((word for word in reversed(words) if word.startswith("<") and word.endswith(">")), "")
    comments = [word[1:-1] for word in words if word.startswith("(")]
    rest = [word for word in words if not word.startswith(("(", "<"))]
    if angle and ("@" in angle or not _BARE.search("".join(rest))):
        address = _tidy(angle[1:-1])
        name = _name(rest, hint)
    else:
        address, rest = _bare_address(rest)
        name = _name(rest, hint)
    if not address and (inside := _BARE.search(" ".join(comments))):
        address, comments = _tidy(inside.group()), []
        name = _name(rest, hint)
    if not name and comments:
        name = _name(comments, hint)
    if "=?" in address:
        inner = _BARE.search(decode_words(address, hint))
        return Address(name, _tidy(inner.group()) if inner else "")
    return Address("" if name == address else name, address)


def _bare_address(words: list[str]) -> tuple[str, list[str]]:
    """An address outside angle brackets: ``john doe @ example.com`` loses its blanks."""
    text = one_line("".join(words))
    if text.lower().startswith("mailto:"):
        text = text[7:]
    if not text:
        return "", []
    if text.startswith('"') and '"@' in text:  # "odd local part"@example.com
        return text.strip("<> "), []
    compact = re.sub(r"\s*([@.])\s*", r"\1", text)
    if found := _BARE.search(compact):
        around = compact[: found.start()] + " " + compact[found.end() :]
        address = found.group()
        # Without brackets, words before the address are a name only when they look like one.
        if around.strip(" '\"[]|") and " " in text and text.count("@") == 1 and not _is_name(around):
            return _tidy("".join(text.split())), []
        return _tidy(address), [around]
    return "", words


def _is_name(text: str) -> bool:
    return any(letter.isupper() or ord(letter) > 127 or letter in "\"'|" for letter in text)


def _tidy(address: str) -> str:
    """An address without blanks, brackets, route (``@relay:``) and mailto:."""
    address = "".join(address.split()).strip("<>,;'")
    if address.lower().startswith("mailto:"):
        address = address[7:]
    if address.startswith("@") and ":" in address:
        address = address.partition(":")[2]
    return address.rstrip(".") if "@" in address else address


def _name(words: list[str], hint: str) -> str:
    """A display name: quotes and escapes gone, encoded words decoded, one line."""
    text = "".join(_unquoted(word) if word.startswith('"') else word for word in words)
    text = one_line(decode_words(text, hint))
    if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES:
        text = text[1:-1].strip()
    return text


def _unquoted(word: str) -> str:
    return _ESCAPED.sub(r"\1", word[1:-1]) if len(word) > 1 and word.endswith('"') else word.strip('"')


def _mailboxes(entries: list[Address]) -> list[Address]:
    found: list[Address] = []
    waiting: list[str] = []  # pieces of a name with an unquoted comma
    for entry in entries:
        if entry.address:
            name = ", ".join([*waiting, entry.name]) if entry.name else entry.name
            found.append(Address(name, entry.address))
            waiting = []
        elif entry.name:
            waiting.append(entry.name)
    return found
