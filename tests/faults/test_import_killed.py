"""Imports, undos and exports whose workers are killed again and again do their work once."""

import os
import random
import zipfile
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from core.history.models import Change
from core.records.models import SearchDocument
from core.records.types import record_type
from core.records.writing import create_record, update_record
from crm.accounts.models import Account, Contact
from crm.transfer.models import ExportState, ImportJob, ImportState, StagedRow
from crm.transfer.services import exporting, jobs
from crm.transfer.services.checking import CHUNK_ROWS
from crm.transfer.services.leases import MOST_STARTS
from crm.transfer.services.sweeping import PACKING, WORKING
from tests.faults.killing import quiet_broker, survive  # noqa: F401
from tests.importing import Importer

ROWS = 25_000
KILLS = MOST_STARTS - 1
SEED = 20260101


def _file() -> str:
    rows = (f"Person {n},p{n}@many.example,+44 20 7946 {n:05d},Town {n % 97}" for n in range(ROWS))
    return "name,email,phone,city\n" + "\n".join(rows) + "\n"


def _values(model: Any, *but: str) -> list[dict[str, Any]]:
    """All rows without the columns that tell when they were written."""
    left_out = {"updated_at", *but}
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in left_out]
    return list(model.everything.order_by("pk").values(*names))


def test_a_killed_import_and_its_killed_undo_happen_once(live_workspace, quiet_broker, tmp_path):  # noqa: F811
    dice = random.Random(SEED)
    log = tmp_path / "worker.log"
    with live_workspace.scope():
        importer = Importer(live_workspace.owner)
        known = _known_contacts(live_workspace.owner)
        before = _values(Contact)
        job = importer.check(importer.upload("contact", _file()))
        jobs.start_run(job, by=live_workspace.owner)
        killed = survive(job, WORKING, jobs.send_again, log, kills=KILLS, dice=dice, longest_seconds=2.5)
        assert killed > 0
        job.refresh_from_db()
        assert job.state == ImportState.DONE, log.read_text()[-2000:]
        _check_exactly_once(job, known)

        jobs.start_undo(job, by=live_workspace.owner)
        killed = survive(job, WORKING, jobs.send_again, log, kills=KILLS, dice=dice, longest_seconds=2.5)
        assert killed > 0
        job.refresh_from_db()
        assert job.state == ImportState.UNDONE, log.read_text()[-2000:]
        assert _values(Contact) == before
        assert SearchDocument.objects.filter(record_type="contact").count() == known
        # What a worker that was killed at its very end has left is the sweep's.
        for folder in Path(default_storage.path("imports")).glob("*"):
            os.utime(folder, (0, 0))
        jobs.remove_forgotten()
        assert not StagedRow.objects.exists()


def _known_contacts(owner: Any) -> int:
    """Contacts whom the file brings as well, with other values."""
    for number in (3, 12_345, 24_999):
        values = {"name": f"Person {number}", "mail": f"p{number}@many.example", "city": "Elsewhere"}
        contact = create_record(record_type("contact"), values, by=owner).record
    update_record(record_type("contact"), contact, {"job_title": "Buyer"}, by=owner)
    return 3


def _check_exactly_once(job: ImportJob, known: int) -> None:
    assert Contact.everything.count() == ROWS
    assert Contact.everything.values("mail").distinct().count() == ROWS
    assert not Contact.everything.filter(city="Elsewhere").exists()
    assert SearchDocument.objects.filter(record_type="contact").count() == ROWS
    written = Change.objects.filter(relation=Contact._meta.db_table, tx__batch=job.batch)
    assert {op: written.filter(op=op).count() for op in "IUD"} == {"I": ROWS - known, "U": known, "D": 0}
    ledger = job.chunks.filter(number__gte=0).order_by("number")
    chunks = range((ROWS + 1) // CHUNK_ROWS + 1)
    assert [(chunk.number, chunk.indexed) for chunk in ledger] == [(number, True) for number in chunks]
    assert sum(chunk.created for chunk in ledger) == ROWS - known


def test_a_killed_dry_run_finds_the_same(live_workspace, quiet_broker, tmp_path):  # noqa: F811
    with live_workspace.scope():
        importer = Importer(live_workspace.owner)
        job = importer.upload("contact", _file())
        jobs.start_check(job, by=live_workspace.owner)
        dice = random.Random(SEED)
        killed = survive(
            job, WORKING, jobs.send_again, tmp_path / "log", kills=2, dice=dice, longest_seconds=2.0
        )
        assert killed > 0
        job.refresh_from_db()
        assert (job.state, job.findings["counts"]) == (ImportState.CHECKED, {"new": ROWS})
        assert StagedRow.objects.filter(job_id=job.pk).count() == job.staged == ROWS


def test_a_killed_export_is_whole_and_leaves_no_part(live_workspace, quiet_broker, tmp_path):  # noqa: F811
    with live_workspace.scope():
        importer = Importer(live_workspace.owner)
        importer.whole("account", "name\n" + "".join(f"Firm {number}\n" for number in range(6000)))
        job = exporting.start_export(by=live_workspace.owner)
        dice = random.Random(SEED)
        log = tmp_path / "worker.log"
        killed = survive(job, PACKING, exporting.send_again, log, kills=KILLS, dice=dice, longest_seconds=0.6)
        assert killed > 0
        job.refresh_from_db()
        assert job.state == ExportState.DONE, log.read_text()[-2000:]
        with zipfile.ZipFile(default_storage.open(job.stored)) as archive:
            assert archive.testzip() is None
            rows = archive.read("accounts.csv").decode().count("\n") - 1
        assert rows == Account.objects.count() == 6000
        assert [each.name for each in exporting._folder(job).iterdir()] == ["workspace.zip"]
