"""Lists sorted by own fields, once their index stands."""

import pytest
from django.db import connection
from django.http import QueryDict

from core.records.lists import queryset_of, read_page, read_request
from core.records.types import forget_choices, record_type
from core.records.writing import create_record, read_values
from crm.fields.models import CustomField, Ordering
from crm.fields.services.making import FieldForm, change_field
from crm.fields.tasks import build_index, drop_index
from tests.crm.fields.conftest import new_field

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "migrator"])


@pytest.fixture
def live(live_workspace):
    with live_workspace.scope():
        yield live_workspace


def _indexes(schema) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = %s AND indexname LIKE 'own_%%'", [schema]
        )
        return [definition for (definition,) in cursor.fetchall()]


@pytest.mark.parametrize(
    ("kind", "texts", "order"),
    [
        ("number", ["10", "9", "", "-1", "9"], ["-1", "9", "9", "10"]),
        ("text", ["北京", "上海", "", "apple", "Éclair"], ["apple", "北京", "Éclair", "上海"]),
        ("date", ["2026-01-10", "2025-12-31", "", "2026-01-09"], ["2025-12-31", "2026-01-09", "2026-01-10"]),
    ],
)
def test_values_come_in_order_and_the_index_is_used(live, kind, texts, order):
    field = new_field(live, kind, "Mine", sorted=True)
    assert CustomField.objects.get().ordering == Ordering.WANTED
    accounts = record_type("account")
    for number, text in enumerate(texts):
        values = read_values(accounts, {"name": f"A{number}", field.name: text})
        create_record(accounts, values, by=live.owner)
    wanted = read_request(accounts, QueryDict(f"sort={field.name}"), to=live.owner)
    assert wanted.problems, "not before the index stands"
    build_index.apply(args=[live.schema, str(field.pk)]).get()
    forget_choices()
    assert CustomField.objects.get().ordering == Ordering.READY
    [definition] = _indexes(live.schema)
    accounts = record_type("account")
    mine = accounts.field(field.name)
    for query, expected in ((f"sort={field.name}", order), (f"sort=-{field.name}", order[::-1])):
        page = read_page(
            read_request(accounts, QueryDict(f"{query}&cols=name,{field.name}"), to=live.owner), to=live.owner
        )
        shown = [mine.raw(row[2]) for row in page.rows]
        assert shown == [*expected, ""], definition
    _assert_planned_by_index(live, accounts, mine)
    build_index.apply(args=[live.schema, str(field.pk)]).get()
    assert len(_indexes(live.schema)) == 1, "a second run finds it there"


def _assert_planned_by_index(live, accounts, mine) -> None:
    rows = queryset_of(read_request(accounts, QueryDict(""), to=live.owner), to=live.owner)
    rows = rows.filter(**{f"{mine.sort}__isnull": False}).order_by(mine.sort, "pk").values_list("pk")[:51]
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        plan = rows.explain()
        cursor.execute("RESET enable_seqscan; RESET enable_bitmapscan")
    assert "own_accounts_account" in plan, plan


def test_no_index_stays_of_a_field_that_is_not_sorted_by(live):
    field = new_field(live, "number", "Mine", sorted=True)
    build_index.apply(args=[live.schema, str(field.pk)]).get()
    assert len(_indexes(live.schema)) == 1
    change_field(record_type("account"), field.pk, given=FieldForm(label="Mine"), by=live.owner)
    drop_index.apply(args=[live.schema, str(field.pk)]).get()
    assert _indexes(live.schema) == []
    assert record_type("account").field(field.name).sort == ""


def test_a_link_has_an_index_so_that_pages_of_the_other_side_are_quick(live):
    field = new_field(live, "link", "Partner", options={"target": "contact"})
    build_index.apply(args=[live.schema, str(field.pk)]).get()
    assert "i_c_partner" in _indexes(live.schema)[0]
