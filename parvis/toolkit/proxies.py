"""Who is really calling, when a proxy stands in front: limits must count visitors, not the proxy."""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Network = IPv4Network | IPv6Network


def caller(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The address a request comes from: where a proxy of ours asks, the last in X-Forwarded-For that is none of ours.

    Whatever stands further left in the header was written by the caller and counts for nothing.
    """
    at = peer
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_among(at, trusted) or not _is_address(hop):
            break
        at = hop
    return at


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_among(text: str, networks: Sequence[Network]) -> bool:
    return _is_address(text) and any(ip_address(text) in network for network in networks)


class CallerMiddleware:
    """Puts the visitor's address into REMOTE_ADDR, where every limit looks (PARVIS_TRUSTED_PROXIES)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.trusted = [ip_network(text, strict=False) for text in settings.PARVIS_TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if self.trusted and forwarded:
            request.META["REMOTE_ADDR"] = caller(request.META.get("REMOTE_ADDR", ""), forwarded, self.trusted)
        return self.get_response(request)
