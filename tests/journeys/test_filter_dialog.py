"""The filter of a field with choices: every choice can be read, ticked and applied, on any screen."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.records.types import record_type
from core.records.writing import create_record
from tests.looking import overflow, violations

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("GUANXI_PICTURES", "")


@pytest.fixture
def customer(live_workspace):
    with live_workspace.scope():
        values = {"name": "Northgate Dental", "stage": "customer"}
        return create_record(record_type("account"), values, by=live_workspace.owner).record


@pytest.mark.parametrize("size", [(1440, 900), (390, 844), (390, 300)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_labels_stand_beside_their_boxes_between_title_and_buttons(
    live_workspace, page_of, customer, size, scheme
):
    page = page_of(live_workspace, live_workspace.owner)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto("/accounts/")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.locator("#filter-menu").get_by_role("link", name="Lifecycle stage").click()
    dialog = page.get_by_role("dialog", name="Filter by Lifecycle stage")
    apply = dialog.get_by_role("button", name="Apply")
    expect(apply).to_be_in_viewport(ratio=1)
    expect(dialog.get_by_role("heading")).to_be_in_viewport(ratio=1)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"filter-{size[0]}x{size[1]}-{scheme}.png")
    for line in dialog.locator(".tick-line").all():
        line.scroll_into_view_if_needed()
        box, words = line.locator("input").bounding_box(), line.locator("span").bounding_box()
        assert words["x"] >= box["x"] + box["width"]
        assert abs(words["y"] - box["y"]) < 12
    assert overflow(page) <= 0
    assert violations(page) == []
    if size[1] > 800:
        frame, last = dialog.bounding_box(), dialog.locator(".tick-line").last.bounding_box()
        assert last["y"] + last["height"] <= apply.bounding_box()["y"] < frame["y"] + frame["height"]
    dialog.get_by_label("Customer", exact=True).check()
    apply.click()
    page.wait_for_url("**customer**")
    expect(page.get_by_role("link", name="Northgate Dental").first).to_be_visible()
