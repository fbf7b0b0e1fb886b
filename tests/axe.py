"""axe-core in a page of a journey: what a person who cannot see, or cannot use a mouse, would stumble over."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Error, Page

SCRIPT = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def axe_violations(page: Page, within: str = "html", *, colours_only: bool = False) -> list[str]:
    """One line per violation of WCAG 2.2 AA or of axe's best practice, with the elements concerned; empty is well.

    within: a CSS selector; only what stands inside it is looked at. colours_only: for a page that was looked at
    whole, in its other colours. The page's own content security policy stays in force: the script is evaluated by
    the browser's debugger, not loaded by the page.
    """
    rules = COLOURS if colours_only else RULES
    try:
        found = _run(page, within, rules)
    except Error as error:
        if "context was destroyed" not in str(error):
            raise
        # A slow machine was still on its way to the page.
        found = _run(page, within, rules)
    return [_line(violation) for violation in found["violations"]]


def _run(page: Page, within: str, rules: list[str]) -> dict:
    page.wait_for_load_state()
    if page.evaluate("typeof window.axe") == "undefined":
        page.evaluate(_script())
    options = "{runOnly: rules, resultTypes: ['violations'], preload: false}"
    return page.evaluate(f"([within, rules]) => axe.run(within, {options})", [within, rules])


def _line(violation: dict) -> str:
    places = "; ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:5])
    detail = violation["nodes"][0].get("failureSummary", "").replace("\n", " ")
    return f"{violation['id']} ({violation['impact']}, {len(violation['nodes'])}×) at {places}: {detail}"
