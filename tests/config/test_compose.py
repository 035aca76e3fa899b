"""The containers of deploy/compose.yaml are the product's own parts, in the order and with the secrets of `up`."""

import re
from pathlib import Path

import pytest
import yaml
from django.core.management.base import CommandParser

from config.management.commands import boot, run
from config.up.children import STRONGER_LOGINS, product_children
from config.up.options import UpOptions

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")
SERVICES = yaml.safe_load(TEXT)["services"]
OWN = {name: service for name, service in SERVICES.items() if "GUANXI_IMAGE" in service["image"]}
PARTS = {name: service for name, service in OWN.items() if service["command"][0] == "run"}


def _children() -> dict[str, dict[str, str]]:
    """Of `up`: the environment of each part when all logins are known."""
    options = UpOptions(port=8000, host="127.0.0.1", state=None, demo=False)
    known = dict.fromkeys([*STRONGER_LOGINS, "DATABASE_URL"], "postgres://somewhere")
    children = product_children(ROOT, Path("/nowhere"), known, options)
    return {child.name: dict(child.environment) for child in children}


def test_there_is_a_container_for_each_part_that_up_runs_and_one_that_prepares():
    assert set(PARTS) == set(_children()) == set(run.PARTS)
    assert set(OWN) - set(PARTS) == {"prepare"}


@pytest.mark.parametrize("name", sorted(OWN))
def test_a_containers_command_is_one_that_manage_py_takes(name):
    command, *arguments = OWN[name]["command"]
    parser = CommandParser(prog=command)
    {"run": run, "boot": boot}[command].Command().add_arguments(parser)
    taken = parser.parse_args(arguments)
    if command == "run":
        assert taken.part == name
        assert (taken.host == "0.0.0.0") == (name == "web")
    else:
        assert (command, taken.no_demo) == ("boot", True)


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_part_holds_the_logins_that_it_holds_under_up_and_no_stronger_one(name):
    held = {login for login in STRONGER_LOGINS if login in PARTS[name]["environment"]}
    assert held == {login for login in STRONGER_LOGINS if login in _children()[name]}


def test_what_prepares_holds_all_logins_and_runs_to_its_end_before_any_part():
    prepare = OWN["prepare"]
    assert set(STRONGER_LOGINS) <= set(prepare["environment"])
    assert prepare["restart"] == "no"
    assert {name: wait["condition"] for name, wait in prepare["depends_on"].items()} == {
        "postgres": "service_healthy",
        "cache": "service_healthy",
    }
    for name, part in PARTS.items():
        assert part["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}, name


def test_whom_a_container_waits_for_in_health_has_a_check_of_it():
    waited = {
        other
        for service in SERVICES.values()
        for other, wait in service.get("depends_on", {}).items()
        if wait["condition"] == "service_healthy"
    }
    assert waited == {"postgres", "cache", "web"}
    assert [name for name in waited if "healthcheck" not in SERVICES[name]] == []


def test_the_product_reads_every_variable_that_it_is_given():
    given = {name for service in OWN.values() for name in service["environment"]}
    sources = [*(ROOT / "platform/config").rglob("*.py"), *(ROOT / "platform/core").rglob("*.py")]
    read = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    assert {name for name in given if f'"{name}"' not in read} == set()
    needed = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"}
    assert [name for name, service in OWN.items() if not needed <= set(service["environment"])] == []


def test_the_example_names_every_secret_that_must_be_filled_in_and_no_other():
    used = dict(re.findall(r"\$\{([A-Z_]+)(:[?-])?", TEXT))
    example = (ROOT / "deploy/example.env").read_text(encoding="utf-8")
    told = set(re.findall(r"^([A-Z_]+)=", example, re.M))
    assert {name for name, mark in used.items() if mark == ":?"} - told == set()
    assert told - set(used) == set()
