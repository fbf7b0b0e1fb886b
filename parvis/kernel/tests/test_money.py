from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parvis.kernel.errors import Invalid
from parvis.kernel.money import Money, format_money


def eur(minor):
    return Money(minor, "EUR")


def test_adds_subtracts_compares_and_sums():
    assert sum([eur(1), eur(2), eur(3)]) == eur(6)
    assert eur(5) - eur(7) == -eur(2)
    assert abs(-eur(2)) == eur(2)
    assert max(eur(3), eur(1)) == eur(3)
    assert eur(3) >= eur(3)
    assert not eur(0)


def test_currencies_do_not_mix():
    for mixed in (lambda: eur(1) + Money(1, "USD"), lambda: eur(1) < Money(2, "USD")):
        with pytest.raises(Invalid) as refused:
            mixed()
        assert refused.value.code == "currency_mismatch"
    assert eur(1) != Money(1, "USD")


def test_numbers_are_not_money():
    with pytest.raises(TypeError):
        eur(1) + 1
    with pytest.raises(TypeError):
        eur(1) * 1.5


def test_a_product_rounds_halves_away_from_zero():
    assert eur(1050) * Decimal("0.05") == eur(53)
    assert eur(-1050) * Decimal("0.05") == eur(-53)
    assert Fraction(1, 3) * eur(100) == eur(33)
    assert 3 * eur(5) == eur(15)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        (Decimal("-0.1"), "EUR", -10),
        (1200, "JPY", 1200),
        ("1.234", "TND", 1234),
        ("1E3", "XOF", 1000),
    ],
)
def test_units_become_minor_units_and_back(amount, currency, minor):
    money = Money.of(amount, currency)
    assert money.minor == minor
    assert money.amount == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("12.505", "EUR"),
        ("0.5", "JPY"),
        ("", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        (1.5, "EUR"),
        ("1", "eur"),
        ("1", "€"),
    ],
)
def test_what_is_no_amount_is_refused(amount, currency):
    with pytest.raises(Invalid):
        Money.of(amount, currency)


@pytest.mark.parametrize("minor", [1.0, True, "1", None])
def test_minor_units_are_whole_numbers(minor):
    with pytest.raises(Invalid):
        Money(minor, "EUR")


def test_a_bill_is_split_without_losing_a_cent():
    assert eur(1000).split(3) == [eur(334), eur(333), eur(333)]
    assert eur(-1000).split(3) == [eur(-334), eur(-333), eur(-333)]
    assert eur(5).allocate([0, 3, 7]) == [eur(0), eur(2), eur(3)]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [2, -1]])
def test_weights_that_share_nothing_are_refused(weights):
    with pytest.raises(Invalid):
        eur(5).allocate(weights)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 10**6) | st.decimals(0, 1000, places=3), min_size=1, max_size=12).filter(any),
)
def test_parts_sum_to_the_whole_and_stay_within_a_cent_of_their_share(minor, weights):
    parts = eur(minor).allocate(weights)
    assert sum(parts) == eur(minor)
    whole = sum(Fraction(weight) for weight in weights)
    assert all(abs(p.minor - minor * Fraction(w) / whole) < 1 for p, w in zip(parts, weights, strict=True))


@pytest.mark.parametrize(
    ("money", "language", "text"),
    [
        (eur(123450), "fr", "1\u202f234,50\xa0€"),
        (eur(123450), "en", "€1,234.50"),
        (eur(-500), "fr-CA", "-5,00\xa0€"),
        (Money(1200, "JPY"), "en", "¥1,200"),
        (Money(1234, "TND"), "fr", "1,234\xa0TND"),
        (Money(150, "LBP"), "fr", "1,50\xa0£LB"),
        (Money(500, "USD"), "xx", "$5.00"),
    ],
)
def test_reads_as_people_write_it(money, language, text):
    assert format_money(money, language) == text
