"""Excel files that are larger inside than outside, oddly merged, or that break their reader."""

import subprocess
from pathlib import Path

import pytest

from crm.accounts.models import Account
from crm.transfer import tasks
from crm.transfer.models import ImportJob, ImportState
from crm.transfer.services import jobs, reading, sheet, sheets
from crm.transfer.services.files import BadFile
from tests.crm.transfer.workbooks import workbook

pytestmark = pytest.mark.django_db
TABLE = {"B1": "name", "C1": "city", "B2": "Acme", "C2": "York", "B3": "Bell", "C3": "Hull"}


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch):
    monkeypatch.setattr("core.tenancy.tasks.close_old_connections", lambda: None)


def _repeated(text: str, times: int) -> bytes:
    return workbook({"A1": "name", **{f"A{row}": "" for row in range(2, times + 2)}}, shared=text)


def _read(job: ImportJob) -> ImportJob:
    tasks._work(str(job.pk), ImportState.READING, reading.read_upload)
    job.refresh_from_db()
    return job


def _start(importer, body: bytes, name: str = "rows.xlsx") -> ImportJob:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from core.records.types import record_type

    upload = SimpleUploadedFile(name, body)
    return jobs.start_import(kind=record_type("account"), upload=upload, by=importer.by)


@pytest.mark.parametrize("name", ["rows.xlsx", "rows.csv"])
def test_a_request_never_reads_a_workbook(name, importer, monkeypatch):
    def never(*_rest: object) -> None:
        raise AssertionError("a request has read a workbook")

    with monkeypatch.context() as patched:
        patched.setattr("crm.transfer.services.files.unpack_sheet", never)
        job = _start(importer, workbook(TABLE), name)
        assert job.state == ImportState.READING
    assert _read(job).state == ImportState.MAPPING
    monkeypatch.setattr("crm.transfer.services.files.unpack_sheet", never)
    jobs.change_layout(job, changes={"heading_row": 2}, by=importer.by)
    assert job.state == ImportState.READING


def test_a_cell_longer_than_excel_allows_is_refused(importer, tmp_path):
    body = _repeated("x" * 100_000, 2_000)
    assert len(body) < 20_000
    job = _read(_start(importer, body))
    assert (job.state, "longer than Excel allows" in job.message) == (ImportState.FAILED, True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_cells_as_long_as_excel_allows_are_read(importer):
    assert _read(_start(importer, _repeated("x" * sheet.LONGEST_CELL, 2))).total == 2


def test_a_small_workbook_does_not_become_a_huge_table(importer, tmp_path):
    job = _read(_start(importer, _repeated("x" * sheet.LONGEST_CELL, 7_000)))
    assert (job.state, "too large" in job.message) == (ImportState.FAILED, True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("merged", ["A2:A3", "F2:F3", "B7:B9", "A2:A9"])
def test_merged_cells_beside_the_table_change_nothing(merged, importer):
    job = importer.whole("account", workbook(TABLE, merged=merged), "rows.xlsx")
    assert (job.state, job.findings["counts"]) == (ImportState.DONE, {"new": 2})
    assert set(Account.objects.values_list("name", "city")) == {("Acme", "York"), ("Bell", "Hull")}


def test_merged_cells_of_the_table_hold_for_each_row_wherever_it_stands(importer):
    cells = {"B4": "name", "C4": "city", "B5": "Acme", "C5": "York", "B6": "Bell"}
    importer.whole("account", workbook(cells, merged="C5:C6"), "rows.xlsx")
    assert set(Account.objects.values_list("name", "city")) == {("Acme", "York"), ("Bell", "York")}


def _ends_with(monkeypatch, status: int, said: str) -> None:
    ended = subprocess.CompletedProcess([], status, stdout="", stderr=said)
    monkeypatch.setattr(sheets.subprocess, "run", lambda *_rest, **_more: ended)


def test_a_reader_that_breaks_is_logged_and_told_as_our_failure(importer, monkeypatch, caplog):
    job = _start(importer, workbook(TABLE))
    _ends_with(monkeypatch, 1, "Traceback …\nKeyError: 'a fault of ours'\n")
    _read(job)
    assert (job.state, "on our side" in job.message) == (ImportState.FAILED, True)
    assert "a fault of ours" in caplog.text


@pytest.mark.parametrize(
    ("status", "said"),
    [(3, "large"), (-6, "memory allocation of 4294967296 bytes failed\n"), (-24, "")],
)
def test_a_reader_that_ran_out_of_memory_or_time_says_so(status, said, tmp_path, monkeypatch):
    path = Path(tmp_path) / "file.xlsx"
    path.write_bytes(workbook(TABLE))
    _ends_with(monkeypatch, status, said)
    with pytest.raises(BadFile, match="too large"):
        sheets.unpack_sheet(path, None)
