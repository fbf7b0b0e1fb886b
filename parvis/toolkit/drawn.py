"""Fragments drawn once and shown often: a row or a message looks the same to everybody until something of it changes.

Kept in the memory of the process, by everything that goes into them. "2 h left" in a kept fragment may be some minutes
old; the page's own script says it anew as soon as it is shown.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

AT_MOST = 1500
LARGEST = 20_000
FRESH_SECONDS = 600
_kept: OrderedDict[bytes, str] = OrderedDict()
_lock = threading.Lock()


def drawn(template: str, context: Mapping[str, Any]) -> SafeString:
    """The template with this context, which must be all that it shows: plain values, nothing of the request."""
    bucket = int(time.time()) // FRESH_SECONDS
    parts = (template, get_language(), timezone.get_current_timezone_name(), bucket, sorted(context.items()))
    key = blake2b(repr(parts).encode(), digest_size=16).digest()
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return mark_safe(found)
    html = render_to_string(template, dict(context))
    if len(html) <= LARGEST:
        with _lock:
            _kept[key] = html
            while len(_kept) > AT_MOST:
                _kept.popitem(last=False)
    return html
