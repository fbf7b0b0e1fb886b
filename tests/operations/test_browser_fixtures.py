"""The browser of the journeys reaches the test server, and each visitor is a person apart."""

import pytest

from tests.conftest import PHONE

pytestmark = pytest.mark.browser


def test_a_visitor_reaches_the_server_and_its_static_files(page, live_server):
    assert page.goto("/healthz").text() == "ok\n"
    assert page.url == f"{live_server.url}/healthz"
    assert page.request.get("/static/web/css/tokens.css").headers["content-type"].startswith("text/css")


def test_visitors_have_their_own_cookies_language_and_screen(open_page):
    french = open_page(language="fr", viewport=PHONE, dark=True)
    english = open_page()
    for page in (french, english):
        page.goto("/healthz")
    french.evaluate("document.cookie = 'mine=1'")
    # The page that says that there is no icon leaves a cookie of its own, sooner or later.
    seen = (
        "[document.cookie.includes('mine=1'), navigator.language, innerWidth,"
        " matchMedia('(prefers-color-scheme: dark)').matches]"
    )
    assert french.evaluate(seen) == [True, "fr-FR", PHONE["width"], True]
    assert english.evaluate(seen) == [False, "en-GB", 1366, False]
