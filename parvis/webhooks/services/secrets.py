"""Secrets of endpoints, worked out anew whenever they are needed."""

import datetime as dt
import secrets

from django.utils.crypto import salted_hmac

from parvis.webhooks.models import Endpoint

OLD_SIGNS_FOR = dt.timedelta(hours=24)


def new_seed() -> str:
    """256 random bits, as text."""
    return secrets.token_hex(32)


def key_of(seed: str) -> bytes:
    """The key (32 bytes) of a seed, on this installation."""
    return salted_hmac("parvis.webhooks.secret", seed, algorithm="sha256").digest()


def keys_of(endpoint: Endpoint, now: dt.datetime) -> list[bytes]:
    """The keys that sign now: the endpoint's own and, for a day after it was exchanged, the one before."""
    seeds = [endpoint.seed]
    if endpoint.old_seed and endpoint.old_until is not None and now < endpoint.old_until:
        seeds.append(endpoint.old_seed)
    return [key_of(seed) for seed in seeds]
