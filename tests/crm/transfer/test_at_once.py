"""Two people, or a person and the sweep, at the same moment; and what changes between check and run."""

import contextvars
import datetime as dt
import threading

import pytest
from django.db import connections, transaction

from core.clock import now
from core.errors import Conflict
from core.records.types import record_type
from core.records.writing import create_record
from crm.accounts.models import Account
from crm.customize.models import PicklistItem
from crm.customize.services.shaping import merge_items
from crm.transfer import tasks
from crm.transfer.models import ExportJob, ImportJob, ImportState
from crm.transfer.services import checking, exporting, jobs, reading, writing
from tests.importing import Importer

pytestmark = pytest.mark.django_db
ROWS = "name,city\nAcme,York\nBell,Hull\n"


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch):
    monkeypatch.setattr("core.tenancy.tasks.close_old_connections", lambda: None)


def _age(job: ImportJob, *names: str) -> None:
    long_ago = now() - jobs.WAITING_KEPT - dt.timedelta(days=1)
    ImportJob.objects.filter(pk=job.pk).update(**dict.fromkeys(names, long_ago))


def test_a_page_that_is_old_does_not_discard_an_import_that_runs(importer):
    job = importer.check(importer.upload("account", ROWS))
    stale = ImportJob.objects.get(pk=job.pk)
    jobs.start_run(job, by=importer.by)
    with pytest.raises(Conflict):
        jobs.discard(stale, by=importer.by)
    assert (ImportJob.objects.filter(pk=job.pk).exists(), jobs.path_of(job).exists()) == (True, True)


def test_the_sweep_does_not_forget_an_import_that_was_started_meanwhile(importer, monkeypatch):
    job = importer.check(importer.upload("account", ROWS))
    _age(job, "created_at", "finished_at", "heartbeat_at")
    forget = jobs._forget

    def start_first(found):
        jobs.start_run(ImportJob.objects.get(pk=job.pk), by=importer.by)
        return forget(found)

    monkeypatch.setattr(jobs, "_forget", start_first)
    jobs.remove_forgotten()
    assert ImportJob.objects.get(pk=job.pk).state == ImportState.RUNNING
    assert jobs.path_of(job).exists()


@pytest.mark.parametrize(
    "old", [("created_at",), ("created_at", "finished_at"), ("created_at", "heartbeat_at")]
)
def test_an_old_import_that_somebody_goes_on_with_is_not_forgotten(old, importer):
    job = importer.check(importer.upload("account", ROWS))
    _age(job, *old)
    jobs.remove_forgotten()
    assert ImportJob.objects.filter(pk=job.pk).exists()


def test_a_layout_that_a_worker_cannot_read_is_taken_back(importer, monkeypatch):
    job = importer.upload("account", "name,city\nsame,same\n")
    jobs.change_layout(job, changes={"delimiter": ","}, by=importer.by)
    monkeypatch.setattr(jobs, "QUICK_BYTES", 0)
    jobs.change_layout(job, changes={"heading_row": 2}, by=importer.by)
    assert (job.state, job.layout["heading_row"]) == (ImportState.READING, 2)
    tasks._work(str(job.pk), ImportState.READING, reading.read_upload)
    job.refresh_from_db()
    assert (job.state, "Two columns" in job.message) == (ImportState.MAPPING, True)
    assert (job.layout, job.facts["heading_row"]) == ({"delimiter": ","}, 1)


def test_a_layout_is_taken_back_when_its_reading_is_cancelled(importer, monkeypatch):
    from crm.transfer.services.endings import ask_to_cancel

    job = importer.upload("account", ROWS)
    monkeypatch.setattr(jobs, "QUICK_BYTES", 0)
    jobs.change_layout(job, changes={"encoding": "gb18030"}, by=importer.by)
    ask_to_cancel(job, by=importer.by)
    job.refresh_from_db()
    assert (job.state, job.layout) == (ImportState.MAPPING, {})


def test_an_old_page_does_not_change_the_layout_of_an_import_that_runs(importer, monkeypatch):
    job = importer.check(importer.upload("account", ROWS))
    stale = ImportJob.objects.get(pk=job.pk)
    jobs.start_run(job, by=importer.by)
    monkeypatch.setattr(jobs, "QUICK_BYTES", 0)
    with pytest.raises(Conflict):
        jobs.change_layout(stale, changes={"encoding": "utf-16"}, by=importer.by)
    assert ImportJob.objects.get(pk=job.pk).layout == {}


@pytest.fixture
def live_importer(live_workspace, tmp_path, settings):
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    with live_workspace.scope():
        yield Importer(live_workspace.owner)


def _run(job: ImportJob) -> ImportJob:
    ImportJob.objects.filter(pk=job.pk).update(state=ImportState.RUNNING)
    tasks._work(str(job.pk), ImportState.RUNNING, writing.write_rows)
    job.refresh_from_db()
    return job


@pytest.mark.django_db(transaction=True)
def test_a_choice_that_was_merged_after_the_check_does_not_stop_the_import(live_importer, monkeypatch):
    monkeypatch.setattr(checking, "CHUNK_ROWS", 3)
    first, second = PicklistItem.objects.filter(picklist="trade")[:2]
    rows = f"name,trade\nAcme,{second.label}\nBell,{second.label}\nCore,{first.label}\nDelta,{first.label}\n"
    job = live_importer.check(live_importer.upload("account", rows))
    merge_items("trade", merged=first.pk, into=second.pk, by=live_importer.by)
    _run(job)
    assert (job.state, job.message) == (ImportState.DONE, "")
    # What the person merged away stays merged: it is not made again.
    assert set(Account.objects.values_list("trade__label", flat=True)) == {second.label}
    assert Account.objects.count() == 4
    assert not PicklistItem.objects.filter(picklist="trade", label=first.label).exists()


@pytest.mark.django_db(transaction=True)
def test_a_record_that_was_deleted_after_the_check_does_not_stop_the_import(live_importer):
    known = create_record(record_type("account"), {"name": "Acme"}, by=live_importer.by).record
    job = live_importer.check(live_importer.upload("contact", "name,account\nAda,Acme\n"))
    Account.everything.filter(pk=known.pk).delete()
    assert _run(job).state == ImportState.DONE
    assert record_type("contact").model._default_manager.get().account_id is None


@pytest.mark.django_db(transaction=True)
def test_two_exports_at_once_are_one(live_importer, live_workspace):
    refused = []

    def second() -> None:
        try:
            with live_workspace.scope():
                exporting.start_export(by=live_importer.by)
        except Conflict as error:
            refused.append(str(error))
        finally:
            connections.close_all()

    other = threading.Thread(target=contextvars.Context().run, args=(second,))
    with transaction.atomic():
        exporting.start_export(by=live_importer.by)
        other.start()
        # It waits for this one's end, or has made another meanwhile.
        other.join(timeout=1)
    other.join()
    assert (len(refused), ExportJob.objects.count()) == (1, 1)


@pytest.mark.parametrize("path", ["/import/new/", "/settings/export/"])
def test_pages_of_a_form_know_two_verbs(path, workspace, client_of):
    client = client_of(workspace, workspace.owner)
    assert [client.get(path).status_code, client.head(path).status_code] == [200, 200]
    assert {getattr(client, verb)(path).status_code for verb in ("put", "patch", "delete")} == {405}
