"""Pages that need more than being signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from parvis.kernel.errors import NotAllowed
from parvis.staff.domain.viewer import Right
from parvis.staff.middleware import require_viewer

View = Callable[..., HttpResponse]


def right_needed(right: Right) -> Callable[[View], View]:
    """Refuse a page (403) to whoever lacks the right, before it looks at anything."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not require_viewer(request).may(right):
                raise NotAllowed(
                    _("Your role does not open this page."), hint=_("Ask whoever runs Parvis in your house.")
                )
            return view(request, *args, **kwargs)

        return guarded

    return decorate
