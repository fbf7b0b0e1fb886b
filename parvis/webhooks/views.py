"""Settings → Webhooks, for administrators."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.kernel.errors import Conflict, Invalid
from parvis.staff.access import right_needed
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.forms import put_errors
from parvis.toolkit.htmx import is_fragment, toast
from parvis.toolkit.pagination import keyset_page
from parvis.webhooks import services
from parvis.webhooks.catalogue import CATALOGUE
from parvis.webhooks.forms import EndpointForm
from parvis.webhooks.models import Delivery, DeliveryState, Endpoint
from parvis.webhooks.selectors import deliveries_of, endpoint_get, endpoints_listed

administrators = right_needed(Right.MANAGE_WEBHOOKS)
PAGE_SIZE = 25
TONES = {DeliveryState.DELIVERED: "ok", DeliveryState.FAILED: "bad"}


@dataclass(frozen=True)
class Line:
    """A message as its line shows it."""

    row: Delivery
    what: Any
    state: Any
    tone: str
    why: str
    again: bool


@require_safe
@administrators
def webhooks(request: HttpRequest) -> HttpResponse:
    """All endpoints and how they are."""
    context = {"section": "webhooks", "endpoints": endpoints_listed(require_viewer(request))}
    return render(request, "webhooks/webhooks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
@never_cache
def webhook_new(request: HttpRequest) -> HttpResponse:
    """Add an endpoint; its secret is shown on the page that follows, this once."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row, secret = services.endpoint_add(
                viewer=require_viewer(request), url=data["url"], description=data["description"], wanted=form.wanted()
            )
        except (Invalid, Conflict) as error:
            put_errors(form, error)
        else:
            return _page(request, row, secret=secret, added=True)
    context = {"section": "webhooks", "form": form}
    return render(request, "webhooks/webhook_new.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One endpoint: what it is told, and what became of it."""
    viewer = require_viewer(request)
    row = endpoint_get(viewer, pk)
    if request.method != "POST":
        return _page(request, row)
    form = EndpointForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.endpoint_change(
                viewer=viewer, endpoint_id=pk, url=data["url"], description=data["description"], events=form.wanted()
            )
        except Invalid as error:
            put_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("settings_webhook", pk=pk)
    return _page(request, row, form=form)


def _page(request: HttpRequest, row: Endpoint, **more: Any) -> HttpResponse:
    form = more.get("form") or EndpointForm.of(row)
    context = {"section": "webhooks", "endpoint": row, **_deliveries(request, row), **more, "form": form}
    return render(request, "webhooks/webhook.html", context, status=422 if form.is_bound else 200)


@require_safe
@administrators
def deliveries(request: HttpRequest, pk: int) -> HttpResponse:
    """The messages to one endpoint, by state; a further page of them; or the whole page, for who has no script."""
    row = endpoint_get(require_viewer(request), pk)
    if not is_fragment(request):
        return _page(request, row)
    part = "rows" if request.GET.get("after") else "deliveries"
    return render(request, f"webhooks/webhook.html#{part}", _fragment(request, row))


def _fragment(request: HttpRequest, row: Endpoint) -> dict[str, Any]:
    """The list by itself; how the endpoint is now goes with it, to the head of the page."""
    return {"endpoint": row, "fragment": True, **_deliveries(request, row)}


def _deliveries(request: HttpRequest, row: Endpoint) -> dict[str, Any]:
    viewer, url = require_viewer(request), reverse("settings_webhook_deliveries", args=[row.pk])
    state = request.GET.get("state", "") if request.GET.get("state") in DeliveryState.values else ""
    page = keyset_page(deliveries_of(viewer, row.pk, state), ["-id"], cursor=request.GET.get("after"), size=PAGE_SIZE)
    kept = {"state": state} if state else {}
    return {
        "lines": [_line(row, delivery) for delivery in page.rows],
        "more": f"{url}?{urlencode({**kept, 'after': page.next_cursor})}" if page.next_cursor else "",
        "views": _views(url, state),
        "state": state,
        # While something is due, the list looks again by itself.
        "awaited": row.is_active and any(d.state == "sending" or not d.attempts for d in page.rows if not d.ended_at),
        "here": f"{url}?{urlencode(kept)}" if kept else url,
    }


def _views(url: str, state: str) -> list[dict[str, Any]]:
    views = [("", _("All")), *((s.value, s.label) for s in DeliveryState if s != DeliveryState.SENDING)]
    return [
        {"label": label, "url": f"{url}?state={value}" if value else url, "active": value == state}
        for value, label in views
    ]


def _line(endpoint: Endpoint, row: Delivery) -> Line:
    known = CATALOGUE.get(row.event)
    state = DeliveryState(row.state)
    return Line(
        row=row,
        what=known.text if known else _("A test"),
        state=state.label,
        tone=TONES.get(state, "warn" if row.attempts and state == DeliveryState.QUEUED else ""),
        why=_why(row),
        again=endpoint.is_active and state != DeliveryState.SENDING,
    )


def _why(row: Delivery) -> str:
    """What came of the last attempt, in words."""
    if row.error:
        return _(row.error)
    if row.status is None:
        return ""
    return _("It answered %(status)s.") % {"status": row.status}


@require_POST
@administrators
def webhook_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test event; the list below says what came of it."""
    return _done(
        request, pk, lambda viewer: services.ping_queue(viewer=viewer, endpoint_id=pk), _("The test leaves now.")
    )


@require_POST
@administrators
def resend(request: HttpRequest, pk: int, message: str) -> HttpResponse:
    """Send one message once more."""
    return _done(
        request,
        pk,
        lambda viewer: services.delivery_resend(viewer=viewer, endpoint_id=pk, message_id=message),
        _("It leaves once more."),
    )


@require_POST
@administrators
def failed_resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send everything that was given up once more."""
    try:
        count = services.failed_resend(viewer=require_viewer(request), endpoint_id=pk)
    except Conflict as error:
        messages.error(request, str(error))
    else:
        text = ngettext("%(n)s message leaves once more.", "%(n)s messages leave once more.", count) % {"n": count}
        messages.success(request, text if count else _("Nothing was given up."))
    return redirect("settings_webhook", pk=pk)


def _done(request: HttpRequest, pk: int, deed: Any, text: str) -> HttpResponse:
    """Do it, and show the messages anew: in place for htmx, else on the whole page."""
    viewer: Viewer = require_viewer(request)
    try:
        deed(viewer)
    except Conflict as error:
        level, text = "error", str(error)
    else:
        level = "success"
    if not is_fragment(request):
        (messages.success if level == "success" else messages.error)(request, text)
        return redirect("settings_webhook", pk=pk)
    row = endpoint_get(viewer, pk)
    response = render(request, "webhooks/webhook.html#deliveries", _fragment(request, row))
    return toast(response, text, level=level)


@require_POST
@administrators
def webhook_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch an endpoint off or on."""
    on = request.POST.get("active") == "1"
    services.endpoint_switch(viewer=require_viewer(request), endpoint_id=pk, on=on)
    text = _("It is on: what waited leaves now.") if on else _("It is off: nothing is sent there.")
    messages.success(request, text)
    return redirect("settings_webhook", pk=pk)


@require_POST
@administrators
@never_cache
def webhook_rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Exchange the secret; the new one is shown this once."""
    row, secret = services.secret_rotate(viewer=require_viewer(request), endpoint_id=pk)
    return _page(request, row, secret=secret)


@require_POST
@administrators
def webhook_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove an endpoint."""
    services.endpoint_remove(viewer=require_viewer(request), endpoint_id=pk)
    messages.success(request, _("The webhook has been removed."))
    return redirect("settings_webhooks")
