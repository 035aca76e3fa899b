"""A morning at the desk: a task and its undo, a mention that arrives, a file on a record."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.records.types import record_type
from core.records.writing import create_record
from tenants.people.models import User


@pytest.fixture
def account(live_workspace):
    with live_workspace.scope():
        values = {"name": "Northgate Dental"}
        return create_record(record_type("account"), values, by=live_workspace.owner).record


def test_a_task_from_today_is_ticked_and_the_tick_taken_back(live_workspace, page_of):
    page = page_of(live_workspace, live_workspace.owner)
    page.goto("/")
    page.get_by_role("link", name="New task").first.click()
    dialog = page.get_by_role("dialog", name="New task")
    dialog.get_by_label("Title").fill("Ring Priya about the dates")
    dialog.get_by_label("Due").fill("2020-01-15")
    dialog.get_by_role("button", name="Plan").click()
    row = page.locator("#desk .task", has_text="Ring Priya")
    expect(row).to_be_visible()
    expect(page.locator("#desk")).to_contain_text("1 task is overdue.")

    row.get_by_role("button", name="Complete").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").last.click()
    expect(row).to_be_visible()


def test_a_mention_rings_the_other_persons_bell(live_workspace, account, page_of):
    with live_workspace.scope():
        tom = User.objects.create_user("tom@live.example", "x" * 12, name="Tom Reyes")
    page = page_of(live_workspace, live_workspace.owner)
    page.goto(f"/accounts/{account.pk}/")
    text = page.get_by_label("Note", exact=True).first
    text.press_sequentially("Could you look, @To")
    page.get_by_role("option", name="Tom Reyes").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".tl-i").first).to_contain_text("Could you look, @Tom Reyes")

    others = page_of(live_workspace, tom)
    others.goto("/")
    others.get_by_role("link", name="Notifications: 1").click()
    others.get_by_role("button", name="mentioned you on “Northgate Dental”").click()
    expect(others.get_by_role("heading", name="Northgate Dental")).to_be_visible()
    expect(others.get_by_role("link", name="Notifications", exact=True)).to_be_visible()


def test_a_task_in_the_composer_becomes_the_next_step(live_workspace, account, page_of):
    page = page_of(live_workspace, live_workspace.owner)
    page.goto(f"/accounts/{account.pk}/")
    page.locator(".composer").get_by_text("Task", exact=True).click()
    page.locator(".composer textarea").fill("Send the layout")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#next-step")).to_contain_text("Send the layout")
    page.locator("#next-step").get_by_role("button", name="Done").click()
    expect(page.locator("#next-step")).to_contain_text("No next step yet.")
    expect(page.locator(".tl-i").first).to_contain_text("completed “Send the layout”")


def test_a_file_goes_up_and_comes_down(live_workspace, account, page_of, tmp_path: Path):
    plan = tmp_path / "layout v2.txt"
    plan.write_text("two surgeries")
    page = page_of(live_workspace, live_workspace.owner)
    page.goto(f"/accounts/{account.pk}/tab/files/")
    page.locator("input[type=file]").set_input_files(plan)
    page.get_by_role("button", name="Attach").click()
    link = page.get_by_role("link", name="layout v2.txt")
    with page.expect_download() as download:
        link.click()
    assert Path(download.value.path()).read_text() == "two surgeries"
