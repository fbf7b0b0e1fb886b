"""The live feed as a page hears it: server-sent events, or nothing where there are streams enough."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from parvis.ledger.live import stream_open
from parvis.staff.middleware import require_viewer


@require_GET
def live(request: HttpRequest) -> HttpResponseBase:
    """The stream of what changes at the viewer's sites; 204 beyond the cap, at which pages poll instead."""
    stream = stream_open(require_viewer(request).sees_site, request.headers.get("Last-Event-ID", ""))
    if stream is None:
        return HttpResponse(status=204)
    response = StreamingHttpResponse(stream, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would hold events back
    return response
