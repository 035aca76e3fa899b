"""What the shape of the source must keep."""

import ast
import fnmatch
import importlib
import re
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
TOPS = ("platform", "tenants", "billing", "crm")
SOURCES = sorted(
    path
    for top in TOPS
    for path in (ROOT / top).rglob("*.py")
    if "migrations" not in path.parts and "node_modules" not in path.parts
)
# Modules whose business is SQL itself; everywhere else the ORM carries the scope.
SQL_ALLOWED = (
    "platform/core/tenancy/", "platform/core/history/", "tenants/registry/provisioning/", "tenants/registry/fleet.py",
    "platform/config/health.py",
    "platform/config/backup.py",
    "platform/core/records/search.py", "platform/core/records/copying.py",
    "platform/config/up/", "crm/transfer/sql.py",
    "tenants/people/sessions.py", "tenants/people/roles/seeding.py",
)  # fmt: skip


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_platform_is_a_source_root_and_no_package():
    """A package of that name would hide the standard library's `platform`."""
    assert not (ROOT / "platform" / "__init__.py").exists()


@pytest.mark.parametrize("path", SOURCES, ids=_relative)
def test_a_file_stays_under_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


ROOM_NAMES = {
    "__init__", "api", "apps", "forms", "locale", "management", "migrations", "models", "parts", "records", "rules",
    "selectors", "services", "sql", "tasks", "urls", "views",
}  # fmt: skip


@pytest.mark.parametrize("room", sorted(path.parent.name for path in (ROOT / "crm").glob("*/apps.py")))
def test_a_room_uses_the_houses_names_only(room):
    found = {path.stem for path in (ROOT / "crm" / room).iterdir() if path.name != "__pycache__"}
    assert found - ROOM_NAMES == set(), "see docs/add-a-room.md"


def test_every_room_stands_in_the_contract_of_its_inside():
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    rooms = [path.parent.name for path in (ROOT / "crm").glob("*/apps.py")]
    assert [room for room in rooms if f'"crm.{room}",' not in contract] == []


def test_raw_sql_and_connections_stay_in_named_modules():
    found = []
    for path in SOURCES:
        if _relative(path).startswith(SQL_ALLOWED):
            continue
        text = path.read_text(encoding="utf-8")
        if re.search(r"\.cursor\(\)|RawSQL\(|\.raw\(\s*[\"f]|\.extra\(", text):
            found.append(_relative(path))
    assert found == []


def test_nobody_reaches_upwards_by_name():
    """No get_model, no import_string to something above: the import contracts would not see it."""
    allowed = {
        "tenants/registry/fleet.py", "platform/core/tenancy/migrations.py", "platform/core/tenancy/checks.py",
    }  # fmt: skip
    found = [
        _relative(path)
        for path in SOURCES
        if _relative(path) not in allowed
        and re.search(r"\bimport_string\(|apps\.get_model\(", path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_scheduled_task_exists():
    from celery import current_app

    import config.celery

    config.celery.app.loader.import_default_modules()
    names = {entry["task"] for entry in config.celery.app.conf.beat_schedule.values()}
    assert names - set(current_app.tasks) == set()


def _asked_for() -> set[str]:
    """The names of all tasks that code sends by name; '*' stands for a part that is worked out."""
    names: set[str] = set()
    for path in SOURCES:
        module = _relative(path).removeprefix("platform/").removesuffix(".py").replace("/", ".")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id not in ("send_on_commit", "send_named") or not node.args:
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant):
                names.add(first.value)
            elif isinstance(first, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "*" for part in first.values)
                names.add("".join(parts))
            elif isinstance(first, ast.Name) and first.id.isupper():
                names.add(getattr(importlib.import_module(module), first.id))
    return names


def test_every_task_that_is_sent_by_name_exists():
    from celery import current_app

    import config.celery

    config.celery.app.loader.import_default_modules()
    names = _asked_for()
    assert {"mail.send", "people.send_invitation", "transfer.*"} <= names
    missing = [name for name in names if not fnmatch.filter(current_app.tasks, name)]
    assert missing == []


def test_public_functions_of_services_take_keywords():
    """A service is called by name: its subject may be positional, and what it hangs on; the rest says what it is.

    Left out: what `call_after_write` calls, and the steps of one import, which only call each other.
    """
    called_after_writes = {"tell_new_owner", "expect_reminder"}
    found = []
    for path in SOURCES:
        if "crm" not in path.parts or "services" not in (path.stem, path.parent.name):
            continue
        if "transfer" in path.parts:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if (
                isinstance(node, ast.FunctionDef)
                and not node.name.startswith("_")
                and node.name not in called_after_writes
                and len(node.args.args) > 2
            ):
                found.append(f"{_relative(path)}: {node.name}")
    assert found == []


def test_no_two_modules_import_each_other():
    """Not even inside a function or for the types alone: one of them knows what is above it."""
    graph = grimp.build_graph("config", "web", "core", "tenants", "billing", "crm", cache_dir=None)
    imported = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    circles = {tuple(sorted((one, two))) for one in imported for two in imported[one] if one in imported[two]}
    assert circles == set()
