"""The styleguide alone: what the shell can do does not depend on the pages built on it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from parvis.kernel.errors import Conflict
from parvis.web.styleguide import samples


@login_not_required
def workbench(request: HttpRequest) -> HttpResponse:
    """A staff page with whatever the query asks for: keys off or remapped, a stream, elements that listen."""
    context = {**samples.shell(request.GET), **samples.page("form", request.GET)}
    context["shell"]["live_url"] = "/stream/" if "live" in request.GET else ""
    return render(request, "shell/workbench.html", context)


@login_not_required
def fragment(request: HttpRequest) -> HttpResponse:
    """What a listening element fetches."""
    return HttpResponse("fetched")


@login_not_required
def refusal(request: HttpRequest) -> HttpResponse:
    """An error of ours, as every view may raise it."""
    raise Conflict("Somebody took it.", hint="Look again.")


@login_not_required
def failure(request: HttpRequest) -> HttpResponse:
    """An answer without words."""
    return HttpResponse(status=502)


urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("styleguide/", include("parvis.web.styleguide")),
    path("workbench/", workbench),
    path("fragment/", fragment),
    path("refusal/", refusal),
    path("failure/", failure),
]
