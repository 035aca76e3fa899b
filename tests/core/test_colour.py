"""An accent colour of any wish can be read in light and dark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.colour import LEAST_CONTRAST, accent_of, contrast, read_colour

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("#1A2b3C", "#1a2b3c"),
        ("1a2b3c", "#1a2b3c"),
        (" #ffffff ", "#ffffff"),
        ("#fff", None),
        ("red", None),
        ("", None),
    ],
)
def test_colours_are_read(text, read):
    assert read_colour(text) == read


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#0000ff", "#ffffff") == pytest.approx(8.59, abs=0.01)


@given(COLOURS)
def test_text_in_it_and_on_it_can_be_read_everywhere(wish):
    accent = accent_of(wish)
    for shades, grounds in (
        (accent.light, ("#ffffff", "#f9fafb", accent.light.tint)),
        (accent.dark, ("#0b0c0f", "#15161a", "#1c1e23", accent.dark.tint)),
    ):
        assert all(contrast(shades.accent, ground) >= LEAST_CONTRAST for ground in grounds)
        assert contrast(shades.on, shades.accent) >= LEAST_CONTRAST
        assert contrast(shades.on, shades.hover) >= LEAST_CONTRAST


def test_a_wish_that_can_be_read_stays_as_it_is():
    accent = accent_of("#1f4fd8")
    assert (accent.light.accent, accent.changed_light) == ("#1f4fd8", False)
    assert accent.changed_dark
    yellow = accent_of("#ffe000")
    assert yellow.changed_light
    assert yellow.light.accent != "#ffe000"
