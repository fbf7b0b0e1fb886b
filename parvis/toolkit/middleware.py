"""Errors of ours become pages, fragments or problem details; never a trace in front of a customer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from parvis.kernel.errors import ParvisError
from parvis.toolkit.htmx import toast


class ErrorMiddleware:
    """Render a ParvisError raised by a view: a toast for htmx, a page otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, ParvisError):
            return None
        if getattr(request, "htmx", False):
            # An error must not overwrite the form whose input would be lost with it.
            words = " ".join(str(said) for said in (error.message, error.hint) if said)
            response = HttpResponse(words, status=error.http_status, content_type="text/plain; charset=utf-8")
            return toast(response, error.message, level="error", hint=str(error.hint or ""))
        context = {"error": error, "status": error.http_status}
        return render(request, "web/error.html", context, status=error.http_status)
