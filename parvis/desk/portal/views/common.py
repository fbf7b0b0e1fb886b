"""What the portal's views share: who may come, what browsers may keep, the house as customers see it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from parvis.desk.portal.tokens import link_invalid
from parvis.kernel.errors import NotFound

View = Callable[..., HttpResponseBase]


def tokened(view: View) -> View:
    """A page whose address is the key to it: kept by no cache, indexed by no robot, told to no other site.

    Without a check of the form's origin: the page uses nobody's session, whoever knows the address may act, and with
    the referrer switched off browsers do not tell the origin that such a check would need.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except NotFound as error:
            response = bad_link(request, error)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return login_not_required(csrf_exempt(guarded))


def bad_link(request: HttpRequest, error: NotFound | None = None) -> HttpResponse:
    """The page for a link that is cut, forged or expired: what to do now."""
    return render(request, "portal/bad_link.html", {"error": error or link_invalid()}, status=404)


def client_ip(request: HttpRequest) -> str:
    """The network address a visitor comes from, as the server in front of us says it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def page_language() -> str:
    """The language the visitor reads, one of ours."""
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
