"""The story of `manage.py up`, from the lock on the state folder to the last child's end."""

import errno
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from config.up.assets import build_assets
from config.up.children import Child, Stage, product_children
from config.up.disk import DiskWatch
from config.up.errors import CannotStart
from config.up.external import check_cache, check_database
from config.up.leftovers import clear_leftovers
from config.up.options import UpOptions
from config.up.payments import LocalStripe
from config.up.postgres import EmbeddedPostgres
from config.up.running import describe_end
from config.up.state import (
    Keys,
    choose_port,
    default_folder,
    is_port_free,
    load_keys,
    lock,
    open_folder,
    rotate_logs,
    share_environment,
)
from config.up.supervisor import StopAsked, Supervisor
from config.up.terminal import say
from config.up.translations import compile_translations
from config.up.valkey import EmbeddedValkey

WEB_READY_SECONDS = 120


def start_product(root: Path, options: UpOptions) -> int:
    """Run Guanxi until it is asked to stop; the exit code. Raises CannotStart."""
    folder = open_folder(options.state or Path(os.environ.get("GUANXI_STATE") or default_folder(root)))
    with lock(folder):
        try:
            return _run(root, folder, options)
        except OSError as problem:
            if problem.errno != errno.ENOSPC:
                raise
            raise CannotStart(
                f"The disk is full ({problem.filename or folder}). Free some space and start again."
            )


def _run(root: Path, folder: Path, options: UpOptions) -> int:
    say(f"Guanxi keeps its state in {folder}")
    for name in clear_leftovers(folder):
        say(f"  cleared the {name} that an earlier run had left behind")
    _check_port(options)
    rotate_logs(folder)
    supervisor = Supervisor(folder)
    supervisor.listen()
    try:
        _start_everything(supervisor, root, folder, options)
        supervisor.watch(DiskWatch(folder).look)
    except StopAsked:
        say("  stopped while starting")
    except CannotStart:
        # Ctrl-C reaches initdb, npm and the like as well, which then end with an error of their own.
        if not supervisor.stops_asked:
            raise
        say("  stopped while starting")
    finally:
        if supervisor.running:
            say("Stopping … (Ctrl-C again hastens)")
        supervisor.stop()
    say("Stopped.")
    return 0


def _check_port(options: UpOptions) -> None:
    if not is_port_free(options.host, options.port):
        raise CannotStart(
            f"Port {options.port} on {options.host} is taken by another program, or may not be used by you.\n"
            f"Choose another, for example: python3 manage.py up --port {_neighbour(options.port)}"
        )


def _neighbour(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 8080


def _start_everything(supervisor: Supervisor, root: Path, folder: Path, options: UpOptions) -> None:
    environment = product_environment(root, folder, load_keys(folder), options)
    environment |= start_services(supervisor, folder, load_keys(folder))
    environment |= start_payments(supervisor, root, folder, load_keys(folder), options)
    share_environment(folder, environment)
    supervisor.heed_stop()
    build_assets(root)
    compile_translations(root)
    supervisor.heed_stop()
    say("  preparing the database and the workspaces …")
    boot = [sys.executable, str(root / "manage.py"), "boot", *([] if options.demo else ["--no-demo"])]
    exit_code = supervisor.run(boot, {**environment, "GUANXI_NO_VENV": "1"}, root, signal.SIGTERM)
    if exit_code:
        raise CannotStart(f"The preparation {describe_end(exit_code)}; its own words are above.")
    for child in product_children(root, folder, environment, options):
        if child.stage == Stage.WEB:
            child = replace(
                child, is_ready=web_answers(options, environment), ready_seconds=WEB_READY_SECONDS
            )
        supervisor.start(child)
        say(f"  {child.name} started")
    base = environment["GUANXI_BASE_DOMAIN"]
    say(f"\nGuanxi is ready:  http://{base}/\nWorkspaces:       http://<name>.{base}/\nCtrl-C stops it.\n")
    if folder != default_folder(root):
        say(f"Other commands reach it with GUANXI_STATE={folder} before them.\n")


def product_environment(root: Path, folder: Path, keys: Keys, options: UpOptions) -> dict[str, str]:
    """What every process of the product is told; what the user has set in the environment wins."""
    defaults = {
        "SECRET_KEY": keys.secret_key,
        "GUANXI_HISTORY_KEY": keys.history_key,
        "GUANXI_BASE_DOMAIN": f"localhost:{options.port}",
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "PYTHONUNBUFFERED": "1",
    }
    fixed = {"GUANXI_STATE": str(folder), "PYTHONPATH": os.pathsep.join([str(root / "platform"), str(root)])}
    return {**defaults, **os.environ, **fixed}


def start_services(
    supervisor: Supervisor, folder: Path, keys: Keys, *, durable: bool = True
) -> dict[str, str]:
    """Start embedded parts where the environment names none; the variables by which they are found."""
    found: dict[str, str] = {}
    if not os.environ.get("DATABASE_URL"):
        postgres = EmbeddedPostgres(folder, choose_port(folder, "database"), keys, durable)
        found |= _start_postgres(supervisor, postgres)
    else:
        _check_own_database()
    if os.environ.get("REDIS_URL"):
        check_cache(os.environ["REDIS_URL"])
    else:
        valkey = EmbeddedValkey(folder, choose_port(folder, "cache"), keys, durable)
        _start(supervisor, valkey.child())
        found |= valkey.environment()
    return found


def start_payments(
    supervisor: Supervisor, root: Path, folder: Path, keys: Keys, options: UpOptions, *, durable: bool = True
) -> dict[str, str]:
    """Start the stand-in for Stripe where the environment names no key; the variables by which it is found."""
    if os.environ.get("STRIPE_SECRET_KEY"):
        return {}
    local = LocalStripe(root, folder, choose_port(folder, "payments"), keys, options, durable)
    base_domain = os.environ.get("GUANXI_BASE_DOMAIN", f"localhost:{options.port}")
    child = local.child(base_domain)
    # Nothing of a start needs it; tests ask at once.
    supervisor.start(child if durable else replace(child, is_ready=local.is_ready))
    say("  payments: local test mode, no money moves")
    return local.environment()


def _check_own_database() -> None:
    """Raises CannotStart when the database of the environment cannot be used as it is."""
    if not os.environ.get("MIGRATOR_DATABASE_URL"):
        raise CannotStart(
            "DATABASE_URL names a database of yours, but MIGRATOR_DATABASE_URL is missing: the login that\n"
            "makes and upgrades workspaces. Set both (`manage.py prepare_database` makes them), or neither."
        )
    if os.environ.get("GUANXI_SUPERUSER_URL"):
        # With it `boot` makes what is missing, so the logins need not be there yet.
        check_database("GUANXI_SUPERUSER_URL", os.environ["GUANXI_SUPERUSER_URL"], prepared=False)
        return
    for variable in ("DATABASE_URL", "MIGRATOR_DATABASE_URL"):
        check_database(variable, os.environ[variable], prepared=True)


def _start_postgres(supervisor: Supervisor, postgres: EmbeddedPostgres) -> dict[str, str]:
    postgres.make_cluster()
    postgres.stop_orphan()
    # An orphan may have held the port that was just found taken: asking again keeps the number.
    postgres = replace(postgres, port=choose_port(postgres.state, "database"))
    _start(supervisor, postgres.child())
    postgres.make_database()
    return postgres.environment()


def _start(supervisor: Supervisor, child: Child) -> None:
    supervisor.start(child)
    say(f"  {child.name} ready")


def web_answers(options: UpOptions, environment: dict[str, str]) -> Callable[[], bool]:
    """Asks the health check at the address that the server listens on, under the name that visitors use."""
    address = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(options.host, options.host)
    request = urllib.request.Request(
        f"http://{address}:{options.port}/healthz", headers={"Host": environment["GUANXI_BASE_DOMAIN"]}
    )

    def ask() -> bool:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    return ask
