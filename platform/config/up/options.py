"""The options of `manage.py up`."""

import argparse
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8000
HIGHEST_PORT = 65535


@dataclass(frozen=True)
class UpOptions:
    """state is None for the default folder (see config.up.state)."""

    port: int
    host: str
    state: Path | None
    demo: bool


def read_up_options(arguments: list[str]) -> UpOptions:
    """Parse what follows `up`; prints and exits by itself on --help and on mistakes."""
    parser = argparse.ArgumentParser(
        prog="manage.py up",
        description="Start Guanxi: database, cache, workers and web server. Ctrl-C stops everything.",
        epilog="DATABASE_URL with MIGRATOR_DATABASE_URL, REDIS_URL and EMAIL_URL in the environment replace "
        "the parts that come along. docs/ tells more.",
    )
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="port of the web server (default %(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--state", type=Path, metavar="DIR", help="folder of the database, files and logs")
    parser.add_argument(
        "--no-demo", dest="demo", action="store_false", help="make no demo workspace on the first start"
    )
    chosen = parser.parse_args(arguments)
    return UpOptions(port=chosen.port, host=chosen.host, state=chosen.state, demo=chosen.demo)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; choose a number from 1 to {HIGHEST_PORT}")
    return int(text)
