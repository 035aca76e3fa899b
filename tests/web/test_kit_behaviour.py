"""What the scripts do, by keyboard and pointer."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def phone_field(page: Page) -> object:
    return page.locator("#inline [data-inline]").first


def edit_phone(page: Page, text: str) -> None:
    phone_field(page).locator("[data-inline-value]").click()
    page.locator("#inline input[name=phone]").fill(text)


def test_enter_saves_a_value_in_place_and_the_focus_returns(open_page: Callable):
    page = open_page("/living/").page
    edit_phone(page, "0574-8731")
    page.keyboard.press("Enter")
    button = phone_field(page).locator("[data-inline-value]")
    expect(button).to_contain_text("0574-8731")
    expect(button).to_be_focused()


def test_escape_leaves_the_value_and_the_focus_returns(open_page: Callable):
    page = open_page("/living/").page
    edit_phone(page, "something else")
    page.keyboard.press("Escape")
    button = phone_field(page).locator("[data-inline-value]")
    expect(button).to_contain_text("+44 113 496 0140")
    expect(button).to_be_focused()
    expect(page.locator("#inline input[name=phone]")).to_have_count(0)


def test_a_refused_value_keeps_its_text_and_says_why(open_page: Callable):
    page = open_page("/living/").page
    edit_phone(page, "bad")
    page.keyboard.press("Enter")
    field = page.locator("#inline input[name=phone]")
    expect(page.locator("#inline .err")).to_be_visible()
    expect(field).to_have_value("bad")
    expect(field).to_be_focused()
    field.fill("0571-1")
    page.keyboard.press("Enter")
    expect(phone_field(page).locator("[data-inline-value]")).to_contain_text("0571-1")


def test_a_form_is_taken_over_in_the_moment_it_can_be_typed_in(open_page: Callable):
    page = open_page("/living/").page
    page.evaluate(
        """document.addEventListener('htmx:afterSwap', () => setTimeout(() => {
            const field = document.querySelector('#inline input[name=phone]');
            field.value = '0571-2';
            field.form.requestSubmit();
        }), {once: true})"""
    )
    phone_field(page).locator("[data-inline-value]").click()
    expect(phone_field(page).locator("[data-inline-value]")).to_contain_text("0571-2")
    assert "phone=" not in page.url


def test_the_palette_finds_records_and_follows_the_chosen_one(open_page: Callable):
    page = open_page("/living/charts").page
    page.keyboard.press("Control+k")
    page.locator("dialog.pal input").press_sequentially("kestrel")
    option = page.locator("#palette-records [role=option]")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/living/record")


def test_the_palette_filters_places_and_says_when_nothing_is_found(open_page: Callable):
    page = open_page("/living/charts").page
    page.keyboard.press("/")
    page.locator("dialog.pal input").fill("pipel")
    expect(page.locator("dialog.pal [role=option]:visible")).to_have_count(1)
    page.locator("dialog.pal input").fill("zzzz")
    expect(page.locator("dialog.pal p")).to_be_visible()


def cards(page: Page, stage: int) -> object:
    return page.locator(f'.col[data-stage="{stage}"] .board-card')


def test_alt_arrow_moves_a_card_announces_it_and_undo_brings_it_back(open_page: Callable):
    page = open_page("/living/board").page
    card = cards(page, 0).first.locator(".ttl")
    card.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(cards(page, 1)).to_have_count(4)
    expect(page.locator('.col[data-stage="1"] .cnt')).to_have_text("4")
    expect(page.locator("#live")).to_contain_text("position 1 of 4")
    expect(card.page.locator(":focus")).to_have_class("ttl")
    page.locator(".toast button", has_text="Undo").click()
    expect(cards(page, 1)).to_have_count(3)
    expect(cards(page, 0).first).to_have_attribute("data-id", "0-0")


def test_the_move_menu_moves_a_card(open_page: Callable):
    page = open_page("/living/board").page
    cards(page, 0).first.hover()
    cards(page, 0).first.locator(".mv").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(cards(page, 2).first).to_have_attribute("data-id", "0-0")


def test_a_refused_move_goes_back_and_says_why(open_page: Callable):
    page = open_page("/living/board").page
    cards(page, 2).first.locator(".ttl").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(".toast")).to_contain_text("A reason is needed first.")
    expect(cards(page, 2)).to_have_count(2)
    expect(cards(page, 3)).to_have_count(1)


def test_a_card_can_be_dragged(open_page: Callable):
    page = open_page("/living/board").page
    start = cards(page, 0).first.bounding_box()
    goal = cards(page, 1).first.bounding_box()
    page.mouse.move(start["x"] + 60, start["y"] + 45)
    page.mouse.down()
    for share in range(1, 11):
        across = start["x"] + 60 + (goal["x"] - start["x"]) * share / 10
        page.mouse.move(across, start["y"] + 45 + share, steps=3)
    page.mouse.up()
    expect(cards(page, 1)).to_have_count(4)
    expect(page.locator(".toast")).to_be_visible()


def test_a_toast_waits_under_the_pointer(open_page: Callable):
    page = open_page("/living/").page
    page.clock.install()
    page.goto(page.url)
    page.evaluate("window.dispatchEvent(new CustomEvent('toast', {detail: {text: 'Kept'}}))")
    toast = page.locator(".toast", has_text="Kept")
    expect(toast).to_be_visible()
    toast.hover()
    page.clock.run_for(20_000)
    expect(toast).to_be_visible()
    page.mouse.move(5, 5)
    page.clock.run_for(9_000)
    expect(toast).to_have_count(0)


def test_selected_rows_are_counted_and_cleared(open_page: Callable):
    page = open_page("/living/list").page
    bar = page.locator(".bulk")
    expect(bar).to_be_hidden()
    page.locator("[data-row] .cb").nth(1).check()
    page.locator("[data-row] .cb").nth(3).check()
    expect(bar).to_contain_text("2 selected")
    page.locator("[data-all]").check()
    expect(bar).to_contain_text("20 selected")
    page.locator(".bulk [aria-label='Clear the selection']").click()
    expect(bar).to_be_hidden()


def test_j_and_k_walk_the_rows_and_x_selects(open_page: Callable):
    page = open_page("/living/list").page
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row] [data-row-link]").nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("[data-row] .cb").first).to_be_checked()


def test_single_keys_can_be_switched_off(open_page: Callable):
    page = open_page("/living/list").page
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.locator("#keys")).to_be_hidden()
    assert page.url.split("?")[0].endswith("/living/list")


def test_question_mark_lists_the_keys_and_g_goes(open_page: Callable):
    page = open_page("/living/list").page
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/living/board")


def test_the_theme_is_kept_for_the_next_page(open_page: Callable):
    opened = open_page("/living/list")
    opened.page.locator(".side [data-theme-toggle]").click()
    expect(opened.page.locator("html")).to_have_attribute("data-theme", "dark")
    opened.go("/living/board")
    expect(opened.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_an_at_sign_offers_people_and_the_chosen_one_is_sent_by_id(open_page: Callable):
    page = open_page("/living/record").page
    page.locator("#composer-text").press_sequentially("Ask @tom")
    expect(page.locator(".mentions [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#composer-text")).to_have_value("Ask @Tom Reyes ")
    expect(page.locator("input[name=mentions]")).to_have_value("0")


def test_a_dialog_gives_the_focus_back(open_page: Callable):
    page = open_page("/living/").page
    page.locator("#open-dialog").click()
    expect(page.locator("#dialog input[name=name]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#open-dialog")).to_be_focused()


def test_the_peek_panel_opens_beside_the_list_and_closes_with_escape(open_page: Callable):
    page = open_page("/living/list").page
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("#peek")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#peek")).to_be_hidden()


def test_a_running_job_looks_again_until_it_is_done(open_page: Callable):
    page = open_page("/living/job").page
    expect(page.locator(".job")).to_have_attribute("data-job", "done")
    expect(page.locator(".job [hx-trigger]")).to_have_count(0)


def test_a_picker_is_searched_by_typing(open_page: Callable):
    page = open_page("/living/").page
    page.locator("#f-firm-ts-control").click()
    # The list opens a moment after the click; no person types within that millisecond.
    expect(page.locator("#f-firm-ts-control")).to_have_attribute("aria-expanded", "true")
    page.locator("#f-firm-ts-control").press_sequentially("calder")
    page.keyboard.press("Enter")
    expect(page.locator("#f-firm")).to_have_value("2")


def test_the_address_follows_the_name_until_it_is_changed_by_hand(open_page: Callable):
    page = open_page("/living/public").page
    page.locator("#public-name").fill("Harbour & Lane Joinery")
    expect(page.locator("#public-slug")).to_have_value("harbour-and-lane-joinery")
    page.locator("#public-slug").fill("own")
    page.locator("#public-name").fill("Another")
    expect(page.locator("#public-slug")).to_have_value("own")


def test_the_phone_has_its_bottom_bar_and_rows_as_cards(open_page: Callable):
    page = open_page("/living/list", 390).page
    expect(page.locator(".bottom")).to_be_visible()
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator("[data-row]").first).to_have_css("display", "grid")
    page.locator(".bottom .plus").click()
    expect(page.locator("#create-menu")).to_be_visible()


def test_one_sets_a_page_in_chinese(open_page: Callable):
    page = open_page("/living/board", language="zh-hans").page
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("h1")).to_have_text(re.compile("销售流程"))
