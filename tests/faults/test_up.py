"""`manage.py up` as a user meets it: started for real, and hurt in every way that it promises to survive.

One start serves the whole file where the tests leave it running; each test names the children that it kills.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
import redis

from config.up.leftovers import Recorded, recorded, started_at
from config.up.state import SHARED_VARIABLES
from tests.waiting import is_alive, wait_until

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 240
HEAL_SECONDS = 60
CHILDREN = ("database", "cache", "payments", "worker", "provisioner", "scheduler", "web")

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("up")]


def free_port() -> int:
    with socket.socket() as any_free:
        any_free.bind(("127.0.0.1", 0))
        port: int = any_free.getsockname()[1]
        return port


@dataclass
class Product:
    """One `up` on a state folder and port of its own."""

    state: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def terminal(self) -> str:
        return (self.state.parent / f"{self.state.name}.terminal").read_text()

    def child(self, name: str) -> Recorded | None:
        return next((one for one in recorded(self.state) if one.name == name), None)

    def answers(self) -> bool:
        address = f"http://127.0.0.1:{self.port}/healthz"
        request = urllib.request.Request(address, headers={"Host": f"localhost:{self.port}"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.load(answer) == {"status": "ok"}
        except (OSError, urllib.error.URLError):
            return False

    def variable(self, name: str) -> str:
        value: str = json.loads((self.state / "environment.json").read_text())[name]
        return value

    def query(self, sql: str) -> list[tuple]:
        connection = psycopg2.connect(self.variable("GUANXI_SUPERUSER_URL"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.terminal
            return "Guanxi is ready" in self.terminal

        wait_until(ready, "`up` prints its addresses", START_SECONDS)


def start(state: Path, port: int, *arguments: str) -> Product:
    own = {*SHARED_VARIABLES, "DJANGO_SETTINGS_MODULE"}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    environment |= {"GUANXI_NO_VENV": "1", "GUANXI_POOL_SIZE": "1"}
    command = [sys.executable, str(ROOT / "manage.py"), "up", "--no-demo", "--port", str(port)]
    with (state.parent / f"{state.name}.terminal").open("wb") as terminal:
        process = subprocess.Popen(
            [*command, "--state", str(state), *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Product(state, port, process)


def end(product: Product) -> None:
    if product.process.poll() is None:
        product.process.send_signal(signal.SIGINT)
        product.process.wait(120)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Not below pytest's own folder, which is private: under root the database's user must pass through."""
    folder = Path(tempfile.mkdtemp(prefix="guanxi-up-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def running(place: Path) -> Iterator[Product]:
    product = start(place / "state", free_port())
    try:
        product.wait_until_ready()
        yield product
    finally:
        end(product)


def test_it_prints_the_addresses_once_the_health_check_answers(running: Product) -> None:
    assert f"http://localhost:{running.port}/" in running.terminal
    assert running.answers()
    assert {one.name for one in recorded(running.state)} == set(CHILDREN)


@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_child_comes_back(running: Product, name: str) -> None:
    before = running.child(name)
    assert before is not None
    works_again = PROOFS[name](running)
    os.kill(before.pid, signal.SIGKILL)

    def healed() -> bool:
        after = running.child(name)
        return after is not None and after.pid != before.pid and started_at(after.pid) == after.started

    wait_until(healed, f"{name} runs again", HEAL_SECONDS)
    wait_until(running.answers, "the health check answers", HEAL_SECONDS)
    assert f"{name} was ended by SIGKILL" in running.terminal
    wait_until(works_again, f"{name} does its work again", HEAL_SECONDS)


def _cache_answers(product: Product) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            with redis.Redis.from_url(product.variable("REDIS_URL")) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    return answers


def _database_answers(product: Product) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            return product.query("SELECT 1") == [(1,)]
        except psycopg2.OperationalError:
            return False

    return answers


def _log_says_again(name: str, sign: str) -> Callable[[Product], Callable[[], bool]]:
    """More often than before the kill: a dead process writes no more, so only its successor can have."""

    def proof(product: Product) -> Callable[[], bool]:
        log = product.state / "log" / f"{name}.log"
        before = log.read_text().count(sign)
        return lambda: log.read_text().count(sign) > before

    return proof


def _payments_answer(product: Product) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            with urllib.request.urlopen(
                f"{product.variable('STRIPE_API_BASE')}/devstripe.css", timeout=5
            ) as answer:
                return answer.status == 200
        except OSError:
            return False

    return answers


PROOFS: dict[str, Callable[[Product], Callable[[], bool]]] = {
    "database": _database_answers,
    "cache": _cache_answers,
    "payments": _payments_answer,
    "worker": _log_says_again("worker", " ready."),
    "provisioner": _log_says_again("provisioner", " ready."),
    "scheduler": _log_says_again("scheduler", "beat: Starting"),
    "web": lambda product: product.answers,
}


def test_only_the_provisioner_holds_the_stronger_login(running: Product) -> None:
    holders = set()
    for one in recorded(running.state):
        environment = Path(f"/proc/{one.pid}/environ").read_bytes()
        assert b"GUANXI_SUPERUSER_URL=" not in environment, one.name
        if b"MIGRATOR_DATABASE_URL=" in environment:
            holders.add(one.name)
    assert holders == {"provisioner"}


def test_a_second_one_on_the_same_state_is_refused(running: Product) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "up", "--state", str(running.state)]
    environment = {**os.environ, "GUANXI_NO_VENV": "1"}
    second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert (
        f"already running on the state folder {running.state} (process {running.process.pid})"
        in second.stderr
    )
    assert "Traceback" not in second.stderr
    assert running.answers()


def test_a_taken_port_is_refused_with_the_option_to_use(running: Product, place: Path) -> None:
    second = start(place / "second", running.port)
    assert second.process.wait(60) == 1
    assert f"Port {running.port} on 127.0.0.1 is taken" in second.terminal
    assert f"--port {running.port + 1}" in second.terminal
    assert "Traceback" not in second.terminal


def test_after_a_kill_of_itself_the_next_one_recovers_and_no_committed_row_is_lost(place: Path) -> None:
    port = free_port()
    first = start(place / "killed", port)
    first.wait_until_ready()
    first.query("CREATE TABLE public.kept (n int)")
    first.query("INSERT INTO public.kept SELECT generate_series(1, 1000)")
    left = recorded(first.state)
    first.process.kill()
    first.process.wait()
    assert any(is_alive(one.pid) for one in left)

    second = start(first.state, port)
    try:
        second.wait_until_ready()
        assert second.query("SELECT count(*), sum(n) FROM public.kept") == [(1000, 500500)]
        assert not [one for one in left if started_at(one.pid) == one.started]
        assert re.search(r"cleared the \w+ that an earlier run had left behind", second.terminal)
    finally:
        end(second)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_stops_with_no_process_left(place: Path, ending: signal.Signals) -> None:
    product = start(place / "stopped", free_port())
    product.wait_until_ready()
    children = recorded(product.state)
    assert len(children) == len(CHILDREN)
    product.process.send_signal(ending)
    assert product.process.wait(120) == 0
    assert product.terminal.endswith("Stopped.\n")
    assert "hastened" not in product.terminal
    assert not [one.name for one in children if is_alive(one.pid)]
    assert not _mentions(product.state)


def _mentions(state: Path) -> list[str]:
    """Command lines of processes that were told of this state folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and is_alive(int(entry.name)):
            try:
                environment = (entry / "environ").read_bytes()
                command = (entry / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if f"GUANXI_STATE={state}".encode() in environment.split(b"\0"):
                found.append(command.replace(b"\0", b" ").decode())
    return found
