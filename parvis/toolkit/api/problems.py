"""Every error of the API as problem details (RFC 9457), in the caller's language."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from parvis.kernel.errors import Busy, ParvisError

log = logging.getLogger("parvis.api")


def problem(
    status: int, code: str, title: str, detail: str | None = None, errors: Any = None, **more: Any
) -> HttpResponse:
    """A problem document; members that say nothing are left out. `more`: members of this kind of problem alone."""
    body = {"type": "about:blank", "title": title, "status": status, "code": code, **more}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    return JsonResponse(body, status=status, content_type="application/problem+json")


def _refused(request: HttpRequest, error: ParvisError) -> HttpResponse:
    told = error.as_dict()
    more = {k: v for k, v in told.items() if k not in ("code", "message", "hint", "fields")}
    response = problem(error.http_status, error.code, told["message"], told.get("hint"), told.get("fields"), **more)
    if isinstance(error, Busy) and error.retry_after:
        response["Retry-After"] = str(int(error.retry_after))
    return response


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = {".".join(str(p) for p in e["loc"]): e["msg"] for e in error.errors}
    return problem(422, "invalid", _("The request does not fit the schema."), errors=fields)


def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = problem(401, "unauthenticated", _("Give a valid token: Authorization: Bearer …"))
    response["WWW-Authenticate"] = 'Bearer realm="parvis"'
    return response


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, "http_error", str(error) or HTTPStatus(error.status_code).phrase)


def _absent(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "not_found", _("There is nothing here."))


def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413, "too_big", _("The request is too large."))


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return problem(500, "broken", _("Something went wrong on our side. It has been noted."))


def install_problems(api: NinjaAPI) -> None:
    """Let an API answer every error as a problem document."""
    handlers: dict[type[Exception], Any] = {
        ParvisError: _refused,
        ValidationError: _invalid,
        AuthenticationError: _unknown,
        HttpError: _http,
        Http404: _absent,
        RequestDataTooBig: _too_big,
        Exception: _broken,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
