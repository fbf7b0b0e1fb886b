"""The styleguide: every part of the shell, and whole pages, with names and sentences as they really come.

Wired as ``path("styleguide/", include("parvis.web.styleguide"))``; it answers only where PARVIS_DEBUG is on (in tests,
by `settings.PARVIS_STYLEGUIDE`). ``?lang=fr``, ``?theme=dark`` and ``?accent=b4530a`` show the same page otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import translation
from django.views.decorators.http import require_POST

from parvis.toolkit.brand import DEFAULT_ACCENT, brand_css, brand_tokens
from parvis.toolkit.htmx import toast as toast_shown
from parvis.web.styleguide import samples

PAGES = ("index", "inbox", "today", "form", "portal", "status", "auth", "error")
View = Callable[..., HttpResponse]


def only_here(view: View) -> View:
    """Refuse with 404 where the styleguide is not switched on: a house has no use for it. No sign-in is asked."""

    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (settings.DEBUG or getattr(settings, "PARVIS_STYLEGUIDE", False)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@only_here
def page(request: HttpRequest, name: str = "index") -> HttpResponse:
    """One page of the guide in the language, theme and accent of the query. Http404 for an unknown name."""
    if name not in PAGES:
        raise Http404(name)
    language = request.GET.get("lang")
    if language not in dict(settings.LANGUAGES):
        language = translation.get_language() or "en"
    with translation.override(language):
        context = {**samples.shell(request.GET), **samples.page(name, request.GET), "pages": PAGES, "page": name}
        # As a real page does: htmx asks for the part that goes into the dialog, a plain link for the page.
        part = "#dialog" if name == "form" and "HX-Request" in request.headers else ""
        return render(request, f"web/styleguide/{name}.html{part}", context)


@only_here
def brand(request: HttpRequest) -> HttpResponse:
    """The stylesheet of the guide's business, in the accent of the query."""
    tokens = brand_tokens(request.GET.get("accent", DEFAULT_ACCENT))
    return HttpResponse(brand_css(tokens, logo_height=40), content_type="text/css")


@only_here
def toast(request: HttpRequest, level: str) -> HttpResponse:
    """An empty answer that asks the page to show a toast; "undo" for one that can be taken back."""
    return toast_shown(HttpResponse(status=204), **samples.toast(level))


@only_here
@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """Takes drafts and undone toasts, and keeps nothing."""
    return HttpResponse(status=204)


@only_here
def search(request: HttpRequest) -> HttpResponse:
    """Palette results: the sample customers whose name contains the words typed."""
    return render(request, "web/styleguide/search.html", {"found": samples.found(request.GET.get("q", ""))})


urlpatterns = [
    path("", page, name="styleguide"),
    path("brand.css", brand, name="styleguide_brand"),
    path("toast/<str:level>/", toast, name="styleguide_toast"),
    path("accept/", accept, name="styleguide_accept"),
    path("search/", search, name="styleguide_search"),
    path("<str:name>/", page, name="styleguide_page"),
]
