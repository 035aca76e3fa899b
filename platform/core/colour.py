"""Shades of an accent colour that can be read in light and dark. Pure.

Sources: WCAG 2.2 (relative luminance, contrast ratio); Björn Ottosson, "A perceptual color space for image
processing", 2020 (OKLab and its matrices).
"""

import math
import re
from dataclasses import dataclass

LEAST_CONTRAST = 4.5
"""WCAG AA for text of any size."""

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_STEP = 0.005
# Grounds on which accent text stands, as lightness in OKLCH: the kit's hover and raised surfaces.
_LIGHT_GROUND, _DARK_GROUND = 0.955, 0.255
_LIGHT_TINT, _DARK_TINT = 0.955, 0.285
_DARK_START, _DARK_INK = 0.71, 0.175

Oklch = tuple[float, float, float]
Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Shades:
    """'#rrggbb' each. accent: of buttons and links. hover: under the pointer. on: text upon it. tint: soft ground."""

    accent: str
    hover: str
    on: str
    tint: str


@dataclass(frozen=True, slots=True)
class Accent:
    """light, dark: what is used in each. changed_light, changed_dark: whether the wish had to be adapted there."""

    light: Shades
    dark: Shades
    changed_light: bool
    changed_dark: bool


def read_colour(text: str) -> str | None:
    """'#rrggbb' in lower case; None for what is no colour."""
    found = _HEX.fullmatch(text.strip())
    return f"#{found[1].lower()}" if found else None


def contrast(one: str, other: str) -> float:
    """WCAG's ratio, from 1 to 21."""
    light, dark = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def accent_of(wish: str) -> Accent:
    """Shades that keep the wish's hue. wish: '#rrggbb'. Each text on each of its grounds has LEAST_CONTRAST."""
    lightness, chroma, hue = _oklch(_rgb(wish))
    light, moved = _light(lightness, chroma, hue)
    dark, lifted = _dark(lightness, chroma, hue)
    return Accent(light, dark, moved, lifted)


def _light(lightness: float, chroma: float, hue: float) -> tuple[Shades, bool]:
    tint = _hex((_LIGHT_TINT, min(chroma * 0.13, 0.03), hue))
    ground = _hex((_LIGHT_GROUND, 0.0, 0.0))
    at = lightness
    while (
        min(contrast(shade := _hex((at, chroma, hue)), each) for each in ("#ffffff", tint, ground))
        < LEAST_CONTRAST
    ):
        at -= _STEP
    return Shades(shade, _hex((max(0.0, at - 0.055), chroma, hue)), "#ffffff", tint), at < lightness


def _dark(lightness: float, chroma: float, hue: float) -> tuple[Shades, bool]:
    soft = min(chroma, 0.15)
    tint, ink = _hex((_DARK_TINT, min(chroma * 0.35, 0.055), hue)), _hex((_DARK_INK, min(chroma, 0.03), hue))
    ground = _hex((_DARK_GROUND, 0.0, 0.0))
    at = max(lightness, _DARK_START)
    while (
        min(contrast(shade := _hex((at, soft, hue)), each) for each in (tint, ground, ink)) < LEAST_CONTRAST
    ):
        at += _STEP
    return Shades(shade, _hex((min(1.0, at + 0.05), soft * 0.9, hue)), ink, tint), at > lightness


def _rgb(text: str) -> Rgb:
    """Linear light, 0 to 1."""
    channels = (int(text[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def _luminance(rgb: Rgb) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def _oklch(rgb: Rgb) -> Oklch:
    red, green, blue = rgb
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _linear(colour: Oklch) -> Rgb:
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _hex(colour: Oklch) -> str:
    """The nearest colour of a screen: chroma gives way, lightness and hue stay."""
    lightness, chroma, hue = colour
    while chroma > 0 and not all(-0.0005 <= each <= 1.0005 for each in _linear((lightness, chroma, hue))):
        chroma = max(0.0, chroma - _STEP)
    channels = (min(1.0, max(0.0, each)) for each in _linear((lightness, chroma, hue)))
    coded = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in channels)
    return "#" + "".join(f"{round(each * 255):02x}" for each in coded)
