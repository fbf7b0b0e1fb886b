from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client, RequestFactory

from parvis.toolkit.proxies import CallerMiddleware, caller

OURS = [ip_network("127.0.0.0/8"), ip_network("10.0.0.5/32")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 10.0.0.5", "203.0.113.9"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("203.0.113.7", "1.2.3.4", "203.0.113.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "1.2.3.4, <script>", "127.0.0.1"),
        ("", "1.2.3.4", ""),
    ],
)
def test_only_a_proxy_of_ours_says_who_calls(peer: str, forwarded: str, expected: str) -> None:
    assert caller(peer, forwarded, OURS) == expected


def test_limits_see_the_visitor_behind_the_proxy(settings: Any, rf: RequestFactory) -> None:
    settings.PARVIS_TRUSTED_PROXIES = ["127.0.0.1"]
    seen: list[str] = []
    middleware = CallerMiddleware(lambda request: seen.append(request.META["REMOTE_ADDR"]))  # type: ignore[arg-type,func-returns-value]
    middleware(rf.get("/", HTTP_X_FORWARDED_FOR="203.0.113.9"))
    settings.PARVIS_TRUSTED_PROXIES = []
    middleware = CallerMiddleware(lambda request: seen.append(request.META["REMOTE_ADDR"]))  # type: ignore[arg-type,func-returns-value]
    middleware(rf.get("/", HTTP_X_FORWARDED_FOR="203.0.113.9"))
    assert seen == ["203.0.113.9", "127.0.0.1"]


def test_it_is_in_force_on_every_page(client: Client, db: None) -> None:
    from django.conf import settings

    assert settings.MIDDLEWARE[0] == "parvis.toolkit.proxies.CallerMiddleware"
    assert client.get("/healthz").status_code == 200
