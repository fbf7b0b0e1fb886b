"""Signatures of the Standard Webhooks specification, symmetric scheme `v1`."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

PREFIX = "whsec_"


def secret_text(key: bytes) -> str:
    """A key (24 to 64 bytes) as it is handed over: whsec_ and its Base64."""
    return PREFIX + base64.b64encode(key).decode()


def secret_key(text: str) -> bytes:
    """The key that a secret stands for. Raises ValueError for what is none."""
    return base64.b64decode(text.removeprefix(PREFIX), validate=True)


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of one key over id, time of the attempt (seconds since 1970) and body."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(keys: Iterable[bytes], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message; with several keys (one was exchanged) a signature by each."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, message_id, timestamp, body) for key in keys),
    }
