"""The arrivals panel of Today."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from parvis.kernel.clock import utcnow
from parvis.reservations.arrivals import arrivals
from parvis.staff.middleware import require_viewer


@require_safe
def arriving(request: HttpRequest) -> HttpResponse:
    """Who comes today."""
    rows, more = arrivals(require_viewer(request), now=utcnow())
    return render(request, "reservations/arrivals.html", {"arrivals": rows, "more_arrivals": more})
