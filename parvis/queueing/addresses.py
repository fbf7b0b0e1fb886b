"""Where devices and the public find the queue. The pages stand in the portal, above this context."""

import segno
from django.conf import settings
from django.urls import NoReverseMatch, reverse

from parvis.queueing.models import Screen


def screen_path(screen: Screen) -> str:
    """The path of a device's page, with its secret."""
    return _path(screen.kind, f"/{screen.kind}/{screen.token}/", token=screen.token)


def join_path(slug: str) -> str:
    """The path of the public page on which one joins a line of a site from one's own phone."""
    return _path("join", f"/line/{slug}/", site=slug)


def ticket_path(token: str) -> str:
    """The path of a ticket's status page, with its secret."""
    return _path("ticket", f"/q/{token}/", token=token)


def absolute(path: str) -> str:
    """The same as a whole address, for other devices."""
    return f"{settings.BASE_URL}{path}"


def qr(url: str) -> str:
    """An address as a QR code: the `src` of an image, black on white whatever the colours of the page."""
    return segno.make(url, error="m", micro=False).svg_data_uri(scale=4, border=3, light="#fff")


def _path(name: str, plain: str, **parts: str) -> str:
    try:
        return reverse(name, kwargs=parts)
    except NoReverseMatch:
        return plain
