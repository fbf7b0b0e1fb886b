"""Money: whole minor units (cents) with an ISO 4217 currency. No floats, no cent lost."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache, total_ordering
from typing import Any

from .errors import Invalid
from .phrases import Phrase as _

# ISO 4217 where it is not 2. Not CLDR's table, which says how many decimals people usually see (none for
# LBP or MGA), while banks and payment providers count in the units of ISO.
_EXPONENTS = {
    code: digits
    for digits, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}
_CODE = re.compile(r"[A-Z]{3}")


def exponent(currency: str) -> int:
    """How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for TND."""
    return _EXPONENTS.get(currency, 2)


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """``minor`` units of ``currency``: ``Money(1250, "EUR")`` is 12.50 €; may be negative.

    Adding and comparing need the same currency and raise Invalid otherwise; ``sum()`` works.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise Invalid(_("“%(value)s” is not a whole number of cents.", value=self.minor), code="bad_money")
        if not isinstance(self.currency, str) or not _CODE.fullmatch(self.currency):
            raise Invalid(_("“%(value)s” is not a currency such as EUR.", value=self.currency), code="bad_currency")

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """From units: ``Money.of("12.50", "EUR")``. Raises Invalid for more decimals than the currency has."""
        try:
            value = Decimal(amount) if isinstance(amount, Decimal | int | str) else Decimal("NaN")
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            raise Invalid(_("“%(value)s” is not an amount.", value=amount), code="bad_money")
        minor = Fraction(value) * 10 ** exponent(currency)
        if minor.denominator != 1:
            raise Invalid(
                _("%(value)s has more decimals than %(currency)s.", value=amount, currency=currency),
                code="bad_money",
            )
        return cls(int(minor), currency)

    @property
    def amount(self) -> Decimal:
        """In units of the currency, with its decimals: ``Decimal("12.50")``."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __radd__(self, other: int | Money) -> Money:
        # sum() starts from 0.
        return self if other == 0 else self + other  # type: ignore[operator]

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __mul__(self, factor: int | Decimal | Fraction) -> Money:
        """Times a number, rounded to the nearest minor unit, halves away from zero (as invoices do)."""
        if isinstance(factor, bool) or not isinstance(factor, int | Decimal | Fraction):
            return NotImplemented
        exact = Fraction(factor) * self.minor
        nearest = int(abs(exact) + Fraction(1, 2))
        return Money(nearest if exact >= 0 else -nearest, self.currency)

    __rmul__ = __mul__

    def allocate(self, weights: Sequence[int | Decimal | Fraction]) -> list[Money]:
        """Parts in the ratio of ``weights`` that sum to the whole, each less than a minor unit from its
        exact share.

        Largest remainders first, earlier parts on ties. Raises Invalid unless the weights are at least one,
        none negative, and not all zero.
        """
        shares = [Fraction(weight) for weight in weights]
        whole = sum(shares)
        if not whole or min(shares) < 0:
            raise Invalid(_("An amount is shared by weights that are not negative and not all zero."), code="bad_share")
        exact = [abs(self.minor) * share / whole for share in shares]
        parts = [int(part) for part in exact]
        by_remainder = sorted(range(len(parts)), key=lambda i: parts[i] - exact[i])
        for index in by_remainder[: abs(self.minor) - sum(parts)]:
            parts[index] += 1
        return [Money(part if self.minor >= 0 else -part, self.currency) for part in parts]

    def split(self, n: int) -> list[Money]:
        """``n`` parts as equal as can be, the greater ones first."""
        return self.allocate([1] * n)

    def _same(self, other: Any) -> int:
        if not isinstance(other, Money):
            raise TypeError(f"Money goes with Money, not with {type(other).__name__}")
        if other.currency != self.currency:
            raise Invalid(
                _("%(one)s and %(other)s cannot be counted together.", one=self.currency, other=other.currency),
                code="currency_mismatch",
            )
        return other.minor


def format_money(money: Money, language: str = "en") -> str:
    """As people of that language write it, all decimals shown: ``1 234,50 €`` (no-break blanks),
    ``€1,234.50``.

    ``language``: ``fr``, ``en``, or finer, such as ``fr-CA`` and ``en_GB``; unknown ones fall back to
    English.
    """
    locale, pattern = _pattern(language, exponent(money.currency))
    return pattern.apply(money.amount, locale, currency=money.currency, currency_digits=False)


@lru_cache(maxsize=64)
def _pattern(language: str, digits: int) -> tuple[Any, Any]:
    # Babel takes its time to load.
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    pattern = copy.copy(locale.currency_formats["standard"])
    # CLDR would hide the decimals of some currencies; an amount owed is shown in full.
    pattern.frac_prec = (digits, digits)
    return locale, pattern
