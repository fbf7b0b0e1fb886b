"""Public holidays by country and region, to fill a calendar's ``holidays``; from the library of that name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from .errors import Invalid
from .phrases import Phrase as _

# The library speaks French only where French is spoken. The commonest names elsewhere, by their English ones.
_FRENCH = {
    "All Saints' Day": "Toussaint",
    "Ascension Day": "Ascension",
    "Assumption Day": "Assomption",
    "Boxing Day": "Lendemain de Noël",
    "Christmas": "Noël",
    "Christmas Day": "Noël",
    "Easter Monday": "Lundi de Pâques",
    "Easter Sunday": "Pâques",
    "Eid al-Adha": "Fête du sacrifice",
    "Eid al-Fitr": "Fête de la rupture du jeûne",
    "Epiphany": "Épiphanie",
    "Good Friday": "Vendredi saint",
    "Immaculate Conception": "Immaculée Conception",
    "Independence Day": "Fête de l'indépendance",
    "Islamic New Year": "Nouvel an musulman",
    "Labor Day": "Fête du Travail",
    "Labour Day": "Fête du Travail",
    "Liberation Day": "Fête de la Libération",
    "May Day": "Premier mai",
    "National Day": "Fête nationale",
    "New Year's Day": "Jour de l'an",
    "Pentecost Monday": "Lundi de Pentecôte",
    "Prophet's Birthday": "Anniversaire du prophète",
    "Republic Day": "Fête de la République",
    "Saint Stephen's Day": "Saint-Étienne",
    "Thanksgiving Day": "Action de grâce",
    "Whit Monday": "Lundi de Pentecôte",
    "Women's Day": "Journée des femmes",
    "Workers' Day": "Fête du Travail",
}
_SUFFIXES = {" (observed)": " (reporté)", " (estimated)": " (estimé)"}


def holiday_dates(country: str, subdivision: str | None, years: Iterable[int], language: str = "en") -> dict[date, str]:
    """The public holidays of these years, by date in order, with their names in French (``fr…``) or else
    English.

    country:     ISO 3166-1 alpha-2; the French overseas territories by their own code or as a subdivision
    of FR.
    subdivision: ISO 3166-2 without the country, or a name that the library knows (``"57"``, ``"Alsace"``),
    or None. Where a name has no translation it stays in English, or in the language of the country. Dates
    that depend on the moon are estimates. Raises Invalid for a country or subdivision that is not known.
    """
    key = (country or "").strip().upper(), (subdivision or "").strip() or None
    return dict(_known(*key, tuple(sorted(set(years))), language[:2].lower()))


def has_holidays(country: str, subdivision: str | None = None) -> bool:
    """Whether ``holiday_dates`` knows that country and subdivision."""
    try:
        _entity((country or "").strip().upper(), (subdivision or "").strip() or None, (2026,), None)
    except Invalid:
        return False
    return True


@lru_cache(maxsize=512)
def _known(
    country: str, subdivision: str | None, years: tuple[int, ...], language: str
) -> tuple[tuple[date, str], ...]:
    speaks = _entity(country, subdivision, (), None).supported_languages
    wanted = ("fr", f"fr_{country}") if language == "fr" else (f"en_{country}", "en_US", "en_GB")
    spoken = next((name for name in wanted if name in speaks), None)
    fallback = next((name for name in ("en_US", "en_GB") if name in speaks), None)
    found = _entity(country, subdivision, years, spoken or fallback)
    in_french = language == "fr" and spoken is None
    return tuple(sorted((day, _to_french(name) if in_french else name) for day, name in found.items()))


def _entity(country: str, subdivision: str | None, years: tuple[int, ...], language: str | None) -> Any:
    # Slow to import (its list of countries), and only needed when a calendar is filled.
    import holidays

    try:
        return holidays.country_holidays(country, subdiv=subdivision, years=years, language=language)
    except (NotImplementedError, KeyError, AttributeError, ValueError) as error:
        place = "-".join(part for part in (country, subdivision) if part)
        raise Invalid(
            _("The public holidays of “%(place)s” are not known.", place=place),
            code="unknown_place",
            hint=_("Enter the days on which you close as special days."),
        ) from error


def _to_french(name: str) -> str:
    # Two holidays on one date come as "One; Other".
    return "; ".join(_one_to_french(part.strip()) for part in name.split(";"))


def _one_to_french(name: str) -> str:
    for suffix, translated in _SUFFIXES.items():
        if name.endswith(suffix):
            return _one_to_french(name.removesuffix(suffix)) + translated
    return _FRENCH.get(name, name)
