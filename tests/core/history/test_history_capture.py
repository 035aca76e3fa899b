"""What is recorded: every way to write, exactly, and nothing that did not change."""

import datetime as dt
import io
import json

import pytest
from django.db import connection, connections, transaction

from core.history.capture import install_triggers, triggers_sql, untriggered_tables
from core.history.context import change
from core.history.models import Change, Transaction
from core.history.tracked import NullableJson, tracked_tables, undeclared_tables
from core.history.undo import undo
from core.tenancy.scope import TEMPLATE, tenant_scope

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "migrator"])


def recorded(table: str = "try_contact") -> list[tuple[str, dict | None, dict | None]]:
    return list(Change.objects.filter(relation=table).order_by("id").values_list("op", "old", "new"))


def test_insert_update_and_delete_are_recorded_with_their_images(desk):
    contact = desk.contact("Ann", score=1)
    desk.sql("UPDATE try_contact SET score = 2 WHERE id = %s", [str(contact)])
    desk.sql("DELETE FROM try_contact WHERE id = %s", [str(contact)])
    (inserted, _, made), (updated, *scores), (deleted, last, _) = recorded()
    assert (inserted, updated, deleted) == ("I", "U", "D")
    assert (made["name"], made["score"], last["score"]) == ("Ann", 1, 2)
    assert scores == [{"score": 1}, {"score": 2}], "an update keeps only what changed"


def test_copy_merge_upsert_and_raw_sql_are_recorded(desk):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_expert("COPY try_counter (name, value) FROM STDIN", io.StringIO("untracked\t1\n"))
        cursor.execute("SELECT uuidv7()::text")
        [record] = cursor.fetchone()
        cursor.copy_expert("COPY try_company (id, name) FROM STDIN", io.StringIO(f"{record}\tcopied\n"))
    desk.sql(
        "MERGE INTO try_company c USING (VALUES ('copied'), ('new')) v(name) ON c.name = v.name"
        " WHEN MATCHED THEN UPDATE SET code = 'M'"
        " WHEN NOT MATCHED THEN INSERT (id, name) VALUES (uuidv7(), v.name)"
    )
    desk.sql(
        "INSERT INTO try_company (id, name) VALUES (%s, 'x')"
        " ON CONFLICT (id) DO UPDATE SET name = 'upserted'",
        [record],
    )
    assert sorted(op for op, _, _ in recorded("try_company")) == ["I", "I", "U", "U"]
    assert recorded("try_counter") == []


def test_a_large_update_is_recorded_like_a_small_one(desk):
    desk.import_contacts(60)
    before = Change.objects.count()
    desk.sql("UPDATE try_contact SET score = score + 1, amount = amount WHERE score = 3")
    small = desk.one("SELECT count(*) FROM hist_change WHERE op = 'U'")
    desk.sql("UPDATE try_contact SET score = score - 1, extra = extra || '{\"hot\": true}'")
    large = Change.objects.filter(op="U").order_by("-id").first()
    assert small <= 20
    assert Change.objects.count() == before + small + 60
    assert sorted(large.old) == ["extra", "score"]
    assert large.new["extra"] == {**large.old["extra"], "hot": True}, "a changed json column is kept whole"


def test_a_statement_that_changes_nothing_leaves_no_trace(desk):
    desk.contact("Ann")
    changes, entries = Change.objects.count(), Transaction.objects.count()
    desk.sql("UPDATE try_contact SET name = 'Bob' WHERE name = 'nobody'")
    desk.sql("DELETE FROM try_contact WHERE name = 'nobody'")
    assert (Change.objects.count(), Transaction.objects.count()) == (changes, entries)
    desk.sql("UPDATE try_contact SET name = name")
    assert Change.objects.count() == changes


def test_a_rolled_back_change_leaves_no_trace(desk):
    with pytest.raises(ZeroDivisionError), change(label="Broken"):
        desk.contact("Ann")
        raise ZeroDivisionError
    assert Transaction.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 30], ids=["small update", "large update"])
def test_values_that_are_equal_but_look_different_come_back_as_they_were(desk, rows):
    """Trap 5: 1.0 and 1.00 are equal for `=`; JSON null is not SQL NULL."""
    for n in range(rows):
        desk.contact(f"n{n}", amount="1.00", extra="null")
    before = desk.state()
    with change() as entry:
        desk.sql("UPDATE try_contact SET amount = 1.0, extra = '{\"a\": null}'")
    assert {json.dumps(str(old["amount"])) for op, old, _ in recorded() if op == "U"} == {'"1.00"'}
    undo(entry.batch)
    assert desk.state() == before
    assert desk.one("SELECT count(*) FROM try_contact WHERE extra = 'null'::jsonb") == rows


def test_images_do_not_depend_on_the_sessions_settings(desk):
    """Trap 5: time zone, date and interval style are pinned in the functions and in the undo."""
    seen = dt.datetime(2025, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
    contact = desk.contact("Ann", seen=seen, born=dt.date(2001, 2, 3), waits="1 day 02:03:04")
    before = desk.state()
    with transaction.atomic():
        desk.sql(
            "SET LOCAL timezone = 'Asia/Shanghai'; SET LOCAL datestyle = 'German';"
            " SET LOCAL intervalstyle = 'postgres_verbose'; SET LOCAL extra_float_digits = -5"
        )
        desk.sql("DELETE FROM try_contact")
    *_, (op, old, _) = recorded()
    assert (op, old["seen"], old["born"], old["waits"]) == (
        "D",
        "2025-03-04T05:06:07+00:00",
        "2001-02-03",
        "P1DT2H3M4S",
    )
    entry = Transaction.objects.latest("id")
    with transaction.atomic():
        desk.sql("SET LOCAL timezone = 'Asia/Shanghai'; SET LOCAL intervalstyle = 'sql_standard'")
        undo([entry.id])
        assert desk.one("SHOW timezone") == "Asia/Shanghai", "the session is left as it was"
    assert desk.state() == before
    assert desk.one("SELECT id::text FROM try_contact") == str(contact)


def test_a_new_column_is_recorded_without_touching_the_triggers(desk):
    desk.import_contacts(30)
    with connections["migrator"].cursor() as cursor:
        cursor.execute("ALTER TABLE try_contact ADD COLUMN nickname text")
    desk.sql("UPDATE try_contact SET nickname = 'Nick'")
    assert all(new == {"nickname": "Nick"} for op, _, new in recorded() if op == "U")
    desk.sql("UPDATE try_contact SET nickname = 'Nicky' WHERE id = (SELECT id FROM try_contact LIMIT 1)")
    assert recorded()[-1][1:] == ({"nickname": "Nick"}, {"nickname": "Nicky"})


def test_a_table_of_150_columns_is_recorded(desk):
    names = [f"c{n}" for n in range(150)]
    with connections["migrator"].cursor() as cursor:
        columns = ", ".join(f"{name} integer" for name in names)
        cursor.execute(f"CREATE TABLE try_wide (id uuid PRIMARY KEY, {columns})")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON try_wide TO {desk.schema}")
        assert install_triggers(cursor, desk.schema) == ["try_wide"]
    desk.sql("INSERT INTO try_wide (id) SELECT uuidv7() FROM generate_series(1, 25)")
    desk.sql("UPDATE try_wide SET " + ", ".join(f"{name} = 1" for name in names))
    assert len(recorded("try_wide")[-1][2]) == 150


def test_two_workspaces_never_write_into_each_other(desk):
    """Trap 3: every workspace has capture functions of its own, the template none."""

    def bodies_in(cursor, schema: str) -> list[str]:
        cursor.execute(
            "SELECT prosrc FROM pg_proc"
            " WHERE proname LIKE 'hist_capture%%' AND pronamespace = %s::regnamespace",
            [schema],
        )
        return [body for (body,) in cursor.fetchall()]

    with tenant_scope(TEMPLATE, switch=True), connections["migrator"].cursor() as cursor:
        bodies = bodies_in(cursor, desk.schema)
        assert bodies_in(cursor, TEMPLATE) == []
    assert len(bodies) == 3
    assert all(f"{desk.schema}.hist_change" in body and TEMPLATE not in body for body in bodies)


def test_every_table_is_tracked_or_declared(desk):
    """Fails when a room adds a table without uuid `id` and without a word in HISTORY_UNTRACKED."""
    with connections["migrator"].cursor() as cursor:
        assert undeclared_tables(cursor, desk.schema) == ["try_counter"]
        assert untriggered_tables(cursor, desk.schema) == []
        tracked = tracked_tables(cursor, desk.schema)
        assert {"people_user", "try_contact"} <= set(tracked)
        cursor.execute("ALTER TABLE try_contact DISABLE TRIGGER hist_update")
        assert untriggered_tables(cursor, desk.schema) == ["try_contact"]


def test_a_nullable_json_column_is_refused(desk):
    with connections["migrator"].cursor() as cursor:
        cursor.execute("ALTER TABLE try_contact ALTER COLUMN extra DROP NOT NULL")
        with pytest.raises(NullableJson, match=r"try_contact\.extra"):
            tracked_tables(cursor, desk.schema)


def test_installing_again_does_nothing_and_repairs_what_is_missing(desk):
    with connections["migrator"].cursor() as cursor:
        assert install_triggers(cursor, desk.schema) == []
        cursor.execute("DROP TRIGGER hist_delete ON try_deal")
        cursor.execute(
            "CREATE OR REPLACE FUNCTION hist_capture_update() RETURNS trigger LANGUAGE plpgsql"
            " SECURITY DEFINER AS 'BEGIN RETURN NULL; END';"
            " COMMENT ON FUNCTION hist_capture_update() IS 'old'"
        )
        assert install_triggers(cursor, desk.schema) == ["try_deal"]
    desk.contact("Ann")
    desk.sql("UPDATE try_contact SET score = 9")
    assert recorded()[-1][2] == {"score": 9}


def test_the_script_can_be_run_again(desk):
    with connections["migrator"].cursor() as cursor:
        cursor.execute(triggers_sql(desk.schema, ["try_contact"]))
    desk.contact("Ann")
    assert len(recorded()) == 1


def test_a_password_never_reaches_history_and_is_never_undone(desk):
    from tenants.people.models import User

    with change():
        people = [
            User.objects.create(email=f"p{n}@x.example", name="Pat", password="secret-1") for n in range(25)
        ]
    with change() as entry:
        User.objects.filter(pk=people[0].pk).update(password="secret-2", name="Patricia")
        User.objects.filter(pk__in=[person.pk for person in people[1:]]).update(
            password="secret-2", last_login=dt.datetime(2025, 1, 1, tzinfo=dt.UTC), name="Patricia"
        )
    assert desk.one("SELECT count(*) FROM hist_change c WHERE c::text LIKE '%secret%'") == 0
    undo(entry.batch)
    assert set(User.objects.values_list("name", "password")) == {("Pat", "secret-2")}
    with change() as entry:
        User.objects.filter(pk=people[0].pk).delete()
    undo(entry.batch)
    assert User.objects.get(pk=people[0].pk).password == ""
    assert desk.one("SELECT count(*) FROM hist_change c WHERE c::text LIKE '%secret%'") == 0
