"""An import whose worker is killed again and again writes every row once."""

import random
import subprocess
from collections.abc import Iterator

import pytest
from celery import current_app
from django.core.cache import caches

from core.clock import now
from core.history.models import Change
from core.records.models import SearchDocument
from crm.accounts.models import Contact
from crm.transfer.models import ImportJob, ImportState
from crm.transfer.services import jobs
from crm.transfer.services.leases import LOST_AFTER
from crm.transfer.services.sweeping import WORKING
from tests.importing import Importer
from tests.waiting import wait_until
from tests.working import real_worker

ROWS = 25_000
KILLS = 4
SEED = 20260101


def _file() -> str:
    rows = (f"Person {n},p{n}@many.example,+44 20 7946 {n:05d},Town {n % 97}" for n in range(ROWS))
    return "name,email,phone,city\n" + "\n".join(rows) + "\n"


def _resume(job: ImportJob) -> None:
    """What the sweep does once the dead worker has been silent for long enough."""
    ImportJob.objects.filter(pk=job.pk).update(heartbeat_at=now() - 2 * LOST_AFTER)
    job.refresh_from_db()
    if job.state in WORKING:
        jobs.send_again(job)


@pytest.fixture
def quiet_broker() -> Iterator[None]:
    """No task of another test, before and after."""
    current_app.control.purge()
    yield
    current_app.control.purge()
    caches["default"].clear()


def test_a_killed_import_writes_each_row_once(live_workspace, quiet_broker, tmp_path):
    dice = random.Random(SEED)
    log = tmp_path / "worker.log"
    with live_workspace.scope():
        importer = Importer(live_workspace.owner)
        job = importer.check(importer.upload("contact", _file()))
        jobs.start_run(job, by=live_workspace.owner)

        def state() -> str:
            return ImportJob.objects.values_list("state", flat=True).get(pk=job.pk)

        def leased() -> bool:
            return ImportJob.objects.filter(pk=job.pk, lease__isnull=False).exclude(lease=before).exists()

        for _kill_number in range(KILLS):
            before = ImportJob.objects.values_list("lease", flat=True).get(pk=job.pk)
            with real_worker(log) as process:
                wait_until(lambda: leased() or state() == ImportState.DONE, "a worker has taken the job", 60)
                moment = dice.uniform(0.0, 2.5)
                try:
                    process.wait(timeout=moment)
                except subprocess.TimeoutExpired:
                    pass
            _resume(job)
        with real_worker(log):
            wait_until(
                lambda: state() == ImportState.DONE, f"the import is done: {log.read_text()[-2000:]}", 120
            )

        _check_exactly_once(job)
        done = importer.undo(ImportJob.objects.get(pk=job.pk))
        assert (done.undo_report["counts"]["deleted"], Contact.everything.count()) == (ROWS, 0)
        assert not SearchDocument.objects.filter(record_type="contact").exists()


def _check_exactly_once(job: ImportJob) -> None:
    assert Contact.everything.count() == ROWS
    assert Contact.everything.values("mail").distinct().count() == ROWS
    assert SearchDocument.objects.filter(record_type="contact").count() == ROWS
    written = Change.objects.filter(relation=Contact._meta.db_table, op="I")
    assert written.count() == ROWS
    assert set(written.values_list("tx__batch", flat=True)) == {job.batch}
    ledger = job.chunks.filter(number__gte=0).order_by("number")
    assert [(chunk.number, chunk.indexed) for chunk in ledger] == [(0, True), (1, True), (2, True)]
    assert sum(chunk.created for chunk in ledger) == ROWS
