"""Every living page, looked at as people do: accessible, within its window, silent in the console."""

from collections.abc import Callable

import pytest

from tests.looking import overflow, pale_text, violations

pytestmark = pytest.mark.browser

PAGES = (
    "/living/",
    "/living/list",
    "/living/list?empty",
    "/living/record",
    "/living/board",
    "/living/charts",
    "/living/form?refused",
    "/living/job",
    "/living/settings",
    "/living/public",
    "/living/error/404",
)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_and_the_console_is_silent(open_page: Callable, width: int, language: str):
    opened = open_page(PAGES[0], width, "light", language)
    for path in PAGES:
        opened.page.emulate_media(color_scheme="light")
        opened.go(path, language)
        assert violations(opened.page) == [], path
        assert overflow(opened.page) <= 0, path
        # The other scheme is the same page in other colours.
        opened.page.emulate_media(color_scheme="dark")
        assert pale_text(opened.page) == [], (path, "dark")
    assert opened.complaints == [text for text in opened.complaints if "404" in text], (
        "only the error page itself may answer 404"
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_overflows(open_page: Callable, language: str):
    opened = open_page(PAGES[0], 320, "light", language)
    for path in PAGES:
        opened.go(path, language)
        for width in (320, 768, 1024, 1280):
            opened.page.set_viewport_size({"width": width, "height": 900})
            assert overflow(opened.page) <= 0, (path, width)


def test_dialogs_and_open_menus_are_accessible(open_page: Callable):
    page = open_page("/living/").page
    page.keyboard.press("Control+k")
    page.wait_for_selector("dialog.pal[open]")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.click("#open-dialog")
    page.wait_for_selector("#dialog[open]")
    assert violations(page) == []
    page.click("#dialog [data-close]")
    page.click("[popovertarget=living-menu]")
    page.wait_for_selector("#living-menu:popover-open")
    assert violations(page) == []


def test_a_production_server_has_no_living_page(open_page: Callable, settings: object):
    settings.GUANXI = {**settings.GUANXI, "DEV": False}  # type: ignore[attr-defined]
    opened = open_page("/living/list")
    assert opened.page.locator("table.tbl").count() == 0
