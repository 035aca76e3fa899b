"""One part of the product in this process, as a container runs it."""

import os

import pytest
from django.core.management import CommandError, call_command


@pytest.fixture
def replaced(monkeypatch, tmp_path, settings):
    """What this process would have become: (program, arguments, environment)."""
    became: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *how: became.append(how))
    settings.GUANXI = settings.GUANXI | {"STATE": tmp_path / "state"}
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "MIGRATOR_DATABASE_URL", "GUANXI_SUPERUSER_URL"):
        monkeypatch.setenv(name, f"some {name}")
    return became


@pytest.mark.parametrize(
    ("part", "sign"),
    [("web", "granian"), ("worker", "default"), ("provisioner", "provision"), ("scheduler", "beat")],
)
def test_each_part_becomes_its_program_with_the_logins_it_needs(replaced, tmp_path, part, sign):
    call_command("run", part, host="0.0.0.0", port=8123)
    ((_program, arguments, environment),) = replaced
    assert sign in arguments
    assert ("8123" in arguments) is (part == "web")
    assert ("MIGRATOR_DATABASE_URL" in environment) is (part == "provisioner")
    assert "GUANXI_SUPERUSER_URL" not in environment
    assert environment["GUANXI_STATE"] == str(tmp_path / "state")
    assert (tmp_path / "state" / "beat").is_dir()


def test_what_is_missing_is_named(replaced, monkeypatch):
    monkeypatch.delenv("MIGRATOR_DATABASE_URL")
    call_command("run", "worker")
    monkeypatch.delenv("REDIS_URL")
    with pytest.raises(CommandError, match="Set REDIS_URL, MIGRATOR_DATABASE_URL"):
        call_command("run", "provisioner")
    assert len(replaced) == 1
