"""The business's colour, made readable: one hex accent in, a set of checked tokens for light and dark out.

Lightness is moved in OKLCH (B. Ottosson, "A perceptual color space for image processing", 2020), which keeps the
hue that people recognise the house by; contrast is WCAG 2.2's relative-luminance ratio.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.utils.translation import gettext_lazy as _

from parvis.kernel.errors import Invalid

TEXT_CONTRAST = 4.5
SHAPE_CONTRAST = 3.0
# The grounds that text stands on, as in static/web/css/tokens.css (a test keeps them equal).
LIGHT_GROUNDS = {"paper": "#fbf9f5", "surface": "#fffefc", "sunken": "#f4f1ea", "hover": "#f1ede4"}
DARK_GROUNDS = {
    "paper": "#131922",
    "surface": "#19212c",
    "sunken": "#0f151d",
    "hover": "#222c39",
    "raised": "#212b38",
}
WHITE, DARK_INK = "#ffffff", "#14110c"
HEADINGS = {"serif": "var(--serif)", "sans": "var(--sans)"}
LOGO_HEIGHTS = (16, 96)
DEFAULT_ACCENT = "#2f4b8f"

Rgb = tuple[float, float, float]
Lch = tuple[float, float, float]


@dataclass(frozen=True)
class Accent:
    """The accent in one theme, every value "#rrggbb".

    accent: the fill of a primary button; hover: the same, pressed; ink: text on both, at least 4.5:1.
    text:   the accent as text, or as a sign such as a tab's line, at least 4.5:1 on every ground and on soft.
    soft:   a tint to stand behind things; line: a border on that tint.
    """

    accent: str
    hover: str
    ink: str
    text: str
    soft: str
    line: str


@dataclass(frozen=True)
class BrandTokens:
    """A business's accent in both themes."""

    light: Accent
    dark: Accent


def brand_tokens(accent: str) -> BrandTokens:
    """Tokens for "#rgb" or "#rrggbb" (the # may be left out). Raises Invalid for anything else."""
    lightness, chroma, hue = oklch_from_hex(accent)
    shape = _moved((lightness, chroma, hue), [DARK_GROUNDS["surface"]], 1, SHAPE_CONTRAST)
    return BrandTokens(
        light=_accent(
            fill=(lightness, chroma, hue),
            text=(min(lightness, 0.55), chroma, hue),
            soft=hex_from_oklch((0.955, min(chroma * 0.13, 0.017), hue)),
            line=hex_from_oklch((0.855, min(chroma * 0.38, 0.048), hue)),
            grounds=LIGHT_GROUNDS.values(),
            towards=-1,
        ),
        dark=_accent(
            # On a dark page the house's colour has to shine enough to be seen as a shape.
            fill=oklch_from_hex(shape),
            text=(max(lightness, 0.74), min(chroma, 0.13), hue),
            soft=hex_from_oklch((0.275, min(chroma * 0.4, 0.045), hue)),
            line=hex_from_oklch((0.43, min(chroma * 0.6, 0.075), hue)),
            grounds=DARK_GROUNDS.values(),
            towards=1,
        ),
    )


def brand_css(tokens: BrandTokens, *, logo_height: int = 32, headings: str = "serif") -> str:
    """The stylesheet of /brand.css: tokens of layer ``brand``, which stands above the house's defaults.

    logo_height: px, 16 to 96; headings: "serif" or "sans". Raises Invalid for others.
    """
    if headings not in HEADINGS:
        raise Invalid(_("Choose one of the two kinds of headings."), code="headings")
    low, high = LOGO_HEIGHTS
    if not low <= logo_height <= high:
        raise Invalid(_("A logo is between 16 and 96 pixels high."), code="logo_height")
    light, dark = asdict(tokens.light), asdict(tokens.dark)
    names = {"accent": "--accent", **{name: f"--accent-{name}" for name in light if name != "accent"}}
    lines = [f"{names[key]}: light-dark({light[key]}, {dark[key]});" for key in light]
    lines.append(f"--focus: light-dark({tokens.light.text}, {tokens.dark.text});")
    lines.append(f"--logo-height: {logo_height}px; --headings: {HEADINGS[headings]};")
    return "@layer brand { :root {\n  " + "\n  ".join(lines) + "\n} }\n"


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two hex colours, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def oklch_from_hex(colour: str) -> Lch:
    """(lightness 0–1, chroma from 0, hue in radians) of "#rgb" or "#rrggbb". Raises Invalid."""
    match = re.fullmatch(r"#?([0-9a-f]{3}|[0-9a-f]{6})", str(colour).strip().lower())
    if not match:
        raise Invalid(_("A colour is written like #2f4b8f."), code="colour")
    digits = match[1] if len(match[1]) == 6 else "".join(c * 2 for c in match[1])
    red, green, blue = (_linear(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def hex_from_oklch(colour: Lch) -> str:
    """ "#rrggbb" of an OKLCH colour; chroma that a screen cannot show is given up, lightness and hue are kept."""
    lightness, chroma, hue = max(0.0, min(1.0, colour[0])), colour[1], colour[2]
    low, high = 0.0, chroma
    if not _shown(_rgb(lightness, chroma, hue)):
        for _step in range(18):
            middle = (low + high) / 2
            low, high = (middle, high) if _shown(_rgb(lightness, middle, hue)) else (low, middle)
        chroma = low
    channels = (round(255 * _gamma(max(0.0, min(1.0, c)))) for c in _rgb(lightness, chroma, hue))
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _accent(fill: Lch, text: Lch, soft: str, line: str, grounds: Iterable[str], towards: int) -> Accent:
    """One theme's tokens; ``towards`` is the way of more contrast there: -1 darker, +1 lighter."""
    ink = WHITE if contrast(WHITE, hex_from_oklch(fill)) >= TEXT_CONTRAST else DARK_INK
    # Both fills move away from the ink, so that what is readable stays readable.
    away = -1 if ink == WHITE else 1
    accent = _moved(fill, [ink], away, TEXT_CONTRAST)
    lightness, chroma, hue = oklch_from_hex(accent)
    hover = _moved((lightness + away * 0.05, chroma, hue), [ink], away, TEXT_CONTRAST)
    readable = _moved(text, [*grounds, soft], towards, TEXT_CONTRAST)
    return Accent(accent=accent, hover=hover, ink=ink, text=readable, soft=soft, line=line)


def _moved(colour: Lch, against: Iterable[str], towards: int, ratio: float) -> str:
    """The nearest colour in the direction ``towards`` (-1 darker, +1 lighter) with that contrast to all."""
    lightness, chroma, hue = colour
    against = list(against)
    while True:
        candidate = hex_from_oklch((lightness, chroma, hue))
        spent = lightness >= 1 if towards > 0 else lightness <= 0
        if spent or all(contrast(candidate, ground) >= ratio for ground in against):
            return candidate
        lightness += towards * 0.005


def _rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    """Linear sRGB of an OKLCH colour; outside 0–1 where no screen can follow."""
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _shown(rgb: Rgb) -> bool:
    return all(-0.0005 <= channel <= 1.0005 for channel in rgb)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour.lstrip("#")[i : i + 2], 16) / 255) for i in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055
