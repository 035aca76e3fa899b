"""The whole workspace as a zip, for who asked for it."""

import csv
import io
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from core.errors import Conflict
from core.records.types import record_type
from core.records.writing import create_record
from crm.transfer.models import ExportJob, ExportState
from crm.transfer.services.exporting import other_models, remove_expired, start_export, write_export
from crm.transfer.services.leases import take_lease
from tenants.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(importer, workspace):
    """The zip of a workspace with a few records, and the job that made it."""
    owner = workspace.owner
    account = create_record(record_type("account"), {"name": "=cmd|calc", "city": "宁波"}, by=owner).record
    create_record(record_type("contact"), {"name": "Ada", "account_id": account.pk}, by=owner)
    owner.avatar = default_storage.save("avatars/face.png", ContentFile(b"picture"))
    owner.save()
    job = start_export(by=owner)
    write_export(job, take_lease(job))
    job.refresh_from_db()
    return job, zipfile.ZipFile(default_storage.open(job.stored))


def _rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8-sig", newline="")))


def test_it_holds_each_kind_of_record_the_other_tables_and_files(archive, workspace):
    _job, zipped = archive
    names = set(zipped.namelist())
    assert {"accounts.csv", "contacts.csv", "opportunities.csv", "products.csv", "people.csv"} <= names
    assert {"tables/customize_picklistitem.csv", "tables/opportunities_stage.csv"} <= names
    assert "tables/activities_activity.csv" in names
    assert zipped.read(f"files/people_user/{workspace.owner.pk}/face.png") == b"picture"
    [account] = _rows(zipped, "accounts.csv")
    assert (account["Name"], account["City"], account["Owner"]) == ("'=cmd|calc", "宁波", "Olive Owner")
    [contact] = _rows(zipped, "contacts.csv")
    assert contact["Account (id)"] == account["id"]


def test_no_secret_leaves_the_house(archive):
    _job, zipped = archive
    everything = b"".join(zipped.read(name) for name in zipped.namelist())
    assert User.objects.get().password.encode() not in everything
    tables = {model._meta.db_table for model in other_models()}
    assert not tables & {"people_entrycode", "django_session", "mfa_authenticator", "account_emailaddress"}
    assert "token_hash" not in _rows_heading(zipped, "tables/people_invitation.csv")


def _rows_heading(archive: zipfile.ZipFile, name: str) -> list[str]:
    return next(csv.reader(io.TextIOWrapper(archive.open(name), "utf-8-sig", newline="")))


def test_only_who_asked_can_download_it(archive, workspace, client_of):
    job, _zipped = archive
    admin = User.objects.create_user("a@x.example", "correct horse battery", name="Ann", role="admin")
    address = f"/settings/export/{job.pk}/workspace.zip"
    assert client_of(workspace, admin).get(address).status_code == 404
    answer = client_of(workspace, workspace.owner).get(address)
    assert (answer.status_code, b"".join(answer.streaming_content)[:2]) == (200, b"PK")


def test_one_export_at_a_time(workspace, importer):
    start_export(by=workspace.owner)
    with pytest.raises(Conflict):
        start_export(by=workspace.owner)


def test_an_old_archive_is_removed(archive):
    job, _zipped = archive
    ExportJob.objects.update(created_at="2020-01-01T00:00Z")
    assert remove_expired() == 1
    assert not default_storage.exists(job.stored)
    assert ExportJob.objects.get().state == ExportState.DONE
