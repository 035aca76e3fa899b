"""The whole installation in one file, and back: database, uploaded files, nothing else.

The keys in the state folder (SECRET_KEY, history key, passwords) are not in it: keep those apart, as one keeps a
key apart from its lock. Beside this an operator wants physical backups; see PostgreSQL's own continuous archiving.
"""

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2
from django.conf import settings
from psycopg2 import sql

from core.clock import now
from tenants.registry.provisioning.database import postgres_binary, prepare_database

_DUMP, _ABOUT, _FILES = "database.dump", "about.json", "files"


class BackupFailed(RuntimeError):
    """What PostgreSQL's tools said, or what stands in the way."""


def write_backup(target: Path, *, superuser_url: str, database: str) -> int:
    """Write the archive beside `target`, then move it there; returns its size in bytes.

    superuser_url: reads every schema. The dump is one consistent snapshot; files that are added while it runs may
    or may not be in.
    """
    unfinished = target.with_name(f"{target.name}.unfinished")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump = Path(folder) / _DUMP
        _tool("pg_dump", superuser_url, database, "-Fc", "--no-sync", "-f", str(dump))
        try:
            _pack(dump, unfinished)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    return target.stat().st_size


def _pack(dump: Path, into: Path) -> None:
    """Closed to others from its first byte: everybody's customers are in it."""
    # What a killed run left, or somebody put there, is not written into.
    into.unlink(missing_ok=True)
    about = json.dumps({"made_at": now().isoformat(), "format": 1}).encode()
    descriptor = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo(_ABOUT)
        entry.size = len(about)
        archive.addfile(entry, io.BytesIO(about))
        archive.add(dump, _DUMP)
        files = settings.GUANXI["STATE"] / _FILES
        if files.is_dir():
            archive.add(files, _FILES)


def restore_backup(
    source: Path, *, superuser_url: str, web_url: str, migrator_url: str, files_to: Path
) -> int:
    """Put an archive into a database that does not exist yet; returns the number of workspaces.

    Logins, the database and each workspace's role are made first. Raises BackupFailed when the database is there.
    """
    database = urlsplit(web_url).path.lstrip("/")
    _refuse_existing(superuser_url, database)
    # Beside the files: the system's own temporary folder may be small, or kept in memory.
    files_to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=files_to.parent) as folder, tarfile.open(source) as archive:
        _unpack(archive, Path(folder))
        dump = Path(folder) / _DUMP
        schemas = _schemas_in(dump)
        _make_roles(superuser_url, database, schemas, web_url=web_url, migrator_url=migrator_url)
        _tool("pg_restore", superuser_url, database, "--exit-on-error", str(dump))
        key = settings.HISTORY_KEY
        prepare_database(superuser_url, web_url, migrator_url, history_key=key)
        stored = Path(folder) / _FILES
        if stored.is_dir():
            shutil.copytree(stored, files_to, dirs_exist_ok=True)
    return len(schemas)


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Plain files and folders only, below `folder`. Raises BackupFailed for anything else.

    By hand: Python's own filter for this is younger than the 3.11 of Debian 12.
    """
    for member in archive:
        target = (folder / member.name).resolve()
        if not target.is_relative_to(folder.resolve()) or not (member.isfile() or member.isdir()):
            raise BackupFailed(f"This is no backup of ours: it holds {member.name}.")
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        source = archive.extractfile(member)
        if source is not None:
            with source, target.open("wb") as file:
                shutil.copyfileobj(source, file)


def _refuse_existing(superuser_url: str, database: str) -> None:
    with _connection(superuser_url).cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if cursor.fetchone():
            raise BackupFailed(f"The database {database} exists. A backup is restored into a new one only.")


def _schemas_in(dump: Path) -> list[str]:
    listed = subprocess.run(
        [postgres_binary("pg_restore"), "-l", dump], capture_output=True, text=True, check=True
    )
    return re.findall(r" SCHEMA - (t_[a-z0-9]+) ", listed.stdout)


def _make_roles(
    superuser_url: str, database: str, schemas: list[str], *, web_url: str, migrator_url: str
) -> None:
    """What a dump of one database does not hold: roles belong to the whole server."""
    web, migrator = (unquote(urlsplit(url).username or "") for url in (web_url, migrator_url))
    with _connection(superuser_url).cursor() as cursor:
        for role in (web, migrator, "history_owner", *schemas):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        for schema in schemas:
            names = {"role": sql.Identifier(schema), "web": sql.Identifier(web)}
            cursor.execute(sql.SQL("GRANT {role} TO {web} WITH INHERIT FALSE, SET TRUE").format(**names))
            names = {"role": sql.Identifier(schema), "migrator": sql.Identifier(migrator)}
            cursor.execute(
                sql.SQL("GRANT {role} TO {migrator} WITH ADMIN TRUE, INHERIT FALSE").format(**names)
            )
        cursor.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                sql.Identifier(database), sql.Identifier(migrator)
            )
        )


def _connection(url: str):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    return connection


def _tool(name: str, url: str, database: str, *arguments: str) -> None:
    """pg_dump or pg_restore as the superuser; the password travels in the environment."""
    parts = urlsplit(url)
    command = [str(postgres_binary(name)), "-h", parts.hostname or "", "-p", str(parts.port or 5432)]
    command += ["-U", unquote(parts.username or ""), "-d", database, *arguments]
    env = {"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": unquote(parts.password or "")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        raise BackupFailed(f"{name}: {done.stderr.strip()[:2000]}")
