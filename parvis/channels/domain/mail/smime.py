"""The mail inside an opaquely signed one (S/MIME signed-data, RFC 5652 §5): readable to everyone, only wrapped.

The signature is not checked: what is inside is shown as what somebody sent, no more.
"""

from __future__ import annotations

from collections.abc import Iterator

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_MAX_DEPTH = 12
_OID, _OCTETS, _SEQUENCE = 0x06, 0x04, 0x30
_NOTHING = (0, 0, 0)
TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")


def signed_content(data: bytes) -> bytes | None:
    """The MIME entity that the CMS object ``data`` (BER or DER) wraps; None when it is none, or encrypted."""
    try:
        return _content(data)
    except (ValueError, IndexError, RecursionError):
        return None


def _content(data: bytes) -> bytes | None:
    info = _children(data, *_only(data, _SEQUENCE, 0, len(data)))
    tag, start, end = next(info, _NOTHING)
    if tag != _OID or data[start:end] != _SIGNED_DATA:
        return None
    _, start, end = next(info, _NOTHING)  # [0] EXPLICIT SignedData
    start, end = _only(data, _SEQUENCE, start, end)
    for element in _children(data, start, end):
        if element[0] != _SEQUENCE:
            continue
        wrapped = list(_children(data, *element[1:]))  # EncapsulatedContentInfo: its type, [0] EXPLICIT the octets
        if len(wrapped) > 1 and data[slice(*wrapped[0][1:])] == _DATA:
            return b"".join(_octets(data, *wrapped[1][1:], 0))
    return None


def _octets(data: bytes, start: int, end: int, depth: int) -> Iterator[bytes]:
    """The pieces of an OCTET STRING, which BER may cut into many."""
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    for tag, begin, stop in _children(data, start, end):
        if tag == _OCTETS:
            yield data[begin:stop]
        elif tag == _OCTETS | 0x20:
            yield from _octets(data, begin, stop, depth + 1)


def _only(data: bytes, wanted: int, start: int, end: int) -> tuple[int, int]:
    tag, begin, stop = next(_children(data, start, end), _NOTHING)
    if tag != wanted:
        raise ValueError("not the structure expected")
    return begin, stop


def _children(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tag, start and end of the contents of each element in ``data[start:end]``."""
    at = start
    while at + 2 <= end:
        tag = data[at]
        length, at = _length(data, at + 1)
        if tag == 0 and length == 0:  # end of contents of an indefinite length
            return
        if length is None:
            stop = _end_of_indefinite(data, at, end)
            yield tag, at, stop - 2
            at = stop
        else:
            if at + length > end:
                raise ValueError("cut off")
            yield tag, at, at + length
            at += length


def _length(data: bytes, at: int) -> tuple[int | None, int]:
    first = data[at]
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    if size == 0:
        return None, at + 1
    if size > 8:
        raise ValueError("absurd length")
    return int.from_bytes(data[at + 1 : at + 1 + size], "big"), at + 1 + size


def _end_of_indefinite(data: bytes, at: int, end: int) -> int:
    """Where an element of indefinite length ends, after its two zero bytes; one pass, no recursion."""
    open_elements = 1
    while at + 2 <= end:
        tag = data[at]
        length, at = _length(data, at + 1)
        if tag == 0 and length == 0:
            open_elements -= 1
            if open_elements == 0:
                return at
        elif length is None:
            open_elements += 1
        else:
            at += length
    raise ValueError("cut off")
