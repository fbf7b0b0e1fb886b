"""The panel of Today: who is here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from parvis.kernel.clock import utcnow
from parvis.queueing import here
from parvis.staff.middleware import require_viewer


@require_safe
def queue_here(request: HttpRequest) -> HttpResponse:
    """How many wait in each line, and since when."""
    found = here.queue_here(require_viewer(request), now=utcnow())
    return render(request, "queueing/here.html", {"here": found})
