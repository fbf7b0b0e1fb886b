"""Settings of the queue: the overview, lines with their rule, and counters."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.catalog.selectors import sites
from parvis.catalog.views.common import back_to, managers, saved
from parvis.kernel.clock import utcnow
from parvis.queueing import addresses, services
from parvis.queueing.models import Counter, Line, Screen
from parvis.queueing.selectors import counter_visible, counters, has_been_used, has_tickets, line_visible, lines
from parvis.queueing.setting_forms import BeginForm, CounterForm, LineForm
from parvis.queueing.views.screens import SECTION, site_options, state_of
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.db import unit


@require_safe
@managers
def overview(request: HttpRequest) -> HttpResponse:
    """Lines, counters and screens of the viewer's sites; where there is none, a form that makes all of it."""
    viewer = require_viewer(request)
    return _overview(request, viewer, BeginForm(sites=site_options(viewer)))


def _overview(request: HttpRequest, viewer: Viewer, form: BeginForm) -> HttpResponse:
    names, now = dict(site_options(viewer)), utcnow()
    found = lines(viewer, active_only=False).filter(site_id__in=names).prefetch_related("needs")
    places = counters(viewer, active_only=False).filter(site_id__in=names).prefetch_related("lines")
    screens = Screen.objects.filter(site_id__in=names)
    shown = list(found.order_by("-is_active", "site_id", "position", "id"))
    context = {
        "section": SECTION,
        "form": form,
        "several_sites": len(names) > 1,
        "lines": [
            {
                "row": row,
                "name": in_language(row.name),
                "site": names[row.site_id],
                "needs": [in_language(need.name) for need in row.needs.all()],
            }
            for row in shown
        ],
        "counters": [
            {
                "row": row,
                "name": in_language(row.name),
                "site": names[row.site_id],
                "lines": [in_language(line.name) for line in row.lines.all()],
            }
            for row in places.order_by("-is_active", "site_id", "position", "id")
        ],
        "screens": [
            {"row": s, "site": names[s.site_id], "state": state_of(s, now), "path": addresses.screen_path(s)}
            for s in screens.order_by("-is_active", "site_id", "kind", "id")
        ],
        "joins": _joins(viewer, shown),
    }
    return render(request, "queueing/settings.html", context, status=422 if form.is_bound else 200)


def _joins(viewer: Viewer, shown: list[Line]) -> list[dict[str, str]]:
    """The public page of every site that has a line open to phones, as an address and as a QR code to put up."""
    open_at = {line.site_id for line in shown if line.is_active and line.takes_remote}
    return [
        {"site": site.name, "url": (url := addresses.absolute(addresses.join_path(site.slug))), "qr": addresses.qr(url)}
        for site in sites(viewer).filter(pk__in=open_at).order_by("id")
    ]


@require_POST
@managers
def begin(request: HttpRequest) -> HttpResponse:
    """A line, its counters, a kiosk and a display in one go."""
    viewer = require_viewer(request)
    form = BeginForm(request.POST, sites=site_options(viewer))
    if saved(form, lambda: _begun(viewer, form)):
        return back_to(request, reverse("settings_queue"), _("The line is open: sign on at a counter and call."))
    return _overview(request, viewer, form)


def _begun(viewer: Viewer, form: BeginForm) -> Line:
    data = form.cleaned_data
    site_id = data["site_id"]
    name = {code: data[f"name_{code}"] for code in ("en", "fr")}
    with unit():
        made = services.line_save(viewer=viewer, site_id=site_id, code=data["code"], name=name)
        for n in range(1, data["counters"] + 1):
            label = {code: _in(code, n) for code in ("en", "fr")}
            services.counter_save(viewer=viewer, site_id=site_id, name=label, position=n, line_ids=[made.pk])
        for kind, words in Screen.KINDS:
            if data[kind]:
                services.screen_save(viewer=viewer, site_id=site_id, kind=kind, name=str(words))
    return made


def _in(code: str, n: int) -> str:
    with override(get_language_info(code)["code"]):
        return _("Counter %(n)s") % {"n": n}


# Lines -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def line_new(request: HttpRequest) -> HttpResponse:
    """A further line."""
    viewer = require_viewer(request)
    options = {"sites": site_options(viewer)}
    form = LineForm(request.POST, **options) if request.method == "POST" else LineForm(**options)
    made = saved(form, lambda: services.line_save(viewer=viewer, **form.changes()))
    if made:
        text = _("%(name)s has been added. Say which counters take from it.") % {"name": in_language(made.name)}
        return back_to(request, reverse("settings_queue"), text)
    return _line_page(request, None, form)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """One line and its rule."""
    viewer = require_viewer(request)
    found = line_visible(viewer, pk)
    options = {"sites": site_options(viewer)}
    bound = request.POST if request.method == "POST" else None
    form = LineForm.of(found, data=bound, **options)
    if has_tickets(pk):
        form.stay()
    if saved(form, lambda: services.line_save(viewer=viewer, line_id=pk, **form.changes())):
        return back_to(request, reverse("settings_queue"))
    return _line_page(request, found, form)


def _line_page(request: HttpRequest, found: Line | None, form: LineForm) -> HttpResponse:
    context = {
        "section": SECTION,
        "line": found,
        "name": in_language(found.name) if found else "",
        "form": form,
        "names": [form[name] for name in form.fields if name.startswith("name_")],
    }
    return render(request, "queueing/line_settings.html", context, status=422 if form.is_bound else 200)


# Counters --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def counter_new(request: HttpRequest) -> HttpResponse:
    """A further counter: taking from every line of its site unless said otherwise."""
    viewer = require_viewer(request)
    among = lines(viewer)
    options: dict[str, Any] = {"sites": site_options(viewer), "lines": among}
    first = {"lines": [one.pk for one in among] if len({one.site_id for one in among}) == 1 else []}
    form = CounterForm(request.POST, **options) if request.method == "POST" else CounterForm(initial=first, **options)
    made = saved(form, lambda: services.counter_save(viewer=viewer, **form.changes()))
    if made:
        text = _("%(name)s has been added.") % {"name": in_language(made.name)}
        return back_to(request, reverse("settings_queue"), text)
    return _counter_page(request, None, form)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def counter(request: HttpRequest, pk: int) -> HttpResponse:
    """One counter and what it takes from."""
    viewer = require_viewer(request)
    found = counter_visible(viewer, pk)
    options: dict[str, Any] = {"sites": site_options(viewer), "lines": lines(viewer, site_id=found.site_id)}
    form = CounterForm.of(found, data=request.POST if request.method == "POST" else None, **options)
    if has_been_used(pk):
        form.stay()
    if saved(form, lambda: services.counter_save(viewer=viewer, counter_id=pk, **form.changes())):
        return back_to(request, reverse("settings_queue"))
    return _counter_page(request, found, form)


def _counter_page(request: HttpRequest, found: Counter | None, form: CounterForm) -> HttpResponse:
    context = {
        "section": SECTION,
        "counter": found,
        "name": in_language(found.name) if found else "",
        "form": form,
        "names": [form[name] for name in form.fields if name.startswith("name_")],
    }
    return render(request, "queueing/counter_settings.html", context, status=422 if form.is_bound else 200)
