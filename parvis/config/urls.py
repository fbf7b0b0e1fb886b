"""Every address of the house. Signed-in staff only, unless a view says otherwise (LoginRequiredMiddleware)."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView

from parvis.config.api import urls as api_urls


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """For supervisors and proxies: the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    # An address to sign in with is given by an administrator: allauth's own pages for that stay closed.
    path("accounts/email/", RedirectView.as_view(pattern_name="profile")),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api_urls),
    path("", include("parvis.desk.portal.urls")),
    path("", include("parvis.queueing.public.urls")),
    path("", include("parvis.reservations.feeds")),
    path("", include("parvis.desk.urls")),
    path("", include("parvis.queueing.urls")),
    path("", include("parvis.reservations.urls")),
    path("", include("parvis.promises.urls")),
    path("", include("parvis.customers.urls")),
    path("", include("parvis.channels.urls")),
    path("settings/", include("parvis.catalog.urls")),
    path("settings/", include("parvis.staff.urls")),
    path("settings/", include("parvis.webhooks.urls")),
    path("", include("parvis.ledger.urls")),
    path("styleguide/", include("parvis.web.styleguide")),
    path("", include("parvis.web.urls")),
]
