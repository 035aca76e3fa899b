"""A backup of the whole installation, restored beside the living one."""

import os
import secrets
import tarfile
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connections

from config.backup import BackupFailed, restore_backup, write_backup
from crm.accounts.models import Account

pytestmark = pytest.mark.django_db(transaction=True)


def _into(variable: str, database: str) -> str:
    return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{database}"))


@pytest.fixture
def copy_name():
    name = f"guanxi_restored_{secrets.token_hex(4)}"
    yield name
    server = psycopg2.connect(os.environ["GUANXI_SUPERUSER_URL"])
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    server.close()


def test_what_was_backed_up_is_there_again_and_as_closed_as_before(live_workspace, tmp_path, copy_name):
    with live_workspace.scope():
        Account.objects.create(name="Kept", name_key="kept")
        stored = default_storage.save("attachments/kept.txt", ContentFile(b"kept"))
    archive = tmp_path / "all.tar"
    database = connections["default"].settings_dict["NAME"]
    superuser = os.environ["GUANXI_SUPERUSER_URL"]
    assert write_backup(archive, superuser_url=superuser, database=database) == archive.stat().st_size
    assert archive.stat().st_mode & 0o077 == 0

    web = _into("DATABASE_URL", copy_name)
    urls = {
        "superuser_url": superuser,
        "web_url": web,
        "migrator_url": _into("MIGRATOR_DATABASE_URL", copy_name),
        "files_to": tmp_path / "restored",
    }
    assert restore_backup(archive, **urls) >= 1
    assert (tmp_path / "restored" / live_workspace.schema / stored).read_bytes() == b"kept"
    with psycopg2.connect(web) as connection, connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {live_workspace.schema}")
        cursor.execute(f"SET search_path = {live_workspace.schema}, extensions")
        cursor.execute("SELECT name FROM accounts_account")
        assert cursor.fetchall() == [("Kept",)]
        cursor.execute("SELECT count(*) FROM hist_change")
        assert cursor.fetchone()[0] > 0
        cursor.execute("INSERT INTO accounts_account (id, name, name_key, stage, phone, mail, website, street,"
                       " city, postcode, country, tax_id, description) VALUES (gen_random_uuid(), 'New', 'new',"
                       " 'prospect', '', '', '', '', '', '', '', '', '')")  # fmt: skip
        with pytest.raises(psycopg2.Error):
            cursor.execute("DELETE FROM hist_change")
    with pytest.raises(BackupFailed, match="exists"):
        restore_backup(archive, **urls)
    assert settings.GUANXI["STATE"].exists()


def test_a_backup_that_fails_leaves_no_half_file(tmp_path):
    with pytest.raises(BackupFailed):
        write_backup(
            tmp_path / "all.tar",
            superuser_url=os.environ["GUANXI_SUPERUSER_URL"],
            database="no_such_database",
        )
    assert list(tmp_path.iterdir()) == []


def test_an_archive_is_closed_while_it_is_written_and_gone_when_that_fails(tmp_path, monkeypatch):
    left = tmp_path / "all.tar.unfinished"
    left.write_bytes(b"of a run that was killed")
    left.chmod(0o644)
    modes = []

    def fill_up(*_args, **_options):
        modes.append(left.stat().st_mode & 0o777)
        raise OSError("No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "add", fill_up)
    with pytest.raises(OSError, match="No space"):
        write_backup(
            tmp_path / "all.tar",
            superuser_url=os.environ["GUANXI_SUPERUSER_URL"],
            database=connections["default"].settings_dict["NAME"],
        )
    assert modes == [0o600]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["above", "absolute", "link"])
def test_an_archive_that_reaches_out_of_its_folder_is_refused(tmp_path, copy_name, kind):
    member = tarfile.TarInfo({"above": "../../out", "absolute": "/out", "link": "files/out"}[kind])
    if kind == "link":
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
    archive = tmp_path / "evil.tar"
    with tarfile.open(archive, "w") as tar:
        tar.addfile(member)
    with pytest.raises(BackupFailed, match="no backup of ours"):
        restore_backup(
            archive,
            superuser_url=os.environ["GUANXI_SUPERUSER_URL"],
            web_url=_into("DATABASE_URL", copy_name),
            migrator_url=_into("MIGRATOR_DATABASE_URL", copy_name),
            files_to=tmp_path / "state" / "files",
        )
    assert not list((tmp_path / "state").iterdir())
