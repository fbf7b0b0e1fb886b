"""Every answer, of whatever kind, tells browsers what it may do: nothing but ours, from nowhere else."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client
from lxml import html

from parvis.web import views as web_views
from tests.api.conftest import Caller
from tests.front.pages import HTMX, signed_in
from tests.security.routes import House
from tests.world import World

STRICT = {
    "default-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "connect-src": ["'self'"],
    "img-src": ["'self'", "data:"],
}
FETCHED = {"src", "srcset", "action", "formaction", "data", "poster", "background"}
# What strangers sent, and pictures, have a policy that is stricter still; tests beside them say which.
OWN_POLICY = {"message_html", "attachment", "request_file", "brand_logo", "brand_icon"}
# What may stand in a frame of any page; a test of its own says so.
FRAMED = {"widget", "widget_hold", "widget_who", "widget_done"}


def policy(response: Any) -> dict[str, list[str]]:
    """The policy of an answer: directive → sources."""
    parts = (part.split() for part in response.headers.get("Content-Security-Policy", "").split(";"))
    return {name: sources for name, *sources in filter(None, parts)}


def refuse_loosely(response: Any, about: object) -> None:
    """Fail unless an answer is as strict as every answer has to be."""
    told = policy(response)
    assert {name: told.get(name) for name in STRICT} == STRICT, about
    for name in ("script-src", "style-src"):
        assert told[name][0] == "'self'", about
        assert all(re.fullmatch(r"'nonce-[\w+/=-]+'", source) for source in told[name][1:]), about
    assert response["X-Content-Type-Options"] == "nosniff", about
    assert response["X-Frame-Options"] == "DENY", about
    assert response["Referrer-Policy"] in ("same-origin", "no-referrer"), about


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace")


def complaints(page: str) -> list[str]:
    """What a page must not contain: scripts and styles in place, or anything of a third party."""
    if not page.strip() or "<" not in page:
        return []
    tree, found = html.document_fromstring(f"<div>{page}</div>" if "<html" not in page else page), []
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        for name, value in element.attrib.items():
            if name.startswith(("on", "hx-on")) or name == "style":
                found.append(f"{element.tag} {name}")
            fetched = name in FETCHED or (name == "href" and element.tag == "link")
            if fetched and re.match(r"\s*(?:[a-z]+:)?//|\s*(?:java|vb)script:|\s*data:(?!image/svg)", value, re.I):
                found.append(f"{element.tag} {name}={value[:60]}")
            if name == "href" and re.match(r"\s*(?:javascript|data|vbscript):", value, re.I):
                found.append(f"link to {value[:60]}")
        if element.tag == "script" and "src" not in element.attrib and "json" not in element.get("type", ""):
            found.append(f"inline script {element.text!r}"[:80])
        if element.tag == "style":
            found.append("style element")
    return found


@pytest.mark.parametrize("who", ["administrator", "agent", None])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_every_page_is_strict_and_calls_nobody(house: House, who: str | None, headers: dict) -> None:
    client = signed_in(house.world, who) if who else Client()
    shown = 0
    for route in house.routes():
        if route.name in OWN_POLICY | {"live"}:
            continue
        response = client.get(route.url, headers=headers)
        if route.name not in FRAMED:
            refuse_loosely(response, route)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            assert complaints(body_of(response)) == [], route
            shown += response.status_code == 200
    assert shown > (10 if who is None else 50)


def test_what_may_stand_in_a_frame_is_strict_in_all_else(house: House) -> None:
    for route in house.routes():
        if route.name in FRAMED:
            response = Client().get(route.url)
            told = policy(response)
            assert {**told, "frame-ancestors": ["'none'"]} == {**told, **STRICT}, route
            assert told["frame-ancestors"] == ["*"], route
            assert response["X-Content-Type-Options"] == "nosniff", route
            assert complaints(body_of(response)) == [], route


def test_what_strangers_sent_and_pictures_can_do_nothing(house: House) -> None:
    client = signed_in(house.world, "administrator")
    for route in house.routes():
        if route.name in OWN_POLICY:
            response = client.get(route.url)
            assert response["X-Content-Type-Options"] == "nosniff", route
            if response.status_code == 200:
                told = policy(response)
                assert "sandbox" in told, route
                assert told["default-src"] == ["'none'"], route
                assert "script-src" not in told, route
                assert "allow-scripts" not in told["sandbox"], route


@pytest.mark.parametrize(
    ("error", "status"), [(PermissionDenied(), 403), (SuspiciousOperation(), 400), (ZeroDivisionError(), 500)]
)
def test_pages_that_end_badly_are_no_looser(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def broken(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(web_views, "find", broken)
    client = signed_in(world, "agent")
    client.raise_request_exception = False
    response = client.get("/search/?q=zoe")
    assert response.status_code == status
    refuse_loosely(response, status)
    assert complaints(body_of(response)) == []
    assert "Traceback" not in body_of(response)


def test_nor_is_a_form_without_its_token(world: World) -> None:
    response = Client(enforce_csrf_checks=True).post("/portal/write/", {})
    assert response.status_code == 403
    refuse_loosely(response, "csrf")


def test_answers_of_the_api_neither(house: House, call_as: Any) -> None:
    call: Caller = call_as("agent")
    for path in ("/encounters", "/encounters/E-00000", "/nowhere", "/customers?limit=x", "/openapi.json"):
        refuse_loosely(call("get", path), path)


def test_static_files_are_not_sniffed(client: Client, db: None) -> None:
    from django.conf import settings

    names = sorted(p.relative_to(settings.PACKAGE / "web/static") for p in _static(Path(settings.PACKAGE)))
    for name in (names[0], names[-1]):
        response = client.get(f"/static/{name}")
        assert response.status_code == 200
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"
        assert "text/html" not in response["Content-Type"]


def _static(package: Path) -> list[Path]:
    return [*(package / "web/static/web/css").glob("*.css"), *(package / "web/static/web/js").glob("*.js")]


def test_pages_about_a_person_are_kept_by_no_shared_cache(house: House) -> None:
    client = signed_in(house.world, "agent")
    for name in ("encounter", "customer", "today", "profile", "attachment", "message_html"):
        response = client.get(house.url(name))
        kept = response.headers.get("Cache-Control", "")
        assert "public" not in kept, name
        assert "private" in kept or "no-store" in kept or "Cookie" in response.headers.get("Vary", ""), name


@pytest.mark.parametrize(
    "bad",
    [
        '<p onclick="x()">',
        '<p style="a:b">',
        "<script>x()</script>",
        "<style>a{}</style>",
        '<img src="//evil.example/x">',
        '<a href="javascript:x">',
        '<link href="https://evil.example">',
    ],
)
def test_what_these_tests_look_for_they_find(bad: str) -> None:
    assert complaints(f"<html><body>{bad}</body></html>")
