"""The house's dress: its stylesheet, its logo, the sign on the browser's tab."""

import hashlib
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from django.views.decorators.http import condition, require_safe

from parvis.catalog.selectors import business, logo
from parvis.toolkit.brand import DEFAULT_ACCENT, brand_css, brand_tokens

A_YEAR = 31_536_000
View = Callable[[HttpRequest], HttpResponse]


def _etag(request: HttpRequest) -> str:
    house = business()
    seen = f"{house.updated_at.isoformat()}|{house.name}" if house else "none"
    return f'"{hashlib.sha256(seen.encode()).hexdigest()[:20]}"'


def _kept(view: View) -> View:
    """Public, checked by ETag; kept for a year where the address carries a version."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = view(request)
        versioned = "v" in request.GET and response.status_code == 200
        response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if versioned else "public, no-cache"
        return response

    checked: View = condition(etag_func=_etag)(answer)
    return login_not_required(require_safe(checked))


@_kept
def brand_stylesheet(request: HttpRequest) -> HttpResponse:
    """The business's accent, logo height and headings as style-sheet tokens."""
    house = business()
    accent, height, headings = (
        (house.accent, house.logo_height, house.headings) if house else (DEFAULT_ACCENT, 32, "serif")
    )
    text = brand_css(brand_tokens(accent), logo_height=height, headings=headings)
    return HttpResponse(text, content_type="text/css; charset=utf-8")


@_kept
def brand_logo(request: HttpRequest) -> HttpResponse:
    """The logo as it was drawn anew at upload."""
    found = logo()
    if found is None:
        raise Http404
    return _inert(HttpResponse(found[0], content_type=found[1]))


@_kept
def brand_icon(request: HttpRequest) -> HttpResponse:
    """The house's initials on its accent, for the browser's tab."""
    house = business()
    tokens = brand_tokens(house.accent if house else DEFAULT_ACCENT).light
    letters = monogram(house.name if house else "Parvis")
    svg = format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="15" fill="{}"/>'
        '<text x="32" y="42" text-anchor="middle" font-family="Inter, system-ui, sans-serif" font-weight="600" '
        'font-size="{}" fill="{}">{}</text></svg>',
        tokens.accent,
        28 if len(letters) > 1 else 34,
        tokens.ink,
        letters,
    )
    return _inert(HttpResponse(svg, content_type="image/svg+xml"))


def monogram(name: str) -> str:
    """One or two capitals for a business: "Atelier du Canal" → "AC"."""
    words = [word for word in name.split() if word[0].isalnum()]
    capital = [word for word in words if word[0].isupper() or word[0].isdigit()] or words
    return "".join(word[0] for word in [*capital[:1], *capital[1:][-1:]]).upper() or "P"


def _inert(response: HttpResponse) -> HttpResponse:
    # Opened by itself, a picture can do nothing.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
