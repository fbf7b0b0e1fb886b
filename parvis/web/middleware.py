"""The house's own time on every page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from parvis.catalog.selectors import business
from parvis.kernel.clock import zone


class HouseTimeMiddleware:
    """Instants are shown in the time zone of the house, wherever the server stands."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        house = business()
        if house is None:
            return self.get_response(request)
        with timezone.override(zone(house.timezone)):
            return self.get_response(request)
