"""How jobs end that do not end well: killed again and again, cancelled, broken, refused."""

import datetime as dt
from pathlib import Path

import pytest

from core.clock import now
from core.errors import Conflict
from crm.accounts.models import Account
from crm.activities.models import Notification
from crm.transfer import tasks
from crm.transfer.models import ExportJob, ExportState, ImportJob, ImportState, StagedRow
from crm.transfer.services import checking, endings, exporting, jobs, reading, writing
from crm.transfer.services.leases import LOST_AFTER, MOST_STARTS, Cancelled, LeaseLost, renew, take_lease

pytestmark = pytest.mark.django_db
ROWS = "name,city\nAcme,York\nBell,Hull\n"


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch):
    """A worker closes its connections between tasks; here that would end the test's own transaction."""
    monkeypatch.setattr("core.tenancy.tasks.close_old_connections", lambda: None)


def _die(job: object) -> None:
    """What is left of a job when its worker was killed long enough ago."""
    type(job).objects.filter(pk=job.pk).update(heartbeat_at=now() - 2 * LOST_AFTER)


def _state(job: ImportJob, state: ImportState, **more: object) -> ImportJob:
    ImportJob.objects.filter(pk=job.pk).update(state=state, **more)
    job.refresh_from_db()
    return job


def test_a_job_that_kills_its_worker_each_time_ends_with_a_sentence(importer, monkeypatch):
    monkeypatch.setattr(checking, "CHUNK_ROWS", 3)
    job = _state(importer.check(importer.upload("account", ROWS)), ImportState.RUNNING)
    lease = take_lease(job)
    assert len(writing.write_chunk(job, lease, importer.kind(job), 0)) == 1
    _die(job)
    for _each in range(MOST_STARTS):
        assert take_lease(job) is not None
        _die(job)
    tasks._work(str(job.pk), ImportState.RUNNING, writing.write_rows)
    job.refresh_from_db()
    assert (job.state, "not be enough memory" in job.message) == (ImportState.FAILED, True)
    assert Account.objects.count() == 1
    assert importer.undo(job).undo_report["counts"]["deleted"] == 1


def test_progress_gives_a_job_new_starts(importer, monkeypatch):
    monkeypatch.setattr(checking, "CHUNK_ROWS", 3)
    job = _state(importer.check(importer.upload("account", ROWS)), ImportState.RUNNING)
    for _each in range(MOST_STARTS):
        lease = take_lease(job)
        _die(job)
    writing.write_chunk(job, lease, importer.kind(job), 0)
    _die(job)
    tasks._work(str(job.pk), ImportState.RUNNING, writing.write_rows)
    assert ImportJob.objects.get(pk=job.pk).state == ImportState.DONE


def test_an_undo_that_fails_returns_the_import_to_where_it_stood(importer):
    job = _state(importer.whole("account", ROWS), ImportState.CANCELLED)
    jobs.start_undo(job, by=importer.by)

    def broken(job: ImportJob, lease: object) -> None:
        raise KeyError("a fault of ours")

    tasks._work(str(job.pk), ImportState.UNDOING, broken)
    job.refresh_from_db()
    assert (job.state, job.undone_by, bool(job.message)) == (ImportState.CANCELLED, importer.by, True)
    assert Account.objects.count() == 2
    told = Notification.objects.filter(kind=Notification.Kind.JOB).order_by("-created_at").first()
    assert "could not be taken back" in told.text


def test_whoever_asked_for_an_undo_may_be_gone(importer):
    job = importer.whole("account", ROWS)
    _state(job, ImportState.UNDOING, undo_of_state="done", undone_by=None, created_by=None)
    tasks._work(str(job.pk), ImportState.UNDOING, tasks.undoing.undo_import)
    job.refresh_from_db()
    assert (job.state, job.lease) == (ImportState.DONE, None)
    assert "is gone" in job.message


def test_the_undo_of_an_import_cannot_itself_be_undone_from_history(importer, workspace, client_of):
    from core.history.models import Transaction

    job = importer.undo(importer.whole("account", ROWS))
    batch = Transaction.objects.filter(undo_of=job.batch).values_list("batch", flat=True).first()
    answer = client_of(workspace, workspace.owner).post(f"/undo/{batch}/")
    assert answer.status_code == 403
    assert not Account.objects.exists()


def test_cancelling_while_a_file_is_read_forgets_the_file(importer, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "QUICK_BYTES", 0)
    monkeypatch.setattr("crm.transfer.services.files._TOLD_EVERY", 1)
    job = importer.upload("account", ROWS)
    lease = take_lease(job)
    endings.ask_to_cancel(job, by=importer.by)
    with pytest.raises(Cancelled):
        reading.read_upload(job, lease)
    endings.cancelled(job, lease)
    job.refresh_from_db()
    assert job.state == ImportState.CANCELLED
    assert not [path for path in Path(tmp_path).rglob("*") if path.is_file()]


def test_a_job_that_waits_for_a_worker_is_cancelled_at_once(importer):
    job = importer.upload("account", ROWS)
    jobs.start_check(job, by=importer.by)
    endings.ask_to_cancel(job, by=importer.by)
    assert ImportJob.objects.get(pk=job.pk).state == ImportState.MAPPING


def test_cancelling_a_file_that_is_read_anew_keeps_what_was_known(importer, monkeypatch):
    job = importer.upload("account", ROWS)
    monkeypatch.setattr(jobs, "QUICK_BYTES", 0)
    jobs.change_layout(job, changes={"encoding": "gb18030"}, by=importer.by)
    assert job.state == ImportState.READING
    endings.ask_to_cancel(job, by=importer.by)
    job.refresh_from_db()
    assert (job.state, job.facts["headings"]) == (ImportState.MAPPING, ["name", "city"])


def test_an_undo_is_not_cancelled(importer):
    job = _state(importer.whole("account", ROWS), ImportState.UNDOING)
    with pytest.raises(Conflict):
        endings.ask_to_cancel(job, by=importer.by)


def test_a_reader_that_lost_its_lease_changes_nothing(importer, monkeypatch):
    monkeypatch.setattr(jobs, "QUICK_BYTES", 0)
    job = importer.upload("account", ROWS)
    lease = take_lease(job)
    _die(job)
    assert take_lease(job)
    with pytest.raises(LeaseLost):
        reading.read_upload(job, lease)
    assert ImportJob.objects.get(pk=job.pk).state == ImportState.READING


def test_a_worker_that_lost_its_lease_clears_nothing_away(importer, tmp_path):
    job = _state(importer.check(importer.upload("account", ROWS)), ImportState.RUNNING)
    lease = take_lease(job)
    _die(job)
    assert take_lease(job)
    with pytest.raises(LeaseLost):
        endings.stopped(job, lease, "broken")
    assert jobs.path_of(job).exists()
    assert ImportJob.objects.get(pk=job.pk).state == ImportState.RUNNING


def test_a_mapping_sent_while_the_file_is_read_is_answered_in_words(
    importer, workspace, client_of, monkeypatch
):
    monkeypatch.setattr(jobs, "QUICK_BYTES", 0)
    job = importer.upload("account", ROWS)
    owner = client_of(workspace, workspace.owner)
    answer = owner.post(f"/import/{job.pk}/map/", {"column-0": "name"})
    assert (answer.status_code, b"further on" in answer.content) == (409, True)
    assert owner.get(f"/import/{job.pk}/").status_code == 200


def test_an_upload_that_nobody_reads_is_given_to_a_worker_again(importer, workspace, monkeypatch):
    monkeypatch.setattr(jobs, "QUICK_BYTES", 0)
    job = importer.upload("account", ROWS)
    # Without a first heartbeat nobody would miss the worker.
    assert ImportJob.objects.get(pk=job.pk).heartbeat_at is not None
    _die(job)
    sent = []
    monkeypatch.setattr(jobs, "_send", lambda job, step: sent.append((job.pk, step)))
    assert tasks.resume.run(workspace.schema) == 1
    assert sent == [(job.pk, "read")]


def test_folders_of_uploads_that_became_no_import_go_away(importer, tmp_path):
    import os

    job = importer.upload("account", ROWS)
    kept = jobs.path_of(job)
    orphan = kept.parent.with_name("0198f000-0000-7000-8000-000000000000")
    orphan.mkdir()
    (orphan / "file.csv").write_text("name\n")
    long_ago = (now() - dt.timedelta(days=1)).timestamp()
    for folder in (orphan, kept.parent):
        os.utime(folder, (long_ago, long_ago))
    assert jobs.remove_forgotten() == 1
    assert (orphan.exists(), kept.exists()) == (False, True)


def test_a_file_that_nobody_imports_is_forgotten_after_a_month(importer, tmp_path):
    old = importer.check(importer.upload("account", ROWS))
    kept = importer.upload("account", ROWS)
    long_ago = now() - jobs.WAITING_KEPT - dt.timedelta(days=1)
    touched = {"created_at": long_ago, "finished_at": long_ago, "heartbeat_at": long_ago}
    ImportJob.objects.filter(pk=old.pk).update(**touched)
    jobs.remove_forgotten()
    assert list(ImportJob.objects.all()) == [kept]
    assert not StagedRow.objects.exists()
    assert [path.parent.name for path in tmp_path.rglob("file.csv")] == [str(kept.pk)]


@pytest.fixture
def export(workspace, importer) -> ExportJob:
    return exporting.start_export(by=workspace.owner)


def test_only_one_worker_packs_an_export(export):
    assert take_lease(export) is not None
    assert take_lease(export) is None


def test_an_export_that_lost_its_lease_leaves_no_part_behind(export, tmp_path):
    lease = take_lease(export)
    _die(export)
    assert take_lease(export)
    with pytest.raises(LeaseLost):
        exporting.write_export(export, lease)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_export_that_breaks_is_told_and_leaves_no_part(export, workspace, tmp_path, monkeypatch):
    def full(*_rest: object) -> None:
        raise OSError("no space left on device")

    killed = exporting._folder(export)
    killed.mkdir(parents=True)
    (killed / "of-a-killed-worker.unfinished").write_bytes(b"PK")
    monkeypatch.setattr(exporting, "_write_csv", full)
    tasks.export.run(workspace.schema, str(export.pk))
    export.refresh_from_db()
    assert (export.state, export.lease, bool(export.message)) == (ExportState.FAILED, None, True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert "could not be made" in Notification.objects.get().text


def test_an_export_that_kills_its_worker_each_time_ends_with_a_sentence(export, workspace):
    for _each in range(MOST_STARTS):
        take_lease(export)
        _die(export)
    tasks.export.run(workspace.schema, str(export.pk))
    export.refresh_from_db()
    assert (export.state, "not be enough memory" in export.message) == (ExportState.FAILED, True)


def test_a_finished_export_is_told_to_who_asked(export, workspace):
    tasks.export.run(workspace.schema, str(export.pk))
    export.refresh_from_db()
    assert export.state == ExportState.DONE
    notice = Notification.objects.get()
    assert (notice.person, notice.url) == (workspace.owner, "/settings/export/")
    assert "is ready" in notice.text


def test_the_export_of_a_lost_worker_is_sent_again(export, workspace, monkeypatch):
    sent = []
    monkeypatch.setattr(exporting, "send_on_commit", lambda name, pk: sent.append((name, pk)))
    assert tasks.resume.run(workspace.schema) == 0
    take_lease(export)
    _die(export)
    assert tasks.resume.run(workspace.schema) == 1
    assert sent == [("transfer.export", str(export.pk))]


def test_renewing_says_when_somebody_cancelled(importer):
    job = _state(importer.upload("account", ROWS), ImportState.CHECKING)
    lease = take_lease(job)
    ImportJob.objects.filter(pk=job.pk).update(cancel_asked=True)
    with pytest.raises(Cancelled):
        renew(job, lease)
