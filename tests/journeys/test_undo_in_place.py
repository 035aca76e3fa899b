"""A change taken back from the page that shows it: the page says what is true, and that it was undone."""

import pytest
from playwright.sync_api import expect

from core.records.types import record_type
from core.records.writing import create_record, update_records

pytestmark = pytest.mark.browser


def test_an_undo_among_the_changes_of_a_record_shows_the_former_value(live_workspace, page_of):
    kind, owner = record_type("account"), live_workspace.owner
    with live_workspace.scope():
        account = create_record(kind, {"name": "Northgate Dental", "city": "York"}, by=owner).record
        update_records(kind, [account.pk], {"city": "Leeds"}, by=owner)
    page = page_of(live_workspace, owner)
    page.goto(f"/accounts/{account.pk}/tab/changes/")
    side = page.locator("aside", has_text="City").last
    expect(side).to_contain_text("Leeds")
    page.locator("#main").get_by_role("button", name="Undo").first.click()
    expect(page.locator(".toast")).to_contain_text("Undone.")
    expect(side).to_contain_text("York")
    expect(side).not_to_contain_text("Leeds")

    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(side).to_contain_text("Leeds")
    expect(page.locator(".toast").last).to_contain_text("Undone.")


def test_a_deletion_taken_back_from_its_toast_brings_the_rows_back(live_workspace, page_of):
    kind, owner = record_type("account"), live_workspace.owner
    with live_workspace.scope():
        create_record(kind, {"name": "Northgate Dental"}, by=owner)
    page = page_of(live_workspace, owner)
    page.on("dialog", lambda asked: asked.accept())
    page.goto("/accounts/")
    row = page.locator("tbody tr", has_text="Northgate Dental")
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete").first.click()
    expect(page.locator(".toast")).to_contain_text("Moved 1 record to the bin")
    expect(row).to_have_count(0)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
