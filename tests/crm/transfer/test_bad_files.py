"""Files that cannot be imported get a sentence and leave nothing behind."""

import io
import zipfile
from pathlib import Path

import pytest
from django.utils.translation import override

from crm.transfer.models import ImportJob, StagedRow
from crm.transfer.services.files import BadFile

pytestmark = pytest.mark.django_db


def _zip(**files: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return body.getvalue()


def _bomb() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            for _block in range(500):
                file.write(b"0" * 1024 * 1024)
    return body.getvalue()


BAD = {
    "empty": ("rows.csv", b"", "This file is empty."),
    "blank": ("rows.csv", b"\xef\xbb\xbf \r\n\r\n", "This file is empty."),
    "only headings": ("rows.csv", b"name,city\n", "headings but no rows"),
    "pdf": ("rows.csv", b"%PDF-1.7 \x00\x01", "This is a PDF file."),
    "png": ("rows.xlsx", b"\x89PNG\r\n\x1a\n\x00\x00", "This is a PNG file."),
    "old excel": ("rows.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is a XLS file."),
    "binary": ("rows.csv", bytes(range(1, 9)) * 200, "characters that no text has"),
    "zero characters": ("rows.csv", b"name,city\nAcme,Le\x00eds\n", "characters that no text has"),
    "wrong ending": ("rows.docx", b"name\nAcme\n", "Choose a CSV or Excel file"),
    "text called excel": ("rows.xlsx", b"name\nAcme\n", "not an Excel file"),
    "archive called excel": ("rows.xlsx", _zip(letter=b"hello"), "This is an archive"),
    "damaged excel": ("rows.xlsx", b"PK\x03\x04" + b"\x00" * 200, "damaged"),
    "excel with nothing right": ("rows.xlsx", _zip(xl__workbook_xml=b"<x/>"), "This is an archive"),
    "duplicate headings": ("rows.csv", b"name,City,city\nAcme,Leeds,York\n", "Two columns are called"),
    "300 columns": (
        "rows.csv",
        (",".join(f"c{n}" for n in range(300)) + "\n" + "," * 299 + "x\n").encode(),
        "300 columns",
    ),
    "a cell of 10 MB": ("rows.csv", b"name\n" + b"x" * 10_000_000 + b"\n", "longer than a million"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_a_sentence(case, importer, tmp_path):
    name, content, sentence = BAD[case]
    if len(content) > 2 * 1024 * 1024:
        # Larger files are read by a worker; the reading itself is tried here.
        path = tmp_path / name
        path.write_bytes(content)
        from crm.transfer.services.files import inspect_file

        with pytest.raises(BadFile, match=sentence):
            inspect_file(path)
        return
    with pytest.raises(BadFile, match=sentence):
        importer.upload("account", content, name)
    assert not ImportJob.objects.exists()
    assert not StagedRow.objects.exists()
    assert not [path for path in Path(tmp_path).rglob("*") if path.is_file()]


def test_a_zip_bomb_is_not_unpacked(importer, tmp_path):
    with pytest.raises(BadFile, match="Unpacked, this file would be too large"):
        importer.upload("account", _bomb(), "rows.xlsx")
    assert not [path for path in Path(tmp_path).rglob("*") if path.is_file()]


def test_the_sentence_is_in_the_readers_language(importer):
    with override("zh-hans"), pytest.raises(BadFile, match="文件是空的"):
        importer.upload("account", b"", "rows.csv")


def test_a_large_bad_file_is_removed_by_the_worker(importer, tmp_path):
    from crm.transfer import tasks
    from crm.transfer.models import ImportState
    from crm.transfer.services import reading

    job = importer.upload("account", b"name\n" + b"x" * 3_000_000 + b"\n")
    assert job.state == ImportState.READING
    job.created_by = importer.by
    tasks._work(str(job.pk), ImportState.READING, reading.read_upload)
    job.refresh_from_db()
    assert (job.state, "million" in job.message) == (ImportState.FAILED, True)
    assert not [path for path in Path(tmp_path).rglob("*") if path.is_file()]


def test_rows_of_another_length_are_left_out_with_a_reason(importer):
    job = importer.check(
        importer.upload("account", 'name,city,phone\nAcme,Leeds\n"Bolt,York,01904 1"\nCore,Bath,0\n')
    )
    reasons = [reason for _number, reason, _cells in job.findings["bad"]]
    assert "2 cells, but there are 3 headings" in reasons[0]
    assert "The whole line stands in quotation marks" in reasons[1]
    assert job.findings["counts"]["error"] == 3


def test_a_file_over_the_limit_is_refused_while_it_arrives(workspace, client_of, settings):
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.GUANXI = {**settings.GUANXI, "UPLOAD_LIMIT_BYTES": 1024 * 1024}
    owner = client_of(workspace, workspace.owner)
    upload = SimpleUploadedFile("rows.csv", b"name\n" + b"x\n" * 1_000_000)
    answer = owner.post("/import/new/", {"type": "account", "file": upload})
    assert answer.status_code == 422
    assert b"larger than 1 MB" in answer.content
    assert not ImportJob.objects.exists()
