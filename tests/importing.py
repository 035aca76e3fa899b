"""Imports driven as the pages and the worker drive them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from core.records.types import record_type
from crm.transfer.models import ExportJob, ExportState, ImportJob, ImportState
from crm.transfer.rules.cells import HowWritten
from crm.transfer.services import checking, jobs, mapping, reading, undoing, writing
from crm.transfer.services.leases import take_lease

_ROOT = Path(__file__).resolve().parents[1]
_BESIDE = [_ROOT.parent / "shared", _ROOT.parent.parent / "shared"]  # of a checkout, of a work tree
SALES = next((each for each in _BESIDE if each.exists()), _BESIDE[0]) / "data" / "crm_sales"


@dataclass
class Importer:
    """One person's imports, each step called as its view or task would."""

    by: Any

    def upload(self, kind: str, content: bytes | str, name: str = "rows.csv") -> ImportJob:
        body = content.encode() if isinstance(content, str) else content
        job = jobs.start_import(kind=record_type(kind), upload=SimpleUploadedFile(name, body), by=self.by)
        return self.read(job) if name.endswith(".xlsx") else job

    def read(self, job: ImportJob) -> ImportJob:
        """What a worker does with a large file, and with Excel's."""
        return self._work(job, reading.read_upload)

    @staticmethod
    def kind(job: ImportJob) -> Any:
        """The record type that the job fills."""
        return record_type(job.record_type)

    def check(self, job: ImportJob) -> ImportJob:
        ImportJob.objects.filter(pk=job.pk).update(state=ImportState.CHECKING)
        return self._work(job, checking.check_rows)

    def map(self, job: ImportJob, targets: dict[str, str], **options: Any) -> ImportJob:
        """targets: heading → field."""
        chosen = {job.facts["headings"].index(heading): target for heading, target in targets.items()}
        existing = options.pop("existing", "update")
        mapping.set_mapping(job, targets=chosen, existing=existing, written=HowWritten(**options))
        return job

    def run(self, job: ImportJob) -> ImportJob:
        ImportJob.objects.filter(pk=job.pk).update(state=ImportState.RUNNING)
        return self._work(job, writing.write_rows)

    def undo(self, job: ImportJob) -> ImportJob:
        changed = {"state": ImportState.UNDOING, "undo_of_state": job.state, "undone_by": self.by}
        ImportJob.objects.filter(pk=job.pk).update(**changed)
        return self._work(job, undoing.undo_import)

    def whole(self, kind: str, content: bytes | str, name: str = "rows.csv") -> ImportJob:
        """Upload, check and run with what was guessed."""
        return self.run(self.check(self.upload(kind, content, name)))

    def _work(self, job: ImportJob, step: Callable[[ImportJob, Any], None]) -> ImportJob:
        job.refresh_from_db()
        lease = take_lease(job)
        assert lease is not None
        job.refresh_from_db()
        step(job, lease)
        job.refresh_from_db()
        return job


def jobs_of(person: Any) -> dict[str, Any]:
    """Ids of an import in each state that a route asks for, and of an export."""
    importer = Importer(person)
    mapping_one, checked, done = (importer.upload("account", "name\nOwn Ltd\n") for _each in range(3))
    ImportJob.objects.filter(pk=checked.pk).update(state=ImportState.CHECKED)
    ImportJob.objects.filter(pk=done.pk).update(state=ImportState.DONE, findings={"counts": {"error": 1}})
    jobs.error_path(done).write_text("name,why\n", encoding="utf-8")
    stored = default_storage.save("exports/one/workspace.zip", ContentFile(b"PK"))
    export = ExportJob.objects.create(created_by=person, state=ExportState.DONE, stored=stored)
    found = {"import_mapping": mapping_one, "import_checked": checked, "import_done": done, "export": export}
    return {name: job.pk for name, job in found.items()}
