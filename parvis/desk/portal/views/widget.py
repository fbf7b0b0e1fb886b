"""The same three steps inside other people's pages.

A frame in a foreign page has no cookies, so there is no session and no token of a form: what is carried from step to
step is signed and stands in the address, and the first POST is protected by the signed stamp of the page it comes from.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_not_required
from django.core.validators import slug_re
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_safe

from parvis.desk.portal.booking.frames import Frame
from parvis.desk.portal.booking.shown import offer_in, places_offered
from parvis.desk.portal.views import booking
from parvis.desk.portal.views.common import page_language
from parvis.kernel.errors import ParvisError
from parvis.reservations.partners import BOOKS, partner_of
from parvis.reservations.services import Door

LOADER = "portal/booking/widget.js"
LANGUAGES = ("en", "fr")
THEMES = ("light", "dark", "auto")
MOST_SLUG = 40
View = Callable[..., HttpResponseBase]


def framed(view: View) -> View:
    """A page that any page may show in a frame, in the language that page says; without cookies, never refused bare."""

    @wraps(view)
    def shown(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        frame, lost = _frame(request)
        language = frame.language
        with translation.override(language or page_language()):
            request.LANGUAGE_CODE = page_language()
            try:
                if lost:
                    raise lost
                response = view(request, *args, frame=frame, **kwargs)
            except (Http404, ParvisError):
                response = _absent(request, frame)
        # The page's own token would set a cookie that browsers refuse in a frame, and that nothing here reads.
        request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False
        response["Content-Language"] = language or page_language()
        response["Referrer-Policy"] = "no-referrer"
        return response

    loosened = csp_replace({"frame-ancestors": ["*"]})(xframe_options_exempt(shown))
    return login_not_required(csrf_exempt(never_cache(loosened)))


def _frame(request: HttpRequest) -> tuple[Frame, ParvisError | None]:
    """The frame as the page around wants it; most pages are light, whatever the visitor's own choice.

    With it why nothing is sold here: the key of a partner that is one no longer.
    """
    language, theme, site = (request.GET.get(name, "") for name in ("lang", "theme", "of"))
    frame = Frame(
        Door.WIDGET,
        language if language in LANGUAGES else "",
        theme if theme in THEMES else "light",
        site if slug_re.match(site) and len(site) <= MOST_SLUG else "",
        framed=True,
    )
    if not (key := request.GET.get("partner", "")):
        return frame, None
    try:
        return replace(frame, door=Door.PARTNER, partner=partner_of(key, BOOKS)), None
    except ParvisError as error:
        return frame, error


def _absent(request: HttpRequest, frame: Frame) -> HttpResponse:
    told = _("This can no longer be booked here.")
    return render(
        request, "portal/booking/absent.html", {"frame": frame, "theme": frame.theme, "told": told}, status=404
    )


@framed
def widget(request: HttpRequest, slug: str, frame: Frame) -> HttpResponseBase:
    """An offering by its name in addresses, or everything of a site by its own."""
    if offer_in(slug, frame) is not None:
        return booking.times(request, slug, frame=frame)
    if not places_offered(slug, frame):
        raise Http404(slug)
    return booking.what(request, frame=replace(frame, site=slug), site=slug)


@framed
def widget_hold(request: HttpRequest, slug: str, frame: Frame) -> HttpResponseBase:
    """A time was chosen."""
    return booking.hold(request, slug, frame=frame)


@framed
def widget_who(request: HttpRequest, token: str, frame: Frame) -> HttpResponseBase:
    """Name and address."""
    return booking.who(request, token, frame=frame)


@framed
def widget_done(request: HttpRequest, token: str, frame: Frame) -> HttpResponseBase:
    """What was booked; it is managed in a window of its own."""
    return booking.done(request, token, frame=frame)


def _etag(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(render_to_string(LOADER).encode()).hexdigest()[:20]}"'


@login_not_required
@require_safe
@condition(etag_func=_etag)
def widget_loader(request: HttpRequest) -> HttpResponse:
    """The one line that other pages load: it puts the frame in its place."""
    response = HttpResponse(render_to_string(LOADER), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
