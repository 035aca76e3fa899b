"""Lists: pages by keyset in every order, with empty values, forwards and backwards."""

import itertools
import random

import pytest
from django.http import QueryDict

from core.records.lists import PAGE_SIZE, ListPage, count_text, read_page, read_request
from core.records.search import index_records, search
from core.records.text import sort_key
from core.records.types import record_type
from crm.accounts.models import Account

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(workspace):
    numbers = list(range(130))
    random.Random(5).shuffle(numbers)
    moments = itertools.cycle(["2026-01-02T00:00Z", None, "2026-01-01T00:00Z"])
    made = Account.objects.bulk_create(
        Account(name=f"Firm {n:03}", name_key=f"firm {n:03}", last_activity_at=next(moments)) for n in numbers
    )
    index_records(record_type("account"), [account.pk for account in made])
    return made


def pages(workspace, query: str) -> list[ListPage]:
    found: list[ListPage] = []
    cursor = ""
    while True:
        params = QueryDict(query, mutable=True)
        params["at"] = cursor
        page = read_page(read_request(record_type("account"), params, to=workspace.owner), to=workspace.owner)
        found.append(page)
        cursor = page.next_cursor
        if not cursor:
            return found


@pytest.mark.parametrize("sort", ["name", "-name", "last_activity_at", "-last_activity_at"])
def test_pages_show_every_record_once_in_order_and_back_again(workspace, accounts, sort):
    found = pages(workspace, f"sort={sort}&cols=name,last_activity_at")
    ids = [row[0] for page in found for row in page.rows]
    assert len(ids) == len(set(ids)) == len(accounts)
    assert [page.number for page in found] == [1, 2, 3]
    values = [row[1 if "name" in sort else 2] for page in found for row in page.rows]
    filled = [value for value in values if value is not None]
    assert filled == sorted(filled, reverse=sort.startswith("-"))
    assert values[len(filled) :] == [None] * (len(values) - len(filled))

    params = QueryDict(f"sort={sort}&cols=name,last_activity_at", mutable=True)
    params["at"] = found[2].previous_cursor
    back = read_page(read_request(record_type("account"), params, to=workspace.owner), to=workspace.owner)
    assert (back.number, back.rows) == (2, found[1].rows)
    params["at"] = back.previous_cursor
    first = read_page(read_request(record_type("account"), params, to=workspace.owner), to=workspace.owner)
    assert (first.number, first.rows, first.previous_cursor) == (1, found[0].rows, "")


def test_a_page_holds_fifty_rows_and_the_count_stops_at_its_cap(workspace, accounts, monkeypatch):
    request = read_request(record_type("account"), QueryDict(""), to=workspace.owner)
    assert len(read_page(request, to=workspace.owner).rows) == PAGE_SIZE
    assert count_text(request, to=workspace.owner) == "130"
    monkeypatch.setattr("core.records.lists.COUNT_CAP", 100)
    assert count_text(request, to=workspace.owner) == "100+"


def test_a_forged_or_foreign_cursor_starts_at_page_one(workspace, accounts):
    request = read_request(record_type("account"), QueryDict("at=forged"), to=workspace.owner)
    assert read_page(request, to=workspace.owner).number == 1


@pytest.mark.parametrize(
    ("query", "problem"),
    [("f=nonsense.is.1", "no field"), ("f=name.period.today", "cannot be filtered"), ("sort=mail", "sorted")],
)
def test_what_does_not_fit_is_said_and_left_out(workspace, accounts, query, problem):
    request = read_request(record_type("account"), QueryDict(query), to=workspace.owner)
    assert problem in request.problems[0]
    assert len(read_page(request, to=workspace.owner).rows) == PAGE_SIZE


@pytest.mark.parametrize(
    ("written", "queries"),
    [
        ("上海华信贸易有限公司", ["华信", "贸易有限", "shanghai", "shhx", "sh", "hx", "上"]),
        ("Café Zürich", ["cafe", "ZURICH", "zü", "ca", "cz"]),
    ],
)
def test_a_name_is_found_by_fragment_pinyin_and_initials(workspace, written, queries):
    account = Account.objects.create(name=written, name_key=sort_key(written))
    index_records(record_type("account"), [account.pk])
    for query in queries:
        hits = search(query, to=workspace.owner)
        assert [hit.title for hit in hits if hit.id == account.pk] == [written], query
    assert search("不存在", to=workspace.owner) == []
