"""Who calls the API: bearer tokens and their scopes."""

import datetime as dt
import time

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from parvis.kernel.errors import NotAllowed, TooMany
from parvis.kernel.ids import token_hash
from parvis.staff.domain.viewer import Viewer
from parvis.staff.selectors import viewer_of_token
from parvis.toolkit.rates import rate_take

SCOPES = (
    "encounters:read",
    "encounters:write",
    "customers:read",
    "customers:write",
    "promises:read",
    "promises:write",
    "bookings:read",
    "bookings:write",
    "queue:read",
    "queue:write",
    "ledger:read",
    "webhooks:read",
    "webhooks:write",
)
# A revoked token or a changed role takes effect within this time.
REMEMBERED_SECONDS = 2.0
FAILURES = 30
_remembered: dict[str, tuple[float, Viewer]] = {}


class Token(HttpBearer):
    """A token that carries a scope. Raises NotAllowed without it; None (401) for a token nobody knows."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:
        viewer = _viewer(request, token)
        if viewer is None:
            return None
        if viewer.scopes is not None and self.scope not in viewer.scopes:
            raise NotAllowed(
                _("This token does not carry the scope “%(scope)s”.") % {"scope": self.scope}, code="scope"
            )
        request.viewer = viewer  # type: ignore[attr-defined]
        return viewer


def _viewer(request: HttpRequest, token: str) -> Viewer | None:
    digest, now = token_hash(token), time.monotonic()
    kept = _remembered.get(digest)
    if kept is not None and now - kept[0] < REMEMBERED_SECONDS:
        return kept[1]
    viewer = viewer_of_token(token)
    if viewer is None:
        bucket = f"token-failures:{request.META.get('REMOTE_ADDR', '')}"
        if not rate_take(bucket=bucket, limit=FAILURES, window=dt.timedelta(minutes=1)):
            raise TooMany(_("Too many wrong tokens. Try again in a minute."), retry_after=60)
        return None
    if len(_remembered) > 1000:
        _remembered.clear()
    _remembered[digest] = (now, viewer)
    return viewer


def viewer_of(request: HttpRequest) -> Viewer:
    """Whom the token of this request acts for."""
    return request.viewer  # type: ignore[attr-defined]
