"""Whatever stands in an address or a form: refused in words, never a failure of ours."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.http import QueryDict

from parvis.toolkit.numbers import whole_number
from tests.front.pages import HTMX, signed_in
from tests.security.routes import House

NAMES = (
    *("q", "after", "before", "since", "until", "cursor", "rows", "current", "view", "site", "team", "need", "state"),
    *("days", "images", "who", "when", "customer", "under", "actor", "kind", "about", "helped", "accent", "due_at"),
)
# Cursors of the right shape that are none of ours: other types, the ends of the calendar, numbers past 64 bits.
CURSORS = ["e30", "W10", "W251bGxd", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTld", "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwxXQ",
           "WyIwMDAxLTAxLTAxIiwxXQ", "WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTEyOjAwIiwxXQ"]  # fmt: skip
ODD = ["\x00", "\ud800", "²", "١٢", "9" * 25, "9" * 5000, "x" * 20_000, "-1", "1e5", "0001-01-01", "9999-12-31",
       '"', "*", "NEAR(a b)", "a:b", "' & | ! <->", "AND OR NOT", "%s%n", "E-ZZZZZZZZZZZZ", *CURSORS]  # fmt: skip
# Pages that only show a form, or stream; those of allauth are allauth's to try.
LEFT_OUT = ("account_", "mfa_", "styleguide", "live", "brand_css", "brand_logo", "brand_icon", "healthz")


def in_address(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The parameters that pages have looked at since it was last cleared."""
    names: set[str] = set()

    def noted(method: str) -> None:
        original = getattr(QueryDict, method)

        def look(self: QueryDict, *args: Any, **options: Any) -> Any:
            names.update(args[:1] or NAMES)
            return original(self, *args, **options)

        monkeypatch.setattr(QueryDict, method, look)

    for method in ("__getitem__", "__contains__", "getlist", "items", "lists", "dict"):
        noted(method)
    return names


def test_no_parameter_of_any_page_breaks_it(house: House, read: set[str]) -> None:
    client = signed_in(house.world, "administrator")
    client.raise_request_exception = False
    failed, tried = [], 0
    for route in house.routes():
        if route.name.startswith(LEFT_OUT) or client.get(route.url, headers=HTMX).status_code == 405:
            continue
        for odd in ODD:
            query = "&".join(f"{name}={in_address(odd)}" for name in NAMES)
            read.clear()
            with transaction.atomic():
                if client.get(f"{route.url}?{query}", headers=HTMX).status_code >= 500:
                    failed.append((route.name, odd[:12]))
            tried += 1
            if not read.intersection(NAMES):
                break
    assert failed == []
    assert tried > 10 * len(ODD)


# One parameter hides what another breaks: those that are more than words, each where it is read.
READ = {
    "after": [
        *("customers", "organisations", "audit", "promises_kept", "mail_ledger", "outbox", "customer_encounters"),
        *("customer_timeline", "organisation_encounters"),
    ],
    "cursor": ["inbox_more"],
    "since": ["audit", "encounter_thread"],
    "until": ["audit"],
    "about": ["audit"],
    "before": ["search", "encounter_thread"],
    "rows": ["inbox_list"],
    "current": ["inbox_list"],
    "q": ["search", "palette", "customers", "organisations", "mail_ledger"],
}


@pytest.mark.parametrize("name", list(READ))
def test_nor_does_one_alone(house: House, name: str) -> None:
    client = signed_in(house.world, "administrator")
    client.raise_request_exception = False
    failed = []
    for page in READ[name]:
        url = house.url(page)
        for odd in ODD:
            with transaction.atomic():
                if client.get(f"{url}?{name}={in_address(odd)}", headers=HTMX).status_code >= 500:
                    failed.append((page, odd[:12]))
    assert failed == []


@pytest.mark.parametrize(
    "odd", ["\x00", "²", "9" * 30, "9" * 5000, "E-" + "Z" * 40, "%ED%A0%80", "..%2f..", "x" * 3000]
)
def test_references_and_numbers_in_addresses_are_found_or_not(house: House, odd: str) -> None:
    client = signed_in(house.world, "administrator")
    kinds = ["encounters", "customers", "organisations", "messages", "attachments", "macros", "mail", "promises"]
    for kind in kinds:
        for tail in ("/", "/html/", "/why/", "/edit/", "/raw/", "/timeline/"):
            assert client.get(f"/{kind}/{odd}{tail}").status_code in (302, 400, 404, 405), (kind, tail)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("encounter_presence", {"seen": "9" * 5000}),
        ("encounter_presence", {"seen": "²"}),
        ("settings_teams", {"team": "9" * 5000, "name": "Vente"}),
        ("settings_teams", {"team": "9" * 30, "name": "Vente"}),
        ("settings_person_sites", {"sites": ["9" * 30, "9" * 5000, "²"]}),
        ("settings_token_new", {"name": "CRM", "scopes": ["customers:read"], "expires": "9999-12-31"}),
        ("settings_day_set", {"kind": "closed", "day": "9999-12-31"}),
        ("settings_day_set", {"kind": "closed", "day": "0001-01-01"}),
        ("promise_make", {"kind": "call_back", "due_at": "9999-12-31T23:59"}),
        ("promise_make", {"kind": "call_back", "due_at": "0001-01-01T00:00"}),
        ("promise_renegotiate", {"due_at": "9999-12-31T23:59", "reason": "x"}),
        ("encounter_note", {"text": "a\x00b"}),
        ("encounter_reply", {"text": "\x00"}),
        ("encounter_subject", {"subject": "a\x00b"}),
        ("encounter_matters", {"matters": "a\x00b"}),
        ("encounter_draft", {"text": "a\x00b"}),
        ("customer_matters", {"matters": "a\x00b"}),
        ("customer_matters", {"matters": "x" * 300_000}),
        ("encounter_assign", {"owner": "9" * 5000, "team": "²"}),
        ("profile", {"name": "a\x00", "language": "en", "theme": "auto"}),
    ],
)
def test_what_no_form_sends_is_answered_and_the_page_works_after_it(house: House, name: str, data: dict) -> None:
    client = signed_in(house.world, "administrator")
    client.raise_request_exception = False
    with transaction.atomic():
        assert client.post(house.url(name), data).status_code < 500
    for page in ("encounter", "customer", "settings_person", "settings_site", "today"):
        assert client.get(house.url(page)).status_code == 200, page


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("0", 0), ("", None), ("²", None), ("١٢", None), ("-1", None),
                                              ("9" * 18, 10**18 - 1), ("9" * 19, None), (" 1", None)])  # fmt: skip
def test_a_whole_number_is_plain_digits_that_a_database_takes(text: str, number: Any) -> None:
    assert whole_number(text) == number
