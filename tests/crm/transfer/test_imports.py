"""What an import does with rows: new, existing, doubled, wrong, unknown; and undo of it all."""

import csv
import datetime as dt
from decimal import Decimal

import pytest
from django.db import OperationalError

from core.errors import Conflict, NotAllowed
from core.records.models import SearchDocument
from core.records.search import search
from core.records.types import nothing_to_prepare, record_type, record_types
from core.records.writing import create_record, update_record
from crm.accounts.models import Account, Contact
from crm.customize.models import PicklistItem
from crm.opportunities.models import Opportunity, Stage
from crm.transfer import tasks
from crm.transfer.models import ImportChunk, ImportJob, ImportState, StagedRow
from crm.transfer.services import checking, endings, jobs, writing
from crm.transfer.services.answers import Answer, Do
from crm.transfer.services.leases import Cancelled, take_lease
from tenants.people.models import Team, User

pytestmark = pytest.mark.django_db

_DERIVED = (
    *("name", "name_key", "reference", "account_id", "stage_id", "pipeline_id", "outcome", "amount"),
    *("opened_on", "closed_on", "owner_id", "team_id", "created_by_id", "probability_percent"),
)


@pytest.fixture
def acme(workspace):
    return create_record(record_type("account"), {"name": "Acme", "city": "Leeds"}, by=workspace.owner).record


@pytest.mark.parametrize(
    ("existing", "city", "phone", "counts"),
    [
        ("update", "York", "0113 496", {"update": 1, "new": 1}),
        ("fill", "Leeds", "0113 496", {"update": 1, "new": 1}),
        ("skip", "Leeds", "", {"skip": 1, "new": 1}),
    ],
)
def test_what_to_do_with_rows_that_exist(existing, city, phone, counts, importer, acme):
    job = importer.upload("account", "name,city,phone\nACME,York,0113 496\nBolt,Bath,\n")
    importer.map(job, {"name": "name", "city": "city", "phone": "phone"}, existing=existing)
    job = importer.check(job)
    assert job.findings["counts"] == counts
    importer.run(job)
    acme.refresh_from_db()
    assert (acme.city, acme.phone) == (city, phone)
    assert Account.objects.count() == 2


def test_the_same_file_twice_changes_nothing(importer, acme):
    text = "name,city,website\nAcme,Leeds,acme.example\nBolt,Bath,bolt.example\n"
    importer.whole("account", text)
    before = list(Account.objects.values_list("updated_at", flat=True))
    again = importer.whole("account", text)
    assert again.findings["counts"] == {"unchanged": 2}
    assert list(Account.objects.values_list("updated_at", flat=True)) == before


def test_an_empty_cell_never_empties_a_field(importer, acme):
    importer.whole("account", "name,city\nAcme,\n")
    acme.refresh_from_db()
    assert acme.city == "Leeds"


def test_rows_that_stand_twice_are_left_out_with_the_number_of_the_first(importer):
    job = importer.whole("account", "name,city\nAcme,Leeds\nacme ,York\n")
    assert [reason for _row, reason, _cells in job.findings["bad"]] == ["Duplicates: The same as row 2."]
    assert Account.objects.get().city == "Leeds"


def test_duplicate_keys_are_alternatives_in_order(importer):
    importer.whole("account", "name\nAcme\nBolt\n")
    importer.whole("contact", "name,company,email\nAda,Acme,ada@x.example\nBea,Acme,\n")
    text = (
        "name,company,email,job title\n"
        "Ada L.,Acme,ADA@x.example,by mail\n"
        "Bea,Acme,,by name and account\n"
        "Bea,Bolt,,another account\n"
        "Ada L.,Acme,other@x.example,another mail\n"
        "Bea,,,no account\n"
    )
    job = importer.check(importer.upload("contact", text))
    assert job.findings["counts"] == {"update": 2, "new": 3}
    importer.run(job)
    assert Contact.objects.get(mail="ada@x.example").job_title == "by mail"
    assert Contact.objects.count() == 5


def test_wrong_rows_come_back_as_a_file_that_can_be_corrected_and_imported_again(importer):
    text = 'reference,name,amount\nR1,=HYPERLINK("x"),100\nR2,Second,a lot\nR3,+Third,lots\n'
    job = importer.whole("opportunity", text)
    assert job.findings["counts"] == {"new": 1, "error": 2}
    with jobs.error_path(job).open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["reference", "name", "amount", "Why it was not imported"]
    assert rows[0] == ["R2", "Second", "a lot", "Amount: “a lot” is not a number."]
    assert rows[1][1] == "'+Third"
    corrected = ",".join(heading) + "\nR2,Second,200,\nR3,'+Third,300,\n"
    again = importer.whole("opportunity", corrected)
    assert again.findings["counts"] == {"new": 2}
    assert set(Opportunity.objects.values_list("name", "amount")) == {
        ('=HYPERLINK("x")', Decimal(100)), ("Second", Decimal(200)), ("+Third", Decimal(300)),
    }  # fmt: skip


def test_unknown_values_are_mapped_made_or_left_empty(importer, acme):
    text = (
        "name,account,owner,team,source,stage\n"
        "First,Akme,Bo Berg,North,Trade show,Won\nSecond,Nobody,Bo Berg,North,,\n"
    )
    job = importer.check(importer.upload("opportunity", text))
    unknown = job.findings["unknown"]
    assert unknown["account"] == [["Akme", 1, [[str(acme.pk), "Acme"]]], ["Nobody", 1, []]]
    assert [row[:2] for row in unknown["owner"]] == [["Bo Berg", 2]]
    job.state = ImportState.CHECKED
    jobs.answer(job, field="account", decisions={"Akme": Answer(Do.MAP, str(acme.pk))}, by=importer.by)
    ImportJob.objects.filter(pk=job.pk).update(state=ImportState.CHECKED)
    job.refresh_from_db()
    jobs.answer(job, field="source", decisions={"Trade show": Answer(Do.EMPTY)}, by=importer.by)
    job = importer.run(importer.check(job))
    first, second = Opportunity.objects.order_by("name")
    assert (first.account, second.account) == (acme, None)
    assert first.owner == second.owner == User.objects.get(name="Bo Berg")
    assert (first.owner.is_placeholder, first.owner.email, first.team) == (
        True,
        None,
        Team.objects.get(name="North"),
    )
    assert (first.source, first.outcome, second.stage) == (
        None,
        "won",
        Stage.objects.order_by("position").first(),
    )
    importer.undo(job)
    assert not User.objects.filter(name="Bo Berg").exists()
    assert not Team.objects.exists()


def test_an_added_choice_is_gone_after_the_undo(importer):
    job = importer.whole("account", "name,sector\nAcme,Beekeeping\n")
    assert Account.objects.get().trade.label == "Beekeeping"
    importer.undo(job)
    assert not PicklistItem.objects.filter(label="Beekeeping").exists()
    assert "Beekeeping" not in [option.label for option in record_type("account").field("trade").options()]


def test_parents_may_stand_below_their_children_and_circles_are_left_open(importer):
    job = importer.whole("account", "name,parent\nSmall,Big\nBig,\nEgg,Hen\nHen,Egg\nLonely,Nowhere\n")
    assert Account.objects.get(name="Small").parent.name == "Big"
    assert Account.objects.filter(name__in=["Egg", "Hen"], parent__isnull=False).count() < 2
    assert Account.objects.get(name="Lonely").parent is None
    assert job.findings["unknown"]["parent"][0][:2] == ["Nowhere", 1]


def test_undo_restores_former_values_and_keeps_what_others_changed(importer, acme):
    job = importer.whole("account", "name,city\nAcme,York\nBolt,Bath\nCore,Hull\n")
    bolt = Account.objects.get(name="Bolt")
    update_record(record_type("account"), bolt, {"city": "Bristol"}, by=importer.by)
    undone = importer.undo(job)
    acme.refresh_from_db()
    assert (undone.state, acme.city) == (ImportState.UNDONE, "Leeds")
    assert set(Account.objects.values_list("name", "city")) == {("Acme", "Leeds"), ("Bolt", "Bristol")}
    assert undone.undo_report["counts"] == {"deleted": 1, "restored": 1, "kept": 1}
    assert [(row["title"], row["reason"]) for row in undone.undo_report["kept"]] == [
        ("Bolt", "Changed since")
    ]
    assert [hit.title for hit in search("core", to=importer.by)] == []


def test_imported_records_are_found_by_search(importer):
    importer.whole("account", "name,city\n宁波海曙口腔医院,宁波\nAcme,Leeds\n")
    assert [hit.title for hit in search("海曙", to=importer.by)] == ["宁波海曙口腔医院"]
    assert SearchDocument.objects.count() >= 2


def test_one_by_one_and_in_bulk_give_the_same_opportunities(importer, acme):
    won = Stage.objects.filter(outcome="won").first()
    rows = {
        "R1": {"name": "Named", "amount": Decimal("10.50")},
        "R2": {"account_id": acme.pk},
        "R3": {"account_id": acme.pk, "stage_id": won.pk},
        "R4": {},
    }
    for reference, values in rows.items():
        create_record(record_type("opportunity"), {"reference": reference, **values}, by=importer.by)
    singly = list(Opportunity.objects.order_by("reference").values(*_DERIVED))
    Opportunity.everything.all().delete()
    text = (
        f"reference,name,account,stage,amount\nR1,Named,,,10.50\nR2,,Acme,,\nR3,,Acme,{won.name},\nR4,,,,\n"
    )
    job = importer.upload("opportunity", text)
    importer.run(importer.check(job))
    assert list(Opportunity.objects.order_by("reference").values(*_DERIVED)) == singly


def test_moving_a_stage_one_by_one_and_in_bulk_agree(importer):
    won, lost = (Stage.objects.filter(outcome=outcome).first() for outcome in ("won", "lost"))
    for reference in ("R1", "R2"):
        values = {"reference": reference, "name": reference, "stage_id": won.pk}
        create_record(record_type("opportunity"), values, by=importer.by)
    first = Stage.objects.order_by("position").first()
    one = Opportunity.objects.get(reference="R1")
    update_record(record_type("opportunity"), one, {"stage_id": first.pk, "stage": first}, by=importer.by)
    importer.whole("opportunity", f"reference,stage\nR2,{first.name}\n")
    moved = Opportunity.objects.order_by("reference").values(
        "outcome", "closed_on", "pipeline_id", "stage_id"
    )
    assert moved[0] == moved[1]
    assert lost is not None


def test_tasks_get_their_day_from_their_time(importer):
    importer.whole("task", "title,due at\nCall Ada,2026-03-04 10:30\n")
    found = search("Call Ada", to=importer.by)
    assert [hit.title for hit in found] == ["Call Ada"]
    assert found[0].record_type.model.objects.get().due_on == dt.date(2026, 3, 4)


def test_every_type_that_derives_values_can_do_it_in_bulk():
    plain = nothing_to_prepare
    for kind in record_types():
        own = getattr(kind.prepare, "__name__", "") != "<lambda>"
        assert not (kind.importable and own and kind.bulk_prepare is plain), kind.key


def test_a_cancelled_import_keeps_whole_chunks_that_can_be_undone(importer, monkeypatch):
    monkeypatch.setattr(checking, "CHUNK_ROWS", 10)
    job = importer.check(importer.upload("account", "name\n" + "".join(f"Firm {n}\n" for n in range(35))))
    ImportJob.objects.filter(pk=job.pk).update(state=ImportState.RUNNING)
    job.refresh_from_db()
    lease = take_lease(job)
    monkeypatch.setattr(
        writing, "index_chunk", lambda job, *_rest: endings.ask_to_cancel(job, by=importer.by)
    )
    job.refresh_from_db()
    with pytest.raises(Cancelled):
        writing.write_rows(job, lease)
    endings.finish(job, lease, ImportState.CANCELLED)
    job.refresh_from_db()
    assert (Account.objects.count(), job.chunks.count()) == (8, 1)
    assert not StagedRow.objects.exists()
    importer.undo(job)
    assert Account.objects.count() == 0


def test_cancel_is_heard_after_two_thousand_rows(importer, monkeypatch):
    rows = "name\n" + "".join(f"Firm {number}\n" for number in range(4500))
    job = importer.check(importer.upload("account", rows))
    index_chunk = writing.index_chunk

    def index_and_cancel(job, *rest):
        index_chunk(job, *rest)
        endings.ask_to_cancel(job, by=importer.by)

    monkeypatch.setattr(writing, "index_chunk", index_and_cancel)
    ImportJob.objects.filter(pk=job.pk).update(state=ImportState.RUNNING)
    tasks._work(str(job.pk), ImportState.RUNNING, writing.write_rows)
    job.refresh_from_db()
    assert job.state == ImportState.CANCELLED
    assert Account.objects.count() == SearchDocument.objects.filter(record_type="account").count()
    assert 0 < Account.objects.count() <= 2000


def test_an_import_that_began_with_larger_chunks_goes_on_with_them(importer, monkeypatch):
    rows = "name\n" + "".join(f"Firm {number}\n" for number in range(9))
    monkeypatch.setattr(checking, "CHUNK_ROWS", 8)
    job = importer.check(importer.upload("account", rows))
    lease = take_lease(job)
    writing.write_chunk(job, lease, importer.kind(job), 0)
    monkeypatch.setattr(checking, "CHUNK_ROWS", 2)
    StagedRow.objects.all().delete()
    ImportJob.objects.filter(pk=job.pk).update(lease=None)
    importer.run(job)
    assert sorted(Account.objects.values_list("name", flat=True)) == [f"Firm {n}" for n in range(9)]
    assert list(job.chunks.order_by("number").values_list("number", flat=True)) == [-1, 0, 1]


def test_a_chunk_is_written_once_however_often_it_is_tried(importer):
    job = importer.check(importer.upload("account", "name\nAcme\nBolt\n"))
    kind = record_type("account")
    lease = take_lease(job)
    assert len(writing.write_chunk(job, lease, kind, 0)) == 2
    assert writing.write_chunk(job, lease, kind, 0) == []
    ImportChunk.objects.all().delete()
    assert writing.write_chunk(job, lease, kind, 0) == []
    assert Account.objects.count() == 2


def test_rows_are_staged_again_when_the_database_has_lost_them(importer):
    job = importer.check(importer.upload("account", "name\nAcme\nBolt\n"))
    StagedRow.objects.all().delete()
    importer.run(job)
    assert Account.objects.count() == 2


def test_the_counts_tell_of_each_row_once_when_the_database_was_lost_half_way(importer, monkeypatch):
    monkeypatch.setattr(checking, "CHUNK_ROWS", 2)
    job = importer.check(importer.upload("account", "name\nAcme\nBolt\nCore\nDent\nEcho\n"))
    write_chunk, calls = writing.write_chunk, []

    def dies_after_two(*arguments):
        if len(calls) == 2:
            raise OperationalError("terminating connection")
        calls.append(arguments)
        return write_chunk(*arguments)

    monkeypatch.setattr(writing, "write_chunk", dies_after_two)
    with pytest.raises(OperationalError):
        importer.run(job)
    monkeypatch.setattr(writing, "write_chunk", write_chunk)
    StagedRow.objects.all().delete()
    ImportJob.objects.filter(pk=job.pk).update(lease=None)
    job = importer.run(job)
    assert Account.objects.count() == 5
    assert (job.findings["counts"]["new"], job.findings["counts"].get("unchanged", 0)) == (5, 0)


def test_members_neither_import_nor_export(importer, workspace, client_of):
    from crm.transfer.services.exporting import start_export

    member = User.objects.create_user("m@x.example", "correct horse battery", name="Mo")
    importer.by = member
    with pytest.raises(NotAllowed):
        importer.upload("account", "name\nAcme\n")
    with pytest.raises(NotAllowed):
        start_export(by=member)
    for page in ("/import/", "/import/new/", "/settings/export/"):
        assert client_of(workspace, member).get(page).status_code == 403
        assert client_of(workspace, workspace.owner).get(page).status_code == 200


def test_a_finished_import_leaves_only_the_error_file(importer, tmp_path):
    importer.whole("opportunity", "name,amount\nFirst,100\nSecond,lots\n")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["errors.csv"]
    assert not StagedRow.objects.exists()


def test_an_import_cannot_be_run_before_it_is_checked(importer):
    job = importer.upload("account", "name\nAcme\n")
    with pytest.raises(Conflict):
        jobs.start_run(job, by=importer.by)


def test_linked_records_that_nobody_knows_are_made_only_when_a_person_says_so(importer, acme):
    text = "name,company,email\nAda,Acme,a@x.example\nBo,Bolt,b@x.example\nCy,bolt,c@x.example\nDi,Core,\n"
    job = importer.check(importer.upload("contact", text))
    assert writing.answer_for(record_type("contact").field("account"), "Bolt", {}).do is Do.EMPTY
    ImportJob.objects.filter(pk=job.pk).update(state=ImportState.CHECKED)
    job.refresh_from_db()
    jobs.answer(
        job, field="account", decisions={"Bolt": Answer(Do.MAKE), "bolt": Answer(Do.MAKE)}, by=importer.by
    )
    job = importer.run(importer.check(job))
    writing.make_unknown(job, record_type("contact"))
    assert sorted(Account.objects.values_list("name", flat=True)) == ["Acme", "Bolt"]
    assert set(Contact.objects.values_list("name", "account__name")) == {
        ("Ada", "Acme"), ("Bo", "Bolt"), ("Cy", "Bolt"), ("Di", None),
    }  # fmt: skip
    importer.undo(job)
    assert list(Account.objects.values_list("name", flat=True)) == ["Acme"]
