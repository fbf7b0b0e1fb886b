"""What the public pages of the queue share: who may come, copies of a form, the ticket a device holds, QR codes."""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from parvis.catalog.selectors import site_get
from parvis.kernel.clock import zone
from parvis.kernel.errors import Invalid, NotFound
from parvis.kernel.ids import new_token

View = Callable[..., HttpResponseBase]
COPY_SALT = "parvis.queue.form"
COPY_LASTS = 24 * 3600
HELD_COOKIE = "parvis-ticket"
HELD_LASTS = 16 * 3600


def tokened(view: View) -> View:
    """A page whose address is the key to it: kept by no cache, indexed by no robot, told to no other site.

    Without a check of the form's origin: the page uses nobody's session, and whoever knows the address may act.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except NotFound as error:
            response = render(request, "queueing/public/gone.html", {"error": error}, status=404)
        return private(response)

    return login_not_required(csrf_exempt(guarded))


def private(response: HttpResponseBase) -> HttpResponseBase:
    """The answer, for nobody's cache and nobody's index."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def page_language() -> str:
    """The language the visitor reads, one of ours."""
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def client_ip(request: HttpRequest) -> str:
    """The network address a visitor comes from, as the server in front of us says it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def copy_stamp() -> str:
    """A mark for a new copy of a form, so that it gives one ticket however often it is sent."""
    return signing.dumps(new_token()[:16], salt=COPY_SALT)


def copy_read(stamp: str) -> str:
    """Which copy of the form this is. Raises Invalid for one that is not ours or a day old."""
    try:
        return str(signing.loads(stamp, salt=COPY_SALT, max_age=COPY_LASTS))
    except signing.BadSignature as error:
        from django.utils.translation import gettext as _

        raise Invalid(_("This page had been open for a long time. Please try once more."), code="old_form") from error


def status_url(token: str) -> str:
    """The whole address of a ticket's status page."""
    return f"{settings.BASE_URL}{reverse('ticket', args=[token])}"


def qr_svg(address: str, label: str) -> SafeString:
    """A QR code as inline SVG, black on white in any theme; `label` is what a screen reader says."""
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=2, xmldecl=False, svgns=True, omitsize=True, dark="#000", light="#fff",
        title=label, svgclass="qr", lineclass=None,
    )  # fmt: skip
    svg = drawn.getvalue().decode().replace("<svg ", '<svg role="img" ', 1)
    return mark_safe(svg)


def held_token(request: HttpRequest) -> str:
    """The token of the ticket this device took last, or nothing."""
    return request.COOKIES.get(HELD_COOKIE, "")


def hold_token(response: HttpResponse, token: str) -> HttpResponse:
    """Let the device remember its ticket, for the day."""
    response.set_cookie(
        HELD_COOKIE, token, max_age=HELD_LASTS, path="/line/", httponly=True, samesite="Lax", secure=settings.SECURE
    )
    return response


def clock(site_id: int, at: dt.datetime) -> str:
    """A time of day as the clocks at the site show it, in the language of the page: "10:40"."""
    site = site_get(site_id)
    return date_format(at.astimezone(zone(site.timezone if site else settings.TIME_ZONE)), "H:i")
