"""A repeated POST does nothing twice: the answer is stored in the transaction of what the first one did."""

import hashlib
import json
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from parvis.toolkit.api.problems import problem
from parvis.toolkit.models import IdempotencyKey

HEADER = "Idempotency-Key"
MAX_LENGTH = 200
# Who holds a token is known to `staff`, above; it registers the answer here at start-up.
_is_let_in: Callable[[HttpRequest], bool] = lambda request: False  # noqa: E731


def provide_is_let_in(function: Callable[[HttpRequest], bool]) -> None:
    """Let a higher context say whether the token of a request still opens anything."""
    global _is_let_in
    _is_let_in = function


class IdempotencyMiddleware:
    """Honour `Idempotency-Key` on POSTs below /api/ (draft-ietf-httpapi-idempotency-key-header).

    Keys belong to the token that sent them. The same key with another request is refused (422). A request that fails
    leaves no key behind and can be sent again. Two at once: the second waits for the first, then gets its answer.
    A token that was withdrawn meanwhile gets no stored answer either.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None or request.method != "POST" or not request.path.startswith("/api/"):
            return self.get_response(request)
        if not 0 < len(key) <= MAX_LENGTH or "\x00" in key:
            return problem(400, "bad_key", _("An Idempotency-Key has 1 to %(n)s characters.") % {"n": MAX_LENGTH})
        owner = hashlib.sha256(request.headers.get("Authorization", "").encode()).hexdigest()
        asked = f"{request.get_full_path()}\n".encode() + request.body
        return self._once(request, owner, key, hashlib.sha256(asked).hexdigest())

    def _once(self, request: HttpRequest, owner: str, key: str, fingerprint: str) -> HttpResponse:
        try:
            with transaction.atomic():
                # Claims the key: a second request with it waits here (PostgreSQL) or for the write lock (SQLite).
                row = IdempotencyKey.objects.create(owner=owner, key=key, fingerprint=fingerprint)
                response = self.get_response(request)
                if response.status_code >= 400:
                    transaction.set_rollback(True)
                    return response
                row.status, row.body = response.status_code, json.loads(response.content or b"null")
                row.save(update_fields=["status", "body"])
                return response
        except IntegrityError:
            stored = IdempotencyKey.objects.filter(owner=owner, key=key).first()
        if not _is_let_in(request):
            return self.get_response(request)
        if stored is None:
            return problem(409, "try_again", _("The first request with this key has just failed. Send it again."))
        if stored.fingerprint != fingerprint:
            return problem(422, "key_reused", _("This Idempotency-Key was used for another request."))
        response = JsonResponse(stored.body, status=stored.status or 200, safe=False)
        response["Idempotent-Replayed"] = "true"
        return response
