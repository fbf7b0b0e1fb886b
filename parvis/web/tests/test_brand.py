"""Whatever colour a house has, what is written on it and in it can be read."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parvis.kernel.errors import Invalid
from parvis.toolkit.brand import (
    DARK_GROUNDS,
    DEFAULT_ACCENT,
    LIGHT_GROUNDS,
    SHAPE_CONTRAST,
    TEXT_CONTRAST,
    brand_css,
    brand_tokens,
    contrast,
    hex_from_oklch,
    oklch_from_hex,
)

TOKENS = Path(__file__).parent.parent / "static/web/css/tokens.css"
colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(colours)
def test_text_is_readable_for_every_colour_a_house_may_have(colour):
    tokens = brand_tokens(colour)
    for accent, grounds in ((tokens.light, LIGHT_GROUNDS), (tokens.dark, DARK_GROUNDS)):
        assert contrast(accent.ink, accent.accent) >= TEXT_CONTRAST
        assert contrast(accent.ink, accent.hover) >= TEXT_CONTRAST
        assert all(contrast(accent.text, ground) >= TEXT_CONTRAST for ground in [*grounds.values(), accent.soft])


@given(colours)
def test_on_a_dark_page_the_accent_is_seen_as_a_shape(colour):
    assert contrast(brand_tokens(colour).dark.accent, DARK_GROUNDS["surface"]) >= SHAPE_CONTRAST


@given(colours)
def test_oklch_and_back_is_the_same_colour(colour):
    there_and_back = hex_from_oklch(oklch_from_hex(colour))
    channels = [(int(a, 16), int(b, 16)) for a, b in zip(_pairs(colour), _pairs(there_and_back), strict=True)]
    assert all(abs(a - b) <= 1 for a, b in channels)


def test_a_colour_that_can_be_read_is_left_as_the_house_chose_it():
    assert brand_tokens("#1f6f5c").light.accent == "#1f6f5c"
    assert brand_tokens("#ffe14d").light.accent == "#ffe14d"


def test_known_values_of_oklch():
    # Reference values of the CSS Color 4 specification for red.
    lightness, chroma, hue = oklch_from_hex("#ff0000")
    assert lightness == pytest.approx(0.6279, abs=1e-3)
    assert chroma == pytest.approx(0.2577, abs=1e-3)
    assert hue == pytest.approx(0.5102, abs=1e-3)  # 29.23 degrees
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("colour", ["", "blue", "#12", "#12345", "12345g", "#2f4b8f;}body{display:none"])
def test_what_is_not_a_colour_is_refused_and_never_reaches_the_stylesheet(colour):
    with pytest.raises(Invalid):
        brand_tokens(colour)


def test_a_short_colour_means_its_long_form():
    assert brand_tokens("#fa0") == brand_tokens("ffaa00")


def test_the_stylesheet_carries_logo_and_headings():
    css = brand_css(brand_tokens(DEFAULT_ACCENT), logo_height=48, headings="sans")
    assert "--logo-height: 48px; --headings: var(--sans);" in css
    assert css.startswith("@layer brand {")
    assert css.count("{") == css.count("}")


@pytest.mark.parametrize("options", [{"logo_height": 15}, {"logo_height": 97}, {"headings": "comic"}])
def test_a_logo_or_headings_out_of_bounds_are_refused(options):
    with pytest.raises(Invalid):
        brand_css(brand_tokens(DEFAULT_ACCENT), **options)


def test_the_grounds_it_is_checked_against_are_those_of_the_stylesheet():
    written = _light_dark_tokens()
    for number, grounds in enumerate((LIGHT_GROUNDS, DARK_GROUNDS)):
        assert {name: written[f"--{name}"][number] for name in grounds} == grounds


def test_the_stylesheet_starts_with_the_default_accent():
    written, tokens = _light_dark_tokens(), brand_tokens(DEFAULT_ACCENT)
    for name, light in asdict(tokens.light).items():
        token = "--accent" if name == "accent" else f"--accent-{name}"
        assert written[token] == (light, asdict(tokens.dark)[name]), token


@pytest.mark.parametrize("name", ["ink", "ink-2", "ink-3", "ok", "warn", "bad", "info"])
def test_ink_and_meanings_are_readable_on_every_ground(name):
    light, dark = _light_dark_tokens()[f"--{name}"]
    assert all(contrast(light, ground) >= TEXT_CONTRAST for ground in LIGHT_GROUNDS.values())
    assert all(contrast(dark, ground) >= TEXT_CONTRAST for ground in DARK_GROUNDS.values())


def test_the_edge_of_a_field_is_seen():
    light, dark = _light_dark_tokens()["--line-control"]
    assert contrast(light, LIGHT_GROUNDS["surface"]) >= SHAPE_CONTRAST
    assert contrast(dark, DARK_GROUNDS["surface"]) >= SHAPE_CONTRAST


def _light_dark_tokens() -> dict[str, tuple[str, str]]:
    pattern = r"(--[\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)"
    return {name: (light, dark) for name, light, dark in re.findall(pattern, TOKENS.read_text())}


def _pairs(colour: str) -> list[str]:
    return [colour[i : i + 2] for i in (1, 3, 5)]
