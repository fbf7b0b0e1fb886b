"""Fixtures of the journeys: a real Chromium against a real server on the test database.

    @pytest.mark.browser
    def test_visitor_reads_the_page(page):
        page.goto("/")

`page` is one visitor; `open_page(language="fr", viewport=PHONE, dark=True)` opens further ones, each with cookies of
its own. Addresses are relative to the test server, whose root is `live_server.url`. A test that fails leaves a picture
of each page in PARVIS_TEST_PICTURES (default: a folder under the system's temporary one).
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from scripts.system_packages import find_chromium

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
ACTION_MILLISECONDS = 10_000
QUIET = [
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_failed = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys last: Playwright keeps an event loop in the main thread, where other tests may want one of theirs."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember a failure, so that the pages' teardown can take pictures."""
    report = yield
    if report.failed:
        item.stash[_failed] = True
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once for a run."""
    path = find_chromium()
    if path is None:
        pytest.fail("No Chromium on this machine: apt-get install chromium, or set PARVIS_TEST_CHROMIUM")
    # Playwright's event loop makes Django believe that tests call the database from asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # Chromium's sandbox refuses root.
    arguments = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET
    expect.set_options(timeout=ACTION_MILLISECONDS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, live_server: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """A function that opens a page of a new visitor.

    Its arguments: `language` ("en", "fr"), `viewport` (`DESK`, `PHONE` or a dictionary), `dark`, and any other
    option of Playwright's `new_context`. Depends on `live_server`, so that pages are closed before the database is
    emptied.
    """
    contexts: list[BrowserContext] = []

    def open_one(*, language: str = "en", viewport: dict[str, int] = DESK, dark: bool = False, **options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            locale={"en": "en-GB", "fr": "fr-FR"}.get(language, language),
            viewport=viewport,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(ACTION_MILLISECONDS)
        contexts.append(context)
        return context.new_page()

    yield open_one
    if request.node.stash.get(_failed, False):
        _take_pictures(request.node.nodeid, contexts)
    for context in contexts:
        context.close()
    _end_streams()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A visitor at a 1366×768 front-desk screen, in English."""
    return open_page()


def _end_streams() -> None:
    """Live streams outlive their pages by a heartbeat; the database of a test does not."""
    from parvis.ledger.live import hub

    hub.stop()


def _take_pictures(test: str, contexts: list[BrowserContext]) -> None:
    folder = Path(os.environ.get("PARVIS_TEST_PICTURES", Path(tempfile.gettempdir()) / "parvis-pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", test).strip("-")
    for number, page in enumerate((page for context in contexts for page in context.pages), start=1):
        path = folder / f"{name}-{number}.png"
        page.screenshot(path=path)
        print(f"{page.url} as it was: {path}")
