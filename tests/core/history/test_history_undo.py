"""Undo of imports, mass edits and single changes, and undo of the undo."""

import uuid

import pytest
from django.db import connections, transaction

from core.history.context import acting, change
from core.history.models import Change, Transaction
from core.history.undo import Counts, Reason, preview_undo, undo
from core.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "migrator"])


def kept(plan) -> list[tuple[str, uuid.UUID, Reason]]:
    return [(record.table, record.record_id, record.reason) for record in plan.kept]


def test_an_import_is_undone_and_redone(desk):
    with change(label="Before"):
        desk.company()
    empty = desk.fingerprint()
    batch = desk.import_contacts(50)
    full = desk.fingerprint()

    plan = preview_undo(batch)
    assert (plan.counts, plan.kept) == ({"try_contact": Counts(delete=50)}, [])
    assert desk.fingerprint() == full, "a preview changes nothing"
    assert desk.one("SELECT count(*) FROM hist_work") == 0

    report = undo(batch)
    assert len(report.touched["try_contact"]) == 50
    assert desk.fingerprint() == empty

    undo(report.batch)
    assert desk.fingerprint() == full


def test_an_undo_is_recorded_as_a_batch_of_its_own(desk):
    person, batch = uuid7(), desk.import_contacts(2)
    with acting(person, via="request"):
        report = undo(batch, label="Undo of Import")
    row = Transaction.objects.get(batch=report.batch)
    assert (row.actor, row.undo_of, row.label, row.via) == (person, batch, "Undo of Import", "request")


def test_undoing_twice_changes_nothing_and_says_why(desk):
    batch = desk.import_contacts(3)
    undo(batch)
    state = desk.state()
    again = undo(batch)
    assert (again.total, again.kept_total) == (0, 3)
    assert {record.reason for record in again.kept} == {Reason.DELETED_SINCE}
    assert desk.state() == state


def test_an_unknown_batch_is_an_empty_plan(desk):
    plan = preview_undo(uuid7())
    assert (plan.total, plan.kept) == (0, [])


def test_an_import_that_updated_rows_gives_them_their_former_values_back(desk):
    ann = desk.contact("Ann", score=1, email="ann@x.example")
    before = desk.state()
    with change(label="Import") as entry:
        desk.contact("Bob")
        desk.sql("UPDATE try_contact SET score = 5, name = 'Anna' WHERE id = %s", [str(ann)])
        desk.sql("UPDATE try_contact SET score = 6 WHERE id = %s", [str(ann)])
    report = undo(entry.batch)
    assert report.counts == {"try_contact": Counts(delete=1, update=1)}
    assert desk.state() == before


def test_chunks_in_several_transactions_are_undone_together(desk):
    batch = uuid7()
    for _ in range(3):
        desk.import_contacts(4, batch=batch)
    assert undo(batch).counts["try_contact"].delete == 12


def test_a_single_change_is_undone_by_its_transaction(desk):
    ann = desk.contact("Ann", score=1)
    desk.sql("UPDATE try_contact SET score = 2 WHERE id = %s", [str(ann)])
    undo([Transaction.objects.latest("id").id])
    assert desk.one("SELECT score FROM try_contact") == 1


def test_rows_changed_since_are_listed_and_left(desk):
    desk.import_contacts(300)
    with change(label="Mass edit") as entry:
        desk.sql("UPDATE try_contact SET score = 99, extra = extra || '{\"hot\": true}'")
    later = [
        str(r)
        for (r,) in desk.sql(
            "UPDATE try_contact SET score = 1 WHERE id IN"
            " (SELECT id FROM try_contact ORDER BY id LIMIT 50) RETURNING id::text"
        )
    ]
    desk.sql(
        "UPDATE try_contact SET name = 'Other field' WHERE id IN"
        " (SELECT id FROM try_contact ORDER BY id DESC LIMIT 20)"
    )
    report = undo(entry.batch)
    assert report.counts["try_contact"] == Counts(update=250, kept=50)
    assert sorted(str(record.record_id) for record in report.kept) == sorted(later)
    assert {record.fields for record in report.kept} == {("score",)}
    assert desk.one("SELECT count(*) FROM try_contact WHERE score = 1 AND extra ? 'hot'") == 50
    assert desk.one("SELECT count(*) FROM try_contact WHERE name = 'Other field' AND score <> 99") == 20


@pytest.mark.parametrize("rows", [1, 30], ids=["small update", "large update"])
def test_own_fields_are_recorded_and_taken_back_each_for_itself(desk, rows):
    for n in range(rows):
        desk.contact(f"n{n}", custom='{"n_size": 1.50, "t_kept": "a"}')
    with change() as first:
        desk.sql("UPDATE try_contact SET custom = custom - 'n_size' || '{\"t_new\": \"b\"}'")
    with change() as later:
        desk.sql('UPDATE try_contact SET custom = custom || \'{"t_kept": "c"}\'')
    images = Change.objects.filter(op="U").order_by("id")
    assert (images[0].old, images[0].new) == (
        {"custom__n_size": 1.5, "custom__t_new": None},
        {"custom__n_size": None, "custom__t_new": "b"},
    )
    assert images[rows].new == {"custom__t_kept": "c"}
    report = undo(first.batch)
    assert (report.counts["try_contact"], report.kept) == (Counts(update=rows), [])
    assert {desk.one("SELECT DISTINCT custom::text FROM try_contact")} == {
        '{"n_size": 1.50, "t_kept": "c"}'
    }, "another field's later change is no conflict and stays"
    undo(later.batch)
    assert desk.one("SELECT DISTINCT custom::text FROM try_contact") == '{"n_size": 1.50, "t_kept": "a"}'


def test_a_record_whose_own_field_was_changed_since_is_not_taken_away(desk):
    with change() as made:
        kept, gone = desk.contact("kept", custom='{"t_a": "x"}'), desk.contact("gone", custom='{"t_a": "x"}')
    desk.sql('UPDATE try_contact SET custom = \'{"t_a": "y"}\' WHERE id = %s', [str(kept)])
    report = undo(made.batch)
    assert [(each.record_id, each.fields) for each in report.kept] == [(kept, ("custom",))]
    assert desk.sql("SELECT id FROM try_contact WHERE id = %s", [str(gone)]) == []
    undo(report.batch)
    assert desk.one("SELECT custom::text FROM try_contact WHERE id = %s", [str(gone)]) == '{"t_a": "x"}'


def test_updated_at_is_no_conflict_and_is_bumped(desk):
    """Trap 6."""
    ann = desk.contact("Ann", score=1)
    with change() as entry:
        desk.sql("UPDATE try_contact SET score = 2, updated_at = '2001-01-01' WHERE id = %s", [str(ann)])
    desk.sql("UPDATE try_contact SET updated_at = '2002-02-02'")
    assert undo(entry.batch).kept == []
    assert desk.sql("SELECT score, updated_at > now() - interval '1 minute' FROM try_contact") == [(1, True)]


def test_a_record_in_use_by_one_that_stays_is_kept(desk):
    with change() as entry:
        used, unused = desk.company("Used"), desk.company("Unused")
    contact = desk.contact("Ann", company_id=used)
    plan = preview_undo(entry.batch)
    report = undo(entry.batch)
    assert kept(plan) == kept(report) == [("try_company", used, Reason.REFERENCED)]
    assert report.kept[0].detail == "try_contact"
    assert report.touched == {"try_company": [unused]}
    assert desk.one("SELECT company_id::text FROM try_contact WHERE id = %s", [str(contact)]) == str(used)


def test_keeping_one_record_keeps_what_it_needs(desk):
    """A deal changed since keeps its contact, and that its company."""
    with change() as entry:
        company = desk.company()
        contact = desk.contact(company_id=company)
        deal = desk._insert("try_deal", contact_id=contact, title="Big")
    desk.sql("UPDATE try_deal SET title = 'Bigger'")
    report = undo(entry.batch)
    assert sorted(kept(report)) == [
        ("try_company", company, Reason.REFERENCED),
        ("try_contact", contact, Reason.REFERENCED),
        ("try_deal", deal, Reason.CHANGED_SINCE),
    ]
    assert report.total == 0


def test_a_record_that_a_note_points_at_is_kept(desk, settings):
    """References without a foreign key are declared in settings.HISTORY_REFERENCES."""
    settings.HISTORY_REFERENCES = [("try_note", "target_id")]
    with change() as entry:
        noted, other = desk.company("Noted"), desk.company("Other")
        desk._insert("try_note", target_id=other, body="by the import itself")
    desk._insert("try_note", target_id=noted, body="by a person since")
    assert kept(undo(entry.batch)) == [("try_company", noted, Reason.REFERENCED)]
    assert desk.one("SELECT count(*) FROM try_note") == 1


def test_a_deletion_over_several_tables_is_restored(desk):
    company = desk.company()
    contacts = [desk.contact(f"n{n}", company_id=company, tags=["a", 'b"c'], amount="7.50") for n in range(3)]
    for contact in contacts:
        desk._insert("try_deal", contact_id=contact, title="Big")
    before = desk.state()
    with change() as entry:
        for table in ("try_deal", "try_contact", "try_company"):
            desk.sql(f"DELETE FROM {table}")
    report = undo(entry.batch)
    assert report.counts["try_contact"] == Counts(restore=3)
    assert desk.state() == before


def test_a_restored_record_whose_parent_is_gone_is_kept_out(desk):
    company = desk.company()
    contact = desk.contact(company_id=company)
    with change() as entry:
        desk.sql("DELETE FROM try_contact")
    desk.sql("DELETE FROM try_company")
    assert kept(undo(entry.batch)) == [("try_contact", contact, Reason.PARENT_MISSING)]


def test_a_record_made_again_is_left_alone(desk):
    contact = desk.contact("Ann")
    with change() as entry:
        desk.sql("DELETE FROM try_contact")
    desk.sql("INSERT INTO try_contact (id, name) VALUES (%s, 'Again')", [str(contact)])
    assert kept(undo(entry.batch)) == [("try_contact", contact, Reason.EXISTS_AGAIN)]


def test_a_unique_value_taken_since_is_listed(desk):
    ann = desk.contact("Ann", email="a@x.example")
    bob = desk.contact("Bob", email="b@x.example")
    with change() as entry:
        desk.sql("DELETE FROM try_contact WHERE id = %s", [str(ann)])
        desk.sql("UPDATE try_contact SET email = 'bob@x.example' WHERE id = %s", [str(bob)])
    desk.contact("Newcomer", email="a@x.example")
    desk.contact("Newcomer", email="b@x.example")
    plan = preview_undo(entry.batch)
    assert sorted(kept(plan)) == sorted(
        [("try_contact", ann, Reason.DUPLICATE), ("try_contact", bob, Reason.DUPLICATE)]
    )
    assert undo(entry.batch).total == 0


def test_a_unique_expression_with_a_condition_is_understood(desk):
    acme = desk.company("Acme", code="AC-1")
    binned = desk.company("Old", code="AC-2")
    with change() as entry:
        desk.sql("DELETE FROM try_company")
    desk.company("New", code="ac-1")
    desk.company("New, in the bin", code="ac-2", deleted_at="2025-01-01")
    assert kept(undo(entry.batch)) == [("try_company", acme, Reason.DUPLICATE)]
    assert desk.one("SELECT count(*) FROM try_company WHERE id = %s", [str(binned)]) == 1


def test_a_value_freed_by_the_undo_itself_is_no_collision(desk):
    """The batch deleted a record and gave its mail address to a new one."""
    desk.contact("Ann", email="a@x.example")
    before = desk.state()
    with change() as entry:
        desk.sql("DELETE FROM try_contact")
        desk.contact("Ann again", email="a@x.example")
    assert undo(entry.batch).kept == []
    assert desk.state() == before


def test_a_merge_is_taken_apart_again(desk):
    keeps, goes = desk.contact("Ann"), desk.contact("Anne")
    for contact in (keeps, goes):
        desk._insert("try_deal", contact_id=contact, title="Big")
    before = desk.state()
    with change(label="Merge") as entry:
        desk.sql("UPDATE try_deal SET contact_id = %s WHERE contact_id = %s", [str(keeps), str(goes)])
        desk.sql("UPDATE try_contact SET extra = '{\"merged\": true}' WHERE id = %s", [str(keeps)])
        desk.sql("DELETE FROM try_contact WHERE id = %s", [str(goes)])
    undo(entry.batch)
    assert desk.state() == before


def test_a_record_made_and_deleted_in_the_batch_is_nothing(desk):
    with change() as entry:
        desk.contact("Short-lived")
        desk.sql("DELETE FROM try_contact")
    assert preview_undo(entry.batch).counts == {}


def test_a_column_added_since_gets_its_default_and_one_dropped_is_forgotten(desk):
    desk.contact("Ann", score=3)
    with change() as entry:
        desk.sql("DELETE FROM try_contact")
    with connections["migrator"].cursor() as cursor:
        cursor.execute("ALTER TABLE try_contact DROP COLUMN score, ADD COLUMN stars integer")
    assert undo(entry.batch).kept == []
    assert desk.sql("SELECT name, stars FROM try_contact") == [("Ann", None)]


def test_a_persons_row_deleted_before_a_column_came_is_restored_with_the_models_default(desk):
    """Django drops the default of a new NOT NULL column from the database; the model knows it."""
    from tenants.people.models import User

    with change():
        person = User.objects.create(email="p@x.example", name="Pat")
    with change() as entry:
        User.objects.filter(pk=person.pk).delete()
    with connections["migrator"].cursor() as cursor:
        cursor.execute("UPDATE hist_change SET old = old - 'is_active' WHERE op = 'D'")
    undo(entry.batch)
    assert User.objects.get(pk=person.pk).is_active is True


def test_a_row_locked_by_another_edit_is_checked_after_it(desk):
    """The re-check happens under lock: what was committed meanwhile is seen, not overwritten."""
    import psycopg2

    ann = desk.contact("Ann", score=1)
    with change() as entry:
        desk.sql("UPDATE try_contact SET score = 2")
    assert preview_undo(entry.batch).kept == []
    connections["default"].ensure_connection()
    other = psycopg2.connect(**_parameters())
    with other, other.cursor() as cursor:
        cursor.execute(f"SET ROLE {desk.schema}; SET search_path = {desk.schema}")
        cursor.execute("UPDATE try_contact SET score = 3")
    other.close()
    assert kept(undo(entry.batch)) == [("try_contact", ann, Reason.CHANGED_SINCE)]
    assert desk.one("SELECT score FROM try_contact") == 3


def _parameters() -> dict:
    wanted = connections["default"].get_connection_params()
    return {name: wanted[name] for name in ("host", "port", "user", "password", "dbname") if name in wanted}


def test_an_undo_inside_a_transaction_leaves_planner_and_constraints_as_they_were(desk):
    batch = desk.import_contacts(600)
    with transaction.atomic():
        undo(batch)
        assert desk.one("SHOW enable_nestloop") == "on"
        contact = desk.contact("Ann", company_id=uuid7())
        desk.sql("DELETE FROM try_contact WHERE id = %s", [str(contact)])


def test_an_import_of_20_000_rows_is_undone_and_redone(desk):
    batch = desk.import_contacts(20_000)
    full = desk.fingerprint()
    report = undo(batch)
    assert desk.one("SELECT count(*) FROM try_contact") == 0
    undo(report.batch)
    assert desk.fingerprint() == full
