"""Colours that can be read: by WCAG's contrast, and by people who see red and green alike."""

import re
from importlib.resources import files
from itertools import combinations, pairwise

import pytest

CSS = (files("matcher.reporting") / "templates" / "report.css").read_text(encoding="utf-8")
Rgb = tuple[float, float, float]


def palette(dark: bool) -> dict[str, Rgb]:
    """The colours of one of the two schemes by name, linear light, 0 to 1."""
    light_block, dark_block = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    named = re.findall(r"--(\w+): #([0-9a-f]{6})", dark_block if dark else light_block)
    return {name: rgb(code) for name, code in named}


def rgb(code: str) -> Rgb:
    """A colour in linear light (sRGB, IEC 61966-2-1)."""
    red, green, blue = (linear(int(code[place : place + 2], 16) / 255) for place in (0, 2, 4))
    return red, green, blue


def linear(part: float) -> float:
    """One channel without sRGB's gamma."""
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG 2: (lighter + 0.05) ÷ (darker + 0.05)."""
    darker, lighter = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in (one, other)
    )
    return (lighter + 0.05) / (darker + 0.05)


def without_green(colour: Rgb) -> Rgb:
    """As a deuteranope sees it (Viénot, Brettel and Mollon 1999, in linear light)."""
    red, green, blue = colour
    both = 0.29275 * red + 0.70725 * green
    return both, both, -0.02234 * red + 0.02234 * green + blue


def lightness(colour: Rgb) -> tuple[float, float, float]:
    """CIE L*a*b* (D65)."""
    red, green, blue = colour
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    f, g, h = (
        max(part, 0.0) ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z)
    )
    return 116 * g - 16, 500 * (f - g), 200 * (g - h)


def apart(one: Rgb, other: Rgb) -> float:
    """How different two colours look (CIE 1976; about 2.3 is just noticeable)."""
    pairs = zip(lightness(one), lightness(other), strict=True)
    return float(sum((here - there) ** 2 for here, there in pairs) ** 0.5)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((text, ground) for text in ("ink", "soft", "accent", "frame") for ground in ("paper", "wash")),
        *((f"t{level}", f"h{level}") for level in range(6)),
        ("ink", "land"),
        ("ink", "sea"),
    ],
)
def test_text_can_be_read(dark: bool, text: str, ground: str) -> None:
    """Every text has at least 4.5 to 1 against what it stands on (WCAG 2 AA), with and without seeing green."""
    colours = palette(dark)
    assert contrast(colours[text], colours[ground]) >= 4.5
    assert contrast(without_green(colours[text]), without_green(colours[ground])) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_patterns_are_told_apart_without_green(dark: bool) -> None:
    """The five patterns' colours differ well beyond what is just noticeable; marks stand out from the paper."""
    colours = palette(dark)
    for one, other in combinations("abcde", 2):
        assert apart(without_green(colours[one]), without_green(colours[other])) > 12
    for name in ("a", "b", "c", "d", "e", "frame", "arc"):
        assert contrast(colours[name], colours["paper"]) >= 2.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_heat_rises(dark: bool) -> None:
    """From level to level the map gets steadily darker (in the dark: lighter), so it can be read in grey."""
    levels = [lightness(palette(dark)[f"h{level}"])[0] for level in range(6)]
    steps = [after - before if dark else before - after for before, after in pairwise(levels)]
    assert min(steps) > 3
