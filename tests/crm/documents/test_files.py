"""Files on records: what is taken, how it is served, who gets it."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import DomainError, NotAllowed
from core.history.undo import undo
from core.records.types import record_type
from core.records.writing import bin_records, create_record
from crm.documents.models import Attachment
from crm.documents.rules import NAME_LENGTH, clean_name, media_type_of
from crm.documents.services import attach_file, bin_attachment
from tenants.people.models import User

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("..", "file"),
        ("", "file"),
        ("a\r\nX-Evil: 1.pdf", "aX-Evil: 1.pdf"),
        ("\u202egnp.exe", "gnp.exe"),
        ("报价单.xlsx", "报价单.xlsx"),
        ("  two   words .txt ", "two words .txt"),
    ],
)
def test_a_name_keeps_nothing_that_could_do_harm(given, kept):
    assert clean_name(given) == kept


def test_a_name_of_ten_megabytes_is_cut_and_keeps_its_extension():
    name = clean_name("x" * 10_000_000 + ".pdf")
    assert (len(name), name.endswith(".pdf")) == (NAME_LENGTH, True)


@pytest.mark.parametrize(
    ("head", "name", "media_type"),
    [
        (PNG, "a.txt", "image/png"),
        (b"%PDF-1.7", "a.png", "application/pdf"),
        (b"PK\x03\x04....", "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"PK\x03\x04....", "a.png", "application/zip"),
        (SVG, "a.png", "text/plain"),
        (b"<html><script>", "a.jpg", "text/plain"),
        (b"MZ\x90\0", "a.jpg", "application/octet-stream"),
        ("报价".encode(), "a.csv", "text/plain"),
    ],
)
def test_the_content_says_what_a_file_is(head, name, media_type):
    assert media_type_of(head, name) == media_type


@pytest.fixture
def account(workspace):
    return create_record(record_type("account"), {"name": "Northgate"}, by=workspace.owner).record


@pytest.fixture
def attach(workspace, account):
    def make(content: bytes = PNG, name: str = "a.png") -> Attachment:
        upload = SimpleUploadedFile(name, content, content_type="image/png")
        return attach_file(account, upload=upload, by=workspace.owner).record

    return make


@pytest.mark.django_db
def test_a_file_goes_up_and_comes_down_as_it_was(workspace, account, client_of):
    client = client_of(workspace, workspace.owner)
    upload = SimpleUploadedFile("../Plan “v2”.pdf", b"%PDF-1.7 body", content_type="text/html")
    answer = client.post(f"/files/accounts/{account.pk}/add/", {"file": upload}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 204
    attachment = Attachment.objects.get()
    assert (attachment.name, attachment.media_type, attachment.size_bytes) == (
        "Plan “v2”.pdf",
        "application/pdf",
        13,
    )
    assert Path(attachment.file.path).parts[-5] == workspace.schema
    assert "Plan" not in attachment.file.name
    answer = client.get(f"/files/{attachment.pk}/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 body"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert b"Plan" in client.get(f"/accounts/{account.pk}/tab/files/").content


@pytest.mark.django_db
def test_a_picture_is_shown_and_a_drawing_with_a_script_is_not(workspace, attach, client_of):
    client = client_of(workspace, workspace.owner)
    picture = client.get(f"/files/{attach().pk}/preview/")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    drawing = attach(SVG, "a.svg")
    assert client.get(f"/files/{drawing.pk}/preview/").status_code == 404
    answer = client.get(f"/files/{drawing.pk}/")
    assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.django_db
def test_an_empty_file_is_refused(workspace, account, client_of):
    client = client_of(workspace, workspace.owner)
    upload = SimpleUploadedFile("a.txt", b"")
    answer = client.post(f"/files/accounts/{account.pk}/add/", {"file": upload}, HTTP_HX_REQUEST="true")
    assert (answer.status_code, Attachment.objects.count()) == (422, 0)


@pytest.mark.django_db
def test_a_file_over_the_limit_is_refused_with_a_sentence(workspace, account, settings):
    settings.GUANXI = {**settings.GUANXI, "UPLOAD_LIMIT_BYTES": 1024 * 1024}
    upload = SimpleUploadedFile("a.bin", b"x" * (1024 * 1024 + 1))
    with pytest.raises(DomainError, match="1 MB"):
        attach_file(account, upload=upload, by=workspace.owner)
    exact = SimpleUploadedFile("a.bin", b"x" * (1024 * 1024))
    assert attach_file(account, upload=exact, by=workspace.owner).record.size_bytes == 1024 * 1024


@pytest.mark.django_db
def test_a_deleted_file_is_gone_until_it_is_undone(workspace, attach, client_of):
    attachment = attach()
    client = client_of(workspace, workspace.owner)
    written = bin_attachment(attachment, by=workspace.owner)
    assert client.get(f"/files/{attachment.pk}/").status_code == 404
    undo(written.batch, by=workspace.owner)
    answer = client.get(f"/files/{attachment.pk}/")
    assert b"".join(answer.streaming_content) == PNG


@pytest.mark.django_db
def test_a_file_goes_with_its_record(workspace, account, attach, client_of):
    attachment = attach()
    bin_records(record_type("account"), [account.pk], by=workspace.owner)
    assert client_of(workspace, workspace.owner).get(f"/files/{attachment.pk}/").status_code == 404


@pytest.mark.django_db
def test_others_files_are_not_mine_to_delete(workspace, attach):
    colleague = User.objects.create_user("tom@test.example", "x" * 12, name="Tom")
    with pytest.raises(NotAllowed):
        bin_attachment(attach(), by=colleague)


@pytest.mark.django_db
def test_a_file_in_the_composer_stands_with_its_note(workspace, account, client_of):
    client = client_of(workspace, workspace.owner)
    data = {"kind": "note", "text": "See the plan", "file": SimpleUploadedFile("plan.png", PNG)}
    assert client.post(f"/timeline/accounts/{account.pk}/add/", data).status_code == 302
    attachment = Attachment.objects.get()
    page = client.get(f"/accounts/{account.pk}/").content.decode()
    assert f'href="/files/{attachment.pk}/"' in page


@pytest.mark.django_db
def test_a_note_with_a_bad_file_is_not_half_kept(workspace, account, client_of):
    client = client_of(workspace, workspace.owner)
    data = {"kind": "note", "text": "See", "file": SimpleUploadedFile("plan.png", b"")}
    assert client.post(f"/timeline/accounts/{account.pk}/add/", data).status_code == 422
    assert b"See<" not in client.get(f"/accounts/{account.pk}/").content
