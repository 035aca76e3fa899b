"""The Changes tab of a record."""

from decimal import Decimal

import pytest

from core.history.context import change
from core.history.record_changes import FieldChange, Operation, changes_of
from core.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "migrator"])


def test_the_changes_of_a_record_are_listed_newest_first(desk):
    person = uuid7()
    with change(label="Import", by=person, via="job"):
        ann = desk.contact("Ann", amount="1.00")
        desk.contact("Bob")
    desk.sql("UPDATE try_contact SET name = 'Anna', score = 1, updated_at = now() WHERE id = %s", [str(ann)])
    desk.sql("DELETE FROM try_contact WHERE id = %s", [str(ann)])

    deleted, changed, created = changes_of("try_contact", ann)
    assert (deleted.operation, changed.operation, created.operation) == (
        Operation.DELETED,
        Operation.CHANGED,
        Operation.CREATED,
    )
    assert changed.fields == {
        "name": FieldChange("Ann", "Anna"),
        "score": FieldChange(None, 1),
        "upper_name": FieldChange("ANN", "ANNA"),
    }
    assert (created.actor, created.via, created.label, created.verified) == (person, "job", "Import", True)
    assert (changed.actor, changed.via, changed.verified) == (None, "unsigned", False)
    assert created.fields["amount"] == FieldChange(None, Decimal("1.00"))
    assert str(created.fields["amount"].new) == "1.00"
    assert "email" not in created.fields, "what stayed empty is not news"


def test_pages_follow_each_other(desk, django_assert_num_queries):
    ann = desk.contact("Ann", score=0)
    for score in range(1, 6):
        desk.sql("UPDATE try_contact SET score = %s WHERE id = %s", [score, str(ann)])
    with django_assert_num_queries(1):
        first = changes_of("try_contact", ann, limit=4)
    second = changes_of("try_contact", ann, limit=4, before=first[-1].id)
    assert [page.fields["score"].new for page in first + second] == [5, 4, 3, 2, 1, 0]


def test_another_table_with_the_same_id_is_not_mixed_in(desk):
    ann = desk.contact("Ann")
    desk.sql("INSERT INTO try_company (id, name) VALUES (%s, 'Acme')", [str(ann)])
    assert [c.fields["name"].new for c in changes_of("try_company", ann)] == ["Acme"]
