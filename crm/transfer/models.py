"""Imports and exports as jobs, and the one staging table that all imports share."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.choices import TextChoices
from core.clock import now
from core.ids import uuid7
from core.tenancy.models import TenantModel


class ImportState(TextChoices):
    """The life of an import. The three that end in -ing have a worker."""

    READING = "reading", _("Reading the file")
    MAPPING = "mapping", _("Waiting for its fields")
    CHECKING = "checking", _("Checking")
    CHECKED = "checked", _("Checked")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class Existing(TextChoices):
    """What to do with a row whose record exists. An empty cell never empties a field."""

    UPDATE = "update", _("Update the fields that differ")
    FILL = "fill", _("Fill only empty fields")
    SKIP = "skip", _("Skip the row")


class LeasedJob(TenantModel):
    """Work that one worker at a time may do; see services.leases.

    lease: the worker run that may write; heartbeat_at: when it last said so (UTC). starts: how often a
    worker has begun since the last progress that stays.
    """

    lease = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    starts = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True


class ImportJob(LeasedJob):
    """One file on its way into one record type.

    stored: the file's name in the tenant's storage. layout: how a person says the file is to be read,
    former_layout: what holds again when it cannot be read so, facts: what reading it found out (see
    services.files). mapping: column index (as text) → target. reading: how values are written (see
    services.mapping). answers: field → text of the file → decision about it. findings: of the dry run (see
    services.findings). written_columns: those that updates may write. batch: of history, for the undo.
    undo_of_state: where the import stood before its undo began, undone_by: who asked for that. total, done:
    rows. staged: rows that wait to be written, None before they are all there.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record_type = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    stored = models.CharField(max_length=300, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.READING)
    language = models.CharField(max_length=10, default="en")
    layout = models.JSONField(default=dict, db_default={})
    former_layout = models.JSONField(null=True)
    facts = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    reading = models.JSONField(default=dict)
    existing = models.CharField(max_length=8, choices=Existing, default=Existing.UPDATE)
    answers = models.JSONField(default=dict)
    findings = models.JSONField(default=dict)
    written_columns = models.JSONField(default=list)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    staged = models.IntegerField(null=True)
    staged_at = models.DateTimeField(null=True)
    batch = models.UUIDField(default=uuid7, editable=False)
    cancel_asked = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    message = models.TextField(blank=True)
    undo_report = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undo_of_state = models.CharField(max_length=10, blank=True, default="", db_default="")
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="import_by_time")]

    def __str__(self) -> str:
        return self.file_name


class ImportChunk(models.Model):
    """The ledger: a chunk that is written. It commits with the chunk's rows, or not at all.

    number: from 0; LINKS for the pass that joins rows of one file. indexed: its search documents exist.
    """

    LINKS = -1

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="chunks")
    number = models.IntegerField()
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    indexed = models.BooleanField(default=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="one_ledger_row_a_chunk")]


class StagedRow(models.Model):
    """A row of a file, read and resolved, waiting to be written. The table is unlogged: after a crash of
    the database it is empty, and the file is read again.

    number: of the row in the file, the headings being 1. action: 'n' new, 'u' update, '-' only links.
    values: by column; of an update only what changes. later: by column, the sort key of a record that
    this same file brings.
    """

    job_id = models.UUIDField()
    number = models.IntegerField()
    action = models.CharField(max_length=1)
    record_id = models.UUIDField()
    values = models.JSONField(default=dict)
    later = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["job_id", "number"], name="staged_by_row")]


class ExportState(TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class ExportJob(LeasedJob):
    """The whole workspace as a zip, for the person who asked. stored: '' until done and after a week."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=8, choices=ExportState, default=ExportState.WAITING)
    language = models.CharField(max_length=10, default="en")
    stored = models.CharField(max_length=300, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    message = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True)
