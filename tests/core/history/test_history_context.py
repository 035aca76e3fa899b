"""Who acted: signed, or recorded as unsigned with no actor."""

import threading
import uuid

import pytest
from django.db import DatabaseError, connection, connections, transaction

from core.history.context import Actor, Entry, acting, change, open_transaction_context, signed_context
from core.history.models import Transaction
from core.ids import uuid7
from core.tenancy.scope import tenant_scope

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "migrator"])


def latest() -> Transaction:
    return Transaction.objects.latest("id")


def use_context(desk, text: str) -> Transaction:
    with transaction.atomic():
        desk.sql("SET LOCAL history.context = %s", [text])
        desk.contact("Ann")
    return latest()


def entry_of(person: uuid.UUID) -> Entry:
    return Entry(Actor(person, "request"), uuid7(), "Edit")


def test_a_change_carries_who_how_and_what(desk):
    person = uuid7()
    with acting(person, via="request", ref="req-1"), change(label="改名 “x”\0\ud800") as entry:
        desk.contact("Ann")
    row = latest()
    assert (row.actor, row.via, row.ref, row.batch, row.verified) == (
        person,
        "request",
        "req-1",
        entry.batch,
        True,
    )
    assert row.label.startswith("改名 “x”")


def test_by_names_another_person_than_the_request(desk):
    person = uuid7()
    with acting(uuid7(), via="request"), change(by=person, via="automation"):
        desk.contact("Ann")
    assert (latest().actor, latest().via) == (person, "automation")


def test_a_change_inside_a_change_belongs_to_the_outer_one(desk):
    with change(label="Outer") as outer:
        desk.contact("Ann")
        with change(label="Inner") as inner:
            desk.contact("Bob")
    assert inner is outer
    assert Transaction.objects.get().changes.count() == 2


def test_two_changes_in_one_transaction_are_two_batches(desk):
    """As in a test, or in a caller that holds a transaction of its own around two services."""
    with transaction.atomic():
        with change(label="First") as first:
            desk.contact("Ann")
        desk.contact("between, unsigned")
        with change(label="Second") as second:
            desk.contact("Bob")
    batches = list(Transaction.objects.order_by("id").values_list("batch", flat=True))
    assert batches == [first.batch, None, second.batch]


def test_chunks_of_one_import_share_a_batch(desk):
    batch = uuid7()
    for _ in range(3):
        desk.import_contacts(2, batch=batch)
    assert Transaction.objects.filter(batch=batch).count() == 3


def test_a_service_with_its_own_atomic_can_sign_it(desk):
    person = uuid7()
    with acting(person, via="job"), transaction.atomic():
        open_transaction_context()
        desk.contact("Ann")
    assert latest().actor == person


def test_without_context_the_change_is_recorded_as_unsigned(desk):
    desk.contact("Ann")
    row = latest()
    assert (row.verified, row.actor, row.via, row.db_user) == (
        False,
        None,
        "unsigned",
        connections["default"].settings_dict["USER"],
    )


def test_a_forged_context_is_recorded_as_unsigned(desk):
    """Trap 2: anyone can SET a custom variable."""
    genuine = signed_context(entry_of(uuid7()), desk.schema)
    other = genuine[:64] + genuine[64:].replace('"via":"request"', '"via":"job"')
    for text in ("0" * 64 + genuine[64:], other, genuine[64:], "{}", "x" * 200, "0" * 64 + "{"):
        row = use_context(desk, text)
        assert (row.verified, row.actor, row.via, row.label) == (False, None, "unsigned", "")
    assert use_context(desk, genuine).verified


def test_a_context_is_good_for_one_transaction(desk):
    genuine = signed_context(entry_of(uuid7()), desk.schema)
    assert use_context(desk, genuine).verified
    replayed = use_context(desk, genuine)
    assert (replayed.verified, replayed.actor) == (False, None)


def test_a_context_of_another_workspace_or_of_yesterday_is_refused(desk, monkeypatch):
    assert not use_context(desk, signed_context(entry_of(uuid7()), "t_0123456789abcdef")).verified
    monkeypatch.setattr("core.history.context.time.time", lambda: 1_700_000_000.0)
    assert not use_context(desk, signed_context(entry_of(uuid7()), desk.schema)).verified


def test_a_context_does_not_outlive_its_transaction(desk):
    with change(by=uuid7()):
        desk.contact("Ann")
    desk.contact("Bob")
    assert latest().actor is None


def test_a_savepoint_that_fails_does_not_lose_the_context(desk):
    person = uuid7()
    with change(by=person):
        with pytest.raises(DatabaseError), transaction.atomic():
            desk.contact("Ann")
            desk.sql("SELECT 1 / 0")
        desk.contact("Bob")
    assert (latest().actor, Transaction.objects.count()) == (person, 1)


def test_two_threads_sign_for_themselves(desk):
    people = [uuid7(), uuid7()]
    barrier = threading.Barrier(2)

    def work(person: uuid.UUID) -> None:
        try:
            with tenant_scope(desk.schema), acting(person, via="job"), change():
                barrier.wait(10)
                desk.contact(str(person))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wrote = {(entry.actor, uuid.UUID(entry.changes.get().new["name"])) for entry in Transaction.objects.all()}
    assert wrote == {(person, person) for person in people}


# -- What the web login may not do to history

ATTEMPTS = {
    "rewrite": "UPDATE hist_change SET old = NULL",
    "forget": "DELETE FROM hist_tx",
    "empty": "TRUNCATE hist_change",
    "invent a change": "INSERT INTO hist_change (tx, relation, record_id, op) VALUES (1, 'x', uuidv7(), 'I')",
    "invent an entry": "INSERT INTO hist_tx (xid) VALUES (pg_current_xact_id())",
    "invent a seal": "INSERT INTO hist_seal (root) VALUES ('x')",
    "open an entry": "SELECT hist_open_entry('')",
    "ask for claims": "SELECT history.claims('x', 'y')",
    "sign": "SELECT history.signature('x')",
    "read the secret": "SELECT * FROM history.secret",
    "disable": "ALTER TABLE try_contact DISABLE TRIGGER ALL",
    "drop": "DROP TRIGGER hist_update ON try_contact",
    "replace": "CREATE OR REPLACE FUNCTION hist_capture_update() RETURNS trigger LANGUAGE plpgsql AS ''",
    "call": "SELECT hist_capture_insert()",
    "replication": "SET session_replication_role = replica",
    "truncate records": "TRUNCATE try_contact CASCADE",
    "take the owner's role": "SET ROLE history_owner",
    "borrow the triggers": "CREATE TABLE mine (id uuid)",
    "temporary table": "CREATE TEMP TABLE hist_change (id uuid)",
    "new identity": "UPDATE try_contact SET id = uuidv7()",
    "lock out": "LOCK TABLE hist_change IN ACCESS EXCLUSIVE MODE",
    "sequence": "SELECT setval('hist_change_id_seq', 1)",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_web_login_cannot_write_disable_or_forge_history(desk, attempt):
    desk.contact("Ann")
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        desk.sql(ATTEMPTS[attempt])
    assert any(word in str(refused.value) for word in ("denied", "must be owner", "never changes")), (
        refused.value
    )
    assert desk.one("SELECT count(*) FROM hist_change") == 1, "the positive twin: reading is allowed"


def test_a_path_set_by_the_session_does_not_lead_the_triggers_astray(desk):
    with transaction.atomic():
        desk.sql(
            "SET LOCAL search_path = zz_template; "
            f"INSERT INTO {desk.schema}.try_note (id, target_id, body) VALUES (uuidv7(), uuidv7(), 'x')"
        )
    assert latest().changes.get().relation == "try_note"


def test_the_migrator_is_recorded_and_cannot_truncate(desk):
    with connections["migrator"].cursor() as cursor:
        cursor.execute("INSERT INTO try_note (id, target_id, body) VALUES (uuidv7(), uuidv7(), 'data step')")
        assert (latest().db_user, latest().verified) == (
            connections["migrator"].settings_dict["USER"],
            False,
        )
        with pytest.raises(DatabaseError, match="TRUNCATE of try_note is refused"):
            cursor.execute("TRUNCATE try_note")
