"""docs/add-a-room.md, followed to the letter in a copy of the product."""

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[2]
_LEFT_OUT = (".git", ".venv", "node_modules", ".data", "__pycache__", "tests", ".*_cache")
_TRY_IT = """
import django, secrets
django.setup()
from django.conf import settings
from django.test import Client
from core.tenancy.scope import public_scope, tenant_scope
from tenants.registry.hosts import snapshot_of_schema
from tenants.signup.services import sign_up
address = "r" + secrets.token_hex(4)
who = {"mail": "a@b.example", "name": "Ann", "password": "correct horse battery"}
opened = sign_up(workspace="Works", address=address, **who)
with public_scope():
    snapshot = snapshot_of_schema(opened.schema)
client = Client(HTTP_HOST=snapshot.domain)
with tenant_scope(snapshot.schema, snapshot):
    from tenants.people.models import User
    client.force_login(User.objects.get())
made = client.post("/machines/new/", {"name": "Lathe 7", "serial": "LX-7", "price": "12,500.00"})
assert made.status_code == 302, made.content.decode()[:2000]
page = client.get(made["Location"])
assert page.status_code == 200 and b"Lathe 7" in page.content
assert b"Lathe 7" in client.get("/machines/?f=serial.contains.LX").content
assert b"Lathe 7" in client.get("/palette?q=lathe").content
rows = client.get("/api/v1/machines/").json()["results"]
assert [(row["name"], row["price"]) for row in rows] == [("Lathe 7", "12500.00")], rows
assert b"machine_create" in client.get("/api/v1/openapi.json?format=json").content
assert b"Created" in client.get(made["Location"] + "tab/changes/").content
exported = b"".join(client.get("/machines/export.csv").streaming_content)
assert b"LX-7" in exported
print("the room works")
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The product's files, without what is built or fetched."""
    target = tmp_path / "copy"
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    return target


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A database of the copy's own on the tests' server."""
    name = f"guanxi_room_{secrets.token_hex(4)}"

    def into(variable: str) -> str:
        return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{name}"))

    yield os.environ | {
        "DATABASE_URL": into("DATABASE_URL"),
        "MIGRATOR_DATABASE_URL": into("MIGRATOR_DATABASE_URL"),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "GUANXI_STATE": str(tmp_path / "state"),
        "GUANXI_NO_VENV": "1",
        "PYTHONPATH": "platform:.",
    }
    server = psycopg2.connect(os.environ["GUANXI_SUPERUSER_URL"])
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    server.close()


def _run(copy: Path, environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_makes_a_room_that_works(copy, environment):
    page = (ROOT / "docs" / "add-a-room.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python file=(\S+)\n(.*?)```", page, re.DOTALL)
    assert [path for path, _text in blocks] == [
        f"crm/machines/{name}.py" for name in ("apps", "models", "selectors", "records")
    ]
    for path, text in blocks:
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (copy / "crm/machines/__init__.py").write_text("")
    rooms = copy / "platform/config/rooms.py"
    text = rooms.read_text(encoding="utf-8")
    text = text.replace("ROOMS = [", 'ROOMS = [\n    "crm.machines",')
    listed = re.search(r"    return \[([A-Z_, \n]*)\]", text)
    assert listed, "config/rooms.py no longer lists the record types in one place"
    text = text.replace(
        listed[0],
        f"    from crm.machines.records import MACHINE\n\n    return [MACHINE, {listed[1].strip()}]",
    )
    rooms.write_text(text, encoding="utf-8")

    made = _run(copy, environment, "manage.py", "makemigrations", "machines")
    assert "Create model Machine" in made
    _run(copy, environment, "manage.py", "boot", "--no-demo")
    assert "the room works" in _run(copy, environment, "-c", _TRY_IT)
