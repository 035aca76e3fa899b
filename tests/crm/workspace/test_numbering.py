"""Numbers of records: patterns, counters without gaps, and records that were there before."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from uuid import uuid4

import pytest
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict, DomainError
from core.history.undo import undo
from core.records.search import search
from core.records.types import record_type
from core.records.writing import bin_records, create_record, restore_records, update_record
from crm.accounts.models import Account
from crm.workspace.models import NumberCounter
from crm.workspace.rules.numbers import MONTHLY, NEVER, YEARLY, check_pattern, format_number, period_of
from crm.workspace.selectors.numbering import numbered_types, series_of, workspace_day
from crm.workspace.services.numbering import ask_to_number_existing, number_existing, set_numbering
from tenants.people.models import User
from tests.importing import Importer

DAY = dt.date(2026, 11, 25)
TYPES = [kind.key for kind in numbered_types()]


def on(workspace, key="account", pattern="A-{0000}", reset=NEVER, **more):
    set_numbering(key, on=True, pattern=pattern, reset=reset, by=workspace.owner, **more)


def make(workspace, name="Acme", key="account", **values):
    return create_record(record_type(key), {"name": name, **values}, by=workspace.owner).record


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        ("A-{0000}", "A-0042"),
        ("{YYYY}{MM}-{0000}", "202611-0042"),
        ("SO{YY}/{DD}/{0}", "SO26/25/42"),
        ("客户 {000}", "客户 042"),
    ],
)
def test_patterns(pattern, number):
    check_pattern(pattern, NEVER)
    assert format_number(pattern, 42, DAY) == number


def test_the_counter_grows_beyond_its_digits():
    assert format_number("{00}", 12345, DAY) == "12345"


@pytest.mark.parametrize(
    ("pattern", "reset", "field"),
    [
        ("A-", NEVER, "pattern"),
        ("{0}-{00}", NEVER, "pattern"),
        ("{0000}{YYY}", NEVER, "pattern"),
        ("{0000", NEVER, "pattern"),
        ("A  {0}", NEVER, "pattern"),
        ("A" * 40 + "{0}", NEVER, "pattern"),
        ("{0000}", YEARLY, "reset"),
        ("{YYYY}-{0000}", MONTHLY, "reset"),
        ("{MM}-{0000}", MONTHLY, "reset"),
        ("{0000}", "weekly", "reset"),
    ],
)
def test_a_pattern_that_could_not_work_is_refused_at_its_field(pattern, reset, field):
    with pytest.raises(DomainError) as refused:
        check_pattern(pattern, reset)
    assert set(refused.value.fields) == {field}


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)), st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)),
       st.integers(1, 10**6), st.integers(1, 10**6))  # fmt: skip
def test_two_counts_of_any_periods_never_give_one_number(one_day, other_day, one, other):
    for pattern, reset in (("{YYYY}-{000}", YEARLY), ("{YY}{MM}-{000}", MONTHLY), ("X{000}", NEVER)):
        same = (period_of(reset, one_day), one) == (period_of(reset, other_day), other)
        numbers = format_number(pattern, one, one_day), format_number(pattern, other, other_day)
        assert (numbers[0] == numbers[1]) == same


@pytest.mark.django_db
class TestInOneWorkspace:
    @pytest.mark.parametrize("key", TYPES)
    def test_new_records_are_numbered_once_it_is_switched_on(self, key, workspace, client_of):
        client = client_of(workspace, workspace.owner)
        before = make(workspace, "Before", key)
        assert before.number == ""
        kind = record_type(key)
        assert 'name="number"' not in client.get(f"/{kind.slug}/new/").content.decode()
        on(workspace, key, "N-{000}")
        made = [make(workspace, name, key) for name in ("One", "Two")]
        assert [each.number for each in made] == ["N-001", "N-002"]
        assert "N-001" in client.get(made[0] and kind.url_of(made[0].pk)).content.decode()
        assert [hit.id for hit in search("N-002", to=workspace.owner)] == [made[1].pk]
        lines = b"".join(client.get(f"/{kind.slug}/export.csv?cols=name,number").streaming_content).decode()
        assert "N-001" in lines
        assert client.get(f"/api/v1/{kind.slug}/{made[0].pk}/").json()["number"] == "N-001"
        assert client.get(f"/{kind.slug}/?f=number.is.N-002").content.decode().count("Two") >= 1
        answer = client.post(f"/{kind.slug}/new/", {"name": "Three"})
        assert answer.status_code == 302
        assert kind.model.objects.get(name="Three").number == "N-003"
        set_numbering(key, on=False, pattern="N-{000}", reset=NEVER, by=workspace.owner)
        assert make(workspace, "Four", key).number == ""
        assert 'name="number"' not in client.get(f"/{kind.slug}/new/").content.decode()

    def test_a_record_that_is_refused_takes_no_number(self, workspace):
        on(workspace)
        make(workspace, "One")
        with pytest.raises(DomainError):
            make(workspace, "")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            assert make(workspace, "Lost").number == "A-0002"
            raise ZeroDivisionError
        assert make(workspace, "Two").number == "A-0002"

    def test_a_number_that_was_undone_is_not_given_out_again(self, workspace):
        on(workspace)
        written = create_record(record_type("account"), {"name": "One"}, by=workspace.owner)
        undo(written.batch, by=workspace.owner, label="undone")
        assert make(workspace, "Two").number == "A-0002"

    def test_numbers_that_people_type_are_passed_over_and_unique(self, workspace):
        on(workspace)
        typed = make(workspace, "Typed", number="A-0001")
        assert make(workspace, "Next").number == "A-0002"
        with pytest.raises(Conflict):
            make(workspace, "Twin", number="A-0002")
        # In the bin it is nobody's; out of it only when nobody took it.
        bin_records(record_type("account"), [typed.pk], by=workspace.owner)
        make(workspace, "Heir", number="A-0001")
        with pytest.raises(Conflict):
            restore_records(record_type("account"), [typed.pk], by=workspace.owner)

    def test_the_counter_begins_again_with_its_period(self, workspace, monkeypatch):
        on(workspace, "opportunity", "{YYYY}-{00}", YEARLY)
        days = iter(
            [dt.date(2026, 12, 31), dt.date(2026, 12, 31), dt.date(2027, 1, 1), dt.date(2026, 12, 31)]
        )
        monkeypatch.setattr("crm.workspace.services.numbering.workspace_day", lambda at=None: next(days))
        numbers = [make(workspace, name, "opportunity").number for name in "abcd"]
        assert numbers == ["2026-01", "2026-02", "2027-01", "2026-03"]

    def test_the_admin_says_what_comes_next(self, workspace):
        on(workspace, counter=500)
        assert make(workspace).number == "A-0500"
        on(workspace, pattern="K{000}")
        assert make(workspace, "Other").number == "K501"
        assert series_of(record_type("account")).upcoming == ["K502", "K503"]
        with pytest.raises(DomainError) as refused:
            on(workspace, counter=0)
        assert set(refused.value.fields) == {"counter"}

    def test_records_from_before_are_numbered_in_order_and_it_is_undone(
        self, workspace, worker, client_of, django_capture_on_commit_callbacks
    ):
        made = [make(workspace, name) for name in ("First", "Second", "Third")]
        for place, each in enumerate(made):
            at = dt.datetime(2025 + place // 2, 6, 1 + place, tzinfo=dt.UTC)
            Account.objects.filter(pk=each.pk).update(created_at=at)
        bin_records(record_type("account"), [made[2].pk], by=workspace.owner)
        on(workspace, pattern="{YYYY}-{000}", reset=YEARLY)
        assert series_of(record_type("account")).waiting == 3
        with django_capture_on_commit_callbacks(execute=True):
            batch = ask_to_number_existing("account", by=workspace.owner)
        numbers = dict(Account.everything.values_list("name", "number"))
        assert numbers == {"First": "2025-001", "Second": "2025-002", "Third": "2026-001"}
        assert [hit.title for hit in search("2025-002", to=workspace.owner)] == ["Second"]
        assert number_existing("account", batch=batch, by=None) == 0
        answer = client_of(workspace, workspace.owner).post(f"/undo/{batch}/")
        assert answer.status_code == 204
        assert set(Account.everything.values_list("number", flat=True)) == {""}

    def test_what_was_switched_off_since_it_was_asked_for_is_left_alone(self, workspace):
        make(workspace, "First")
        on(workspace)
        batch = ask_to_number_existing("account", by=workspace.owner)
        set_numbering("account", on=False, pattern="{0000}", reset=NEVER, by=workspace.owner)
        assert number_existing("account", batch=batch, by=None) == 0
        assert Account.objects.get().number == ""

    def test_an_import_numbers_its_new_rows_and_keeps_those_of_the_file(self, workspace):
        make(workspace, "Old")
        on(workspace)
        importer = Importer(workspace.owner)
        importer.whole("account", "name,account number\nBolt,\nCore,A-0001\nDune,\n")
        numbers = dict(Account.objects.values_list("name", "number"))
        assert numbers == {"Old": "", "Bolt": "A-0002", "Core": "A-0001", "Dune": "A-0003"}
        # By its number a row is the record that has it, whatever else it says; a second one is said to be the same.
        importer.whole("account", "name,account number\nBolt Ltd,A-0002\nBolt GmbH,A-0002\n")
        assert Account.objects.get(number="A-0002").name == "Bolt Ltd"
        assert Account.objects.count() == 4
        # The same name with another number is another account.
        importer.whole("account", "name,account number\nCore,B-7\n")
        assert sorted(Account.objects.filter(name="Core").values_list("number", flat=True)) == [
            "A-0001",
            "B-7",
        ]

    def test_undoing_an_import_leaves_no_number_behind(self, workspace):
        on(workspace)
        importer = Importer(workspace.owner)
        job = importer.whole("account", "name\nBolt\nCore\n")
        assert Account.objects.filter(number="A-0002").exists()
        importer.undo(job)
        assert not Account.objects.exists()

    def test_the_counter_is_no_part_of_history(self, workspace):
        from core.history.tracked import untracked

        assert NumberCounter._meta.db_table in untracked()

    def test_the_pages(self, workspace, client_of):
        client = client_of(workspace, workspace.owner)
        assert "A-0001" in client.get("/settings/numbering/").content.decode()
        form = {"on": "yes", "pattern": "C-{YYYY}-{000}", "reset": "yearly", "counter": "7"}
        preview = client.get("/settings/numbering/account/preview/", form).content.decode()
        year = workspace_day().year
        assert f"C-{year}-007" in preview
        assert (
            "one counter"
            in client.get("/settings/numbering/account/preview/", {**form, "pattern": "C"}).content.decode()
        )
        answer = client.post("/settings/numbering/account/", {**form, "pattern": "C-{000}"})
        assert answer.status_code == 422
        assert "begin again each year" in answer.content.decode()
        assert client.post("/settings/numbering/account/", {**form, "counter": "x"}).status_code == 422
        assert client.post("/settings/numbering/account/", form).status_code == 302
        assert make(workspace).number == f"C-{year}-007"
        assert client.get("/settings/numbering/contact/").status_code == 404
        assert client.post("/settings/numbering/product/existing/").status_code == 422
        member = client_of(workspace, User.objects.create_user("m@own.example", "x", name="Member"))
        for path in (
            "/settings/numbering/",
            "/settings/numbering/account/",
            "/settings/numbering/account/preview/",
        ):
            assert member.get(path).status_code == 403
        assert member.post("/settings/numbering/account/existing/").status_code == 403
        assert member.post("/settings/numbering/account/", form).status_code == 403

    def test_a_number_can_be_changed_and_taken_out(self, workspace):
        on(workspace)
        made = make(workspace)
        found = Account.objects.get(pk=made.pk)
        assert (
            update_record(record_type("account"), found, {"number": ""}, by=workspace.owner).record.number
            == ""
        )


THREADS, EACH = 6, 12


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_each_number_once_and_none_is_left_out(live_workspace):
    """Every third attempt is rolled back behind its number; those that stay have all numbers from 1 on."""
    with live_workspace.scope():
        on(live_workspace, pattern="{0}")

    def work(thread: int) -> int:
        kept = 0
        try:
            for number in range(EACH):
                with live_workspace.scope():
                    try:
                        with transaction.atomic():
                            make(live_workspace, f"{thread}-{number}-{uuid4()}")
                            if number % 3 == 2:
                                raise ZeroDivisionError
                        kept += 1
                    except ZeroDivisionError:
                        pass
        finally:
            connections.close_all()
        return kept

    with ThreadPoolExecutor(THREADS) as pool:
        kept = sum(pool.map(lambda thread: Context().run(work, thread), range(THREADS)))
    with live_workspace.scope():
        numbers = sorted(int(number) for number in Account.objects.values_list("number", flat=True))
    assert kept == THREADS * EACH * 2 // 3
    assert numbers == list(range(1, kept + 1))
