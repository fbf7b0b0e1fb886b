"""Errors of ours become pages, fragments or problem details; never a trace in front of a customer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from parvis.kernel.errors import ParvisError


class ErrorMiddleware:
    """Render a ParvisError raised by a view: a toast for htmx, a page otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, ParvisError):
            return None
        context = {"error": error, "status": error.http_status}
        if getattr(request, "htmx", False):
            response = render(request, "web/ui/error_toast.html", context, status=error.http_status)
            # An error must not overwrite the form whose input would be lost with it.
            response["HX-Retarget"] = "#toasts"
            response["HX-Reswap"] = "beforeend"
            return response
        return render(request, "web/error.html", context, status=error.http_status)
