"""A person in one line, as somebody at a counter types it."""

import pytest

from parvis.customers.domain.who import Who, read_who


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("Zoé Martin 06 12 34 56 78 zoe@exemple.example", Who("Zoé Martin", "06 12 34 56 78", "zoe@exemple.example")),
        (
            "zoe@exemple.example, Zoé Martin, +33 6 12 34 56 78",
            Who("Zoé Martin", "+33 6 12 34 56 78", "zoe@exemple.example"),
        ),
        ("0612345678 Zoé", Who("Zoé", "0612345678", "")),
        ("06.12.34.56.78", Who("", "06.12.34.56.78", "")),
        ("Zoé Martin <Zoe@Exemple.example>", Who("Zoé Martin", "", "zoe@exemple.example")),
        ("Marie-Christine de La Tour", Who("Marie-Christine de La Tour", "", "")),
        ("Zoé (06 12 34 56 78)", Who("Zoé", "06 12 34 56 78", "")),
        ("", Who()),
    ],
)
def test_name_number_and_address_are_told_apart_in_any_order(line: str, read: Who) -> None:
    assert read_who(line, "FR") == read


def test_what_cannot_be_a_number_stays_with_the_name() -> None:
    assert read_who("Louis 14 12345 6", "FR") == Who("Louis 14 12345 6", "", "")


def test_a_number_is_read_by_the_country_of_the_site() -> None:
    assert read_who("Ann (212) 555-0123", "US").phone.strip("(").startswith("212")
    assert read_who("Ann 212 555 0123 99 99 99", "FR").phone == ""


def test_an_address_that_is_none_is_not_lost() -> None:
    assert read_who("Zoé zoe@", "FR") == Who("Zoé zoe@", "", "")
