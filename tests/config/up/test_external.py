"""Servers that the deployer names in the environment."""

import contextlib
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from config.up import external, state
from config.up.errors import CannotStart
from config.up.start import start_services
from config.up.state import load_keys
from config.up.supervisor import Supervisor

NOBODY_LISTENS = "postgres://somebody:geheim@127.0.0.1:1/crm"


def _message(url: str, *, prepared: bool = True) -> str:
    with pytest.raises(CannotStart) as refusal:
        external.check_database("DATABASE_URL", url, prepared=prepared)
    return str(refusal.value)


def test_a_database_that_is_down_is_named_without_its_password() -> None:
    message = _message(NOBODY_LISTENS)
    assert "DATABASE_URL: the database at 127.0.0.1:1/crm cannot be used" in message
    assert "prepare_database" in message
    assert "geheim" not in message


def test_a_database_that_is_too_old_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external, "OLDEST_POSTGRES", 99)
    assert "Guanxi needs 99 or newer" in _message(os.environ["GUANXI_SUPERUSER_URL"], prepared=False)


def test_a_database_that_is_not_prepared_is_told_how() -> None:
    url = urlsplit(os.environ["GUANXI_SUPERUSER_URL"])._replace(path="/postgres").geturl()
    assert "is not prepared yet" in _message(url)
    external.check_database("DATABASE_URL", url, prepared=False)


def test_a_prepared_database_and_a_living_cache_are_let_through(db: None) -> None:
    from django.db import connection

    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    external.check_database("DATABASE_URL", url.geturl(), prepared=True)
    external.check_cache(os.environ["REDIS_URL"])


@pytest.mark.parametrize("url", ["redis://:geheim@127.0.0.1:1", "http://:geheim@127.0.0.1"])
def test_a_cache_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    with pytest.raises(CannotStart, match=r"REDIS_URL: the server at 127\.0\.0\.1") as refusal:
        external.check_cache(url)
    assert "geheim" not in str(refusal.value)


def test_the_web_login_alone_is_not_enough(
    supervisor: Supervisor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", NOBODY_LISTENS)
    monkeypatch.delenv("MIGRATOR_DATABASE_URL", raising=False)
    with pytest.raises(CannotStart, match="MIGRATOR_DATABASE_URL is missing"):
        start_services(supervisor, folder, load_keys(folder))


def test_with_servers_of_ones_own_none_is_started(
    supervisor: Supervisor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    monkeypatch.delenv("GUANXI_SUPERUSER_URL", raising=False)
    monkeypatch.setattr(
        "config.up.start.check_database", lambda variable, url, prepared: checked.append(variable)
    )
    assert start_services(supervisor, folder, load_keys(folder)) == {}
    assert checked == ["DATABASE_URL", "MIGRATOR_DATABASE_URL"]
    assert supervisor.running == []


@pytest.mark.parametrize(
    ("named", "joined"), [(None, True), ("postgres://own", True), ("postgres://else", False)]
)
def test_commands_join_what_up_keeps_unless_they_name_another_database(
    folder: Path, monkeypatch: pytest.MonkeyPatch, named: str | None, joined: bool
) -> None:
    (folder / "environment.json").write_text(
        json.dumps({"DATABASE_URL": "postgres://own", "SECRET_KEY": "kept"})
    )
    monkeypatch.setenv("GUANXI_STATE", str(folder))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if named:
        monkeypatch.setenv("DATABASE_URL", named)
    state.join_running_product(folder)
    assert (os.environ.pop("SECRET_KEY", None) == "kept") is joined
    os.environ.pop("DATABASE_URL", None)


def test_preparing_makes_logins_and_database_and_may_be_repeated(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.core.management import CommandError, call_command

    superuser = os.environ["GUANXI_SUPERUSER_URL"]
    name = f"prepared_{os.getpid()}"
    own = urlsplit(superuser)
    for variable, login in (("DATABASE_URL", "web"), ("MIGRATOR_DATABASE_URL", "migrator")):
        place = f"{own.hostname}:{own.port}/{name}"
        monkeypatch.setenv(variable, f"postgres://{name}_{login}:secret@{place}")
    try:
        for _turn in range(2):
            call_command("prepare_database", superuser_url=superuser)
        assert f"{name} is prepared" in capsys.readouterr().out
        for variable in ("DATABASE_URL", "MIGRATOR_DATABASE_URL"):
            external.check_database(variable, os.environ[variable], prepared=True)
    finally:
        with contextlib.closing(psycopg2.connect(superuser)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            for login in ("web", "migrator"):
                cursor.execute(f"DROP ROLE IF EXISTS {name}_{login}")
    monkeypatch.delenv("MIGRATOR_DATABASE_URL")
    with pytest.raises(CommandError, match="Set MIGRATOR_DATABASE_URL"):
        call_command("prepare_database", superuser_url=superuser)
