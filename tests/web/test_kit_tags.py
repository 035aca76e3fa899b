"""Tags and filters of the kit."""

from decimal import Decimal

import pytest
from django.template import engines
from django.utils.translation import override

from web.built import AssetsNotBuilt, built
from web.templatetags.ui import hue, initials, page_language, percent


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Maya Okafor", "MO"),
        ("Northgate Dental Group", "ND"),
        ("Halden & Moore Solicitors", "HM"),
        ("maya", "M"),
        ("陈思远", "思远"),
        ("宁波海曙口腔医院", "医院"),
        ("", "?"),
        (None, "?"),
        ("Ağa Ünal", "AÜ"),
    ],
)
def test_initials(name: str | None, letters: str):
    assert initials(name) == letters


def test_one_chinese_character_fits_a_small_avatar():
    assert initials("陈思远", 1) == "远"


def test_a_name_keeps_its_colour():
    # CRC-32 of the UTF-8 bytes: the same in every process, unlike hash().
    assert hue("Maya Okafor") == hue("Maya Okafor")
    assert {hue(str(number)) for number in range(100)} == {f"av-{number}" for number in range(6)}


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(3, 4, "75%"), (Decimal("0.715"), 1, "72%"), (1, 0, "0%"), (0, 5, "0%")]
)
def test_percent(part: Decimal, whole: int, text: str):
    assert percent(part, whole) == text


@pytest.mark.parametrize(("code", "tag"), [("en", "en"), ("zh-hans", "zh-Hans")])
def test_the_page_says_its_language_as_browsers_write_it(code: str, tag: str):
    with override(code):
        assert page_language() == tag


def test_an_icon_comes_from_the_built_sprite():
    html = engines["django"].from_string('{% load ui %}{% icon "plus" "i-s" %}').render()
    assert f'href="{built("icons.svg").url}#plus"' in html and 'class="i i-s"' in html


def test_an_icon_name_cannot_break_out_of_its_attribute():
    html = engines["django"].from_string("{% load ui %}{% icon name %}").render({"name": '"><b>'})
    assert "<b>" not in html


def test_an_unknown_asset_is_refused_by_name():
    with pytest.raises(AssetsNotBuilt, match="nothing.css"):
        built("nothing.css")
