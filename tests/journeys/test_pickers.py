"""Pickers find people, records and choices by fragment, by pinyin and by initials."""

import pytest
from playwright.sync_api import expect

from core.records.search import index_records
from core.records.types import record_type
from core.records.writing import create_record
from crm.customize.models import PicklistItem
from tenants.people.models import User

pytestmark = pytest.mark.browser


@pytest.fixture
def page(live_workspace, page_of):
    with live_workspace.scope():
        for number in range(30):
            create_record(record_type("account"), {"name": f"Aardvark {number}"}, by=live_workspace.owner)
        create_record(
            record_type("account"), {"name": "张伟贸易", "phone": "0571 8888"}, by=live_workspace.owner
        )
        colleague = User.objects.create_user("w@x.example", "correct horse battery", name="王小明")
        index_records(record_type("person"), [colleague.pk])
        PicklistItem.objects.create(picklist="source", label="朋友介绍", position=20)
        for number in range(4):
            PicklistItem.objects.create(picklist="source", label=f"Source {number}", position=number + 10)
    return page_of(live_workspace, live_workspace.owner)


def choose(page: object, field: str, typed: str, wanted: str) -> None:
    control = page.locator(f"#id_{field}-ts-control")
    control.click()
    expect(control).to_have_attribute("aria-expanded", "true")
    control.press_sequentially(typed)
    option = page.locator(f"#id_{field}-ts-dropdown [role=option]", has_text=wanted)
    expect(option).to_be_visible()
    option.click()
    expect(page.locator(f"#id_{field} + .ts-wrapper .item")).to_contain_text(wanted)


@pytest.mark.parametrize("typed", ["zw", "zhangwei", "伟贸", "05718888"])
def test_a_record_is_found_by_initials_pinyin_fragment_and_number(page, typed):
    page.goto("/contacts/new/")
    choose(page, "account", typed, "张伟贸易")


@pytest.mark.parametrize("typed", ["wxm", "xiaoming"])
def test_a_person_is_found_by_initials_and_pinyin(page, typed):
    page.goto("/contacts/new/")
    choose(page, "owner", typed, "王小明")
    page.goto("/tasks/new/")
    choose(page, "owner", typed, "王小明")


@pytest.mark.parametrize("typed", ["pyjs", "jieshao", "介绍"])
def test_a_choice_is_found_by_initials_and_pinyin(page, typed):
    page.goto("/accounts/new/")
    choose(page, "source", typed, "朋友介绍")
