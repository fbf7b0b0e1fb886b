"""Puts the viewer on the request, and the person's language and theme into force."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from parvis.staff.domain.viewer import Viewer


class ViewerMiddleware:
    """`request.viewer`: who looks at this page (None for a visitor). The language is theirs, or their browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from parvis.staff.selectors import viewer_of

        user = request.user
        if user.is_authenticated:
            request.viewer = SimpleLazyObject(lambda: viewer_of(user))  # type: ignore[attr-defined]
            language = user.language
        else:
            request.viewer = None  # type: ignore[attr-defined]
            language = translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def require_viewer(request: HttpRequest) -> Viewer:
    """The viewer of a request that the URL table only lets through signed in."""
    viewer = request.viewer  # type: ignore[attr-defined]
    if viewer is None:
        raise PermissionError("a view for staff was reached by a visitor")
    return viewer
