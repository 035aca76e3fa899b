"""Workers that die, or are taken for dead, at the worst of moments."""

import os
import threading

import pytest
from django.db import InterfaceError

from core.clock import now
from crm.accounts.models import Account
from crm.transfer import tasks
from crm.transfer.models import ImportJob, ImportState, StagedRow
from crm.transfer.services import checking, endings, jobs, leases, staging, undoing, writing
from crm.transfer.services.leases import LOST_AFTER, LeaseLost, take_lease

pytestmark = pytest.mark.django_db
ROWS = "name,city\nAcme,York\nBell,Hull\n"


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch):
    monkeypatch.setattr("core.tenancy.tasks.close_old_connections", lambda: None)


def _die(*_rest: object, **_more: object) -> None:
    raise Killed


def _lose(job: ImportJob) -> None:
    ImportJob.objects.filter(pk=job.pk).update(heartbeat_at=now() - 2 * LOST_AFTER)


def _running(importer, rows: str = ROWS) -> ImportJob:
    job = importer.check(importer.upload("account", rows))
    ImportJob.objects.filter(pk=job.pk).update(state=ImportState.RUNNING)
    job.refresh_from_db()
    return job


def _killed_in(job: ImportJob, monkeypatch, place: object, name: str, step: tasks.Step) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(place, name, _die)
        with pytest.raises(Killed):
            tasks._work(str(job.pk), ImportState(job.state), step)
    _lose(job)


def test_an_import_whose_worker_died_before_it_said_so_is_done(importer, monkeypatch):
    job = _running(importer)
    _killed_in(job, monkeypatch, endings, "give_back", writing.write_rows)
    tasks._work(str(job.pk), ImportState.RUNNING, writing.write_rows)
    job.refresh_from_db()
    assert (job.state, job.message, Account.objects.count()) == (ImportState.DONE, "", 2)


def test_an_import_whose_worker_died_while_it_cleared_away_is_done_and_the_sweep_clears(
    importer, monkeypatch, tmp_path
):
    job = _running(importer)
    _killed_in(job, monkeypatch, endings, "clear_away", writing.write_rows)
    job.refresh_from_db()
    assert job.state == ImportState.DONE
    folder = jobs.path_of(job).parent
    jobs.error_path(job).write_text("name\n")
    long_ago = now().timestamp() - 24 * 3600
    os.utime(folder, (long_ago, long_ago))
    jobs.remove_forgotten()
    assert [each.name for each in folder.iterdir()] == ["errors.csv"]
    assert not StagedRow.objects.exists()


def test_an_undo_whose_worker_died_is_told_whole(importer, monkeypatch):
    job = importer.whole("account", ROWS)
    jobs.start_undo(job, by=importer.by)
    _killed_in(job, monkeypatch, undoing, "give_back", undoing.undo_import)
    tasks._work(str(job.pk), ImportState.UNDOING, undoing.undo_import)
    job.refresh_from_db()
    assert (job.state, job.undo_report["counts"]["deleted"]) == (ImportState.UNDONE, 2)
    assert not Account.objects.exists()


def test_an_undo_that_lost_its_lease_changes_nothing(importer):
    job = importer.whole("account", ROWS)
    jobs.start_undo(job, by=importer.by)
    lease = take_lease(job)
    _lose(job)
    assert take_lease(job)
    with pytest.raises(LeaseLost):
        undoing.undo_import(job, lease)
    assert Account.objects.count() == 2


def test_a_worker_that_lost_its_lease_leaves_its_successors_error_file(importer, monkeypatch):
    monkeypatch.setattr(staging, "BLOCK_ROWS", 2)
    rows = "name,mail\n" + "".join(f"Acme{number},bad-mail\n" for number in range(6))
    job = importer.map(importer.upload("account", rows), {"name": "name", "mail": "mail"})
    ImportJob.objects.filter(pk=job.pk).update(state=ImportState.CHECKING)
    renew, calls = checking.renew, []

    def stall(*arguments: object, **progress: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            # Silent in the middle of the file: another worker does all of it.
            _lose(job)
            tasks._work(str(job.pk), ImportState.CHECKING, checking.check_rows)
        renew(*arguments, **progress)

    monkeypatch.setattr(checking, "renew", stall)
    tasks._work(str(job.pk), ImportState.CHECKING, checking.check_rows)
    job.refresh_from_db()
    assert (job.state, job.findings["counts"]) == (ImportState.CHECKED, {"error": 6})
    assert len(jobs.error_path(job).read_text("utf-8-sig").splitlines()) == 7
    assert [each.name for each in jobs.path_of(job).parent.glob("errors*")] == ["errors.csv"]


def test_a_worker_that_lost_its_lease_forgets_no_staged_rows(importer):
    job = _running(importer)
    staged = set(StagedRow.objects.values_list("pk", flat=True))
    lease = take_lease(job)
    _lose(job)
    assert take_lease(job)
    with pytest.raises(LeaseLost):
        checking.stage(job, lease, reports_progress=False)
    assert set(StagedRow.objects.values_list("pk", flat=True)) == staged


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_chunk_is_not_written_without_the_lease(when, importer, monkeypatch):
    job = _running(importer)
    lease = take_lease(job)

    def taken_over(*_rest: object) -> list[object]:
        _lose(job)
        assert take_lease(job)
        return []

    if when == "before":
        taken_over()
    else:
        monkeypatch.setattr(writing, "update_staged", taken_over)
    with pytest.raises(LeaseLost):
        writing.write_chunk(job, lease, importer.kind(job), 0)
    assert (Account.objects.count(), job.chunks.count()) == (0, 0)


def test_a_heart_goes_on_beating_when_the_connection_is_gone(importer, monkeypatch):
    over, beats = threading.Event(), []

    class Broken:
        def filter(self, **_rest: object) -> object:
            beats.append(1)
            if len(beats) == 2:
                over.set()
            raise InterfaceError("connection already closed")

    monkeypatch.setattr(leases, "BEAT_SECONDS", 0)
    monkeypatch.setattr(leases, "_jobs", lambda _job: Broken())
    monkeypatch.setattr(leases.connections, "close_all", lambda: None)
    leases._beat(ImportJob(), leases.uuid7(), over)
    assert len(beats) == 2
