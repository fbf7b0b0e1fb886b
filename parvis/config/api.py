"""The API of the house at /api/v1."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from ninja import NinjaAPI

from parvis import __version__
from parvis.customers.api import customers_router, organisations_router
from parvis.desk.api import promises_router as moving_router
from parvis.desk.api import router as encounters_router
from parvis.ledger.api import feed_router
from parvis.promises.api import router as promises_router
from parvis.queueing.api import tickets_router
from parvis.queueing.counters_api import counters_router, lines_router
from parvis.reservations.api import bookings_router, offerings_router
from parvis.reservations.resources_api import absences_router, resources_router
from parvis.reservations.waiting_api import waiting_router
from parvis.staff.api import Token, viewer_of
from parvis.toolkit.api.problems import install_problems, problem
from parvis.toolkit.api.strict import known_parameters_only
from parvis.webhooks.api import router as webhooks_router


class Api(NinjaAPI):
    """The API, whose schema says that errors are problem documents."""

    def get_openapi_schema(self, **options: Any) -> Any:
        schema = super().get_openapi_schema(**options)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in response.get("content", {}):
                        response["content"]["application/problem+json"] = response["content"].pop("application/json")
        return schema


# No interactive page: ninja's loads scripts from a third party.
api = Api(
    title="Parvis",
    version=__version__,
    docs_url=None,
    urls_namespace="api",
    description="Bearer tokens are made by `parvis token_create`. Errors are problem documents (RFC 9457). "
    "A POST with an `Idempotency-Key` can be repeated safely.",
)
install_problems(api)
api.add_decorator(known_parameters_only)
api.add_router("/encounters", encounters_router)
api.add_router("/customers", customers_router)
api.add_router("/organisations", organisations_router)
api.add_router("/promises", promises_router)
api.add_router("/promises", moving_router)
api.add_router("/offerings", offerings_router)
api.add_router("/bookings", bookings_router)
api.add_router("/resources", resources_router)
api.add_router("/absences", absences_router)
api.add_router("/waiting", waiting_router)
api.add_router("/lines", lines_router)
api.add_router("/counters", counters_router)
api.add_router("/tickets", tickets_router)
api.add_router("/webhooks", webhooks_router)
api.add_router("/ledger", feed_router(Token("ledger:read"), viewer_of))


@login_not_required
def _nothing_here(request: HttpRequest) -> HttpResponse:
    return problem(404, "not_found", "There is nothing at this address.")


def _open(pattern: URLPattern) -> URLPattern:
    """Tokens stand at the API's door, not the sign-in page; a method it does not know is a problem document too."""
    view = pattern.callback

    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = response.headers.get("Allow", "")
            response = problem(405, "method_not_allowed", f"{request.method} is not possible here.")
            response["Allow"] = allowed
        return response

    answer.csrf_exempt = True  # type: ignore[attr-defined]
    pattern.callback = login_not_required(answer)
    return pattern


_patterns, _app, _namespace = api.urls
urls = (
    [
        *(_open(p) for p in _patterns if isinstance(p, URLPattern)),
        re_path(r"^.*$", _nothing_here),
    ],
    _app,
    _namespace,
)
