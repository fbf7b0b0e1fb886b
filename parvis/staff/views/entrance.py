"""Sign-in's edges."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from parvis.kernel.errors import TooMany


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many wrong passwords: say so, and when to try again."""
    error = TooMany(_("Too many attempts to sign in. Try again in a quarter of an hour."), code="locked_out")
    return render(request, "web/error.html", {"error": error, "status": 429}, status=429)
