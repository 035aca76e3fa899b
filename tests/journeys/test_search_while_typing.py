"""A list and a board narrow themselves while one types: the address keeps up, the focus stays."""

import re

import pytest
from playwright.sync_api import expect

from core.records.types import record_type
from core.records.writing import create_record
from tests.looking import violations

pytestmark = pytest.mark.browser


@pytest.fixture
def page(live_workspace, page_of):
    owner = live_workspace.owner
    with live_workspace.scope():
        for name in ("Northgate Dental", "Kestrel Coffee", "Calder Logistics"):
            account = create_record(record_type("account"), {"name": name, "city": "Leeds"}, by=owner).record
            values = {"name": f"Fit-out for {name}", "account_id": account.pk, "amount": 100}
            create_record(record_type("opportunity"), values, by=owner)
    return page_of(live_workspace, owner)


def test_a_list_narrows_itself_and_keeps_filters_focus_and_address(page):
    page.goto("/accounts/?f=city.contains.Leeds")
    page.evaluate("window.sameDocument = true")
    field = page.get_by_role("searchbox")
    field.press_sequentially("kestr")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("#list-total")).to_have_text("1")
    page.wait_for_url(re.compile(r"\?f=city\.contains\.Leeds&q=kestr$"))
    expect(field).to_be_focused()
    expect(field).to_have_value("kestr")
    expect(page.get_by_role("link", name="Save as view")).to_have_attribute("href", re.compile("q=kestr"))
    field.press_sequentially("zz")
    expect(page.get_by_text("Nothing matches these filters.")).to_be_visible()
    field.fill("")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.wait_for_url(re.compile(r"\?f=city\.contains\.Leeds$"))
    assert page.evaluate("window.sameDocument")
    page.locator("tbody .cb").first.check()
    expect(page.locator(".bulk")).to_contain_text("1 selected")


def test_a_board_is_searched_filtered_and_kept_as_a_view_like_its_list(page):
    page.goto("/opportunities/board/")
    page.get_by_role("searchbox").press_sequentially("calder")
    expect(page.locator(".board-card")).to_have_count(1)
    page.wait_for_url("**/opportunities/board/?q=calder")
    expect(page.locator("[data-board-summary]")).to_contain_text("100")
    page.locator(".board-card .ttl").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(".col").nth(1).locator(".board-card")).to_have_count(1)
    page.goto("/opportunities/board/")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.locator("#filter-menu").get_by_role("link", name="Name", exact=True).click()
    dialog = page.get_by_role("dialog", name="Filter by Name")
    dialog.get_by_label("Name").fill("Kestrel")
    dialog.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/opportunities/board/?f=name*Kestrel")
    expect(page.locator(".board-card")).to_have_count(1)
    expect(page.locator(".chip", has_text="Kestrel")).to_have_attribute("href", "/opportunities/board/")
    page.get_by_role("link", name="Save as view").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Birds")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    tab = page.locator("#list-tabs").get_by_role("link", name="Birds")
    expect(tab).to_have_attribute("aria-current", "page")
    expect(tab).to_have_attribute("href", re.compile("^/opportunities/board/"))
    assert violations(page) == []
    page.get_by_role("navigation", name="View as").get_by_role("link", name="Table").click()
    expect(page.locator("#list-tabs").get_by_role("link", name="Birds")).to_have_attribute(
        "aria-current", "page"
    )
    expect(page.locator("tbody tr")).to_have_count(1)
