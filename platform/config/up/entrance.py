"""What happens before Django: the product's own interpreter, then `up` and `test`.

Only the standard library is imported here, and this file must be readable by an old Python, so that it can
say that it is too old.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)


def enter(root: Path, argv: list[str]) -> None:
    """Make sure the product's own interpreter runs; returns for plain management commands."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        sys.exit(f"Guanxi needs Python {wanted} or newer; this is {sys.version.split()[0]}.")
    if os.name != "posix":
        sys.exit("Guanxi runs on Linux and macOS. On Windows, use it inside WSL or a container.")

    from config.up.errors import STOPPED, CannotStart

    try:
        exit_code = _run(root, argv)
    except CannotStart as refusal:
        sys.exit(f"\n{refusal}")
    except KeyboardInterrupt:
        # Only before `up` itself listens, while packages are installed: what is half-made is made anew.
        print("\nStopped.", file=sys.stderr)
        sys.exit(STOPPED)
    if exit_code is not None:
        sys.exit(exit_code)


def _run(root: Path, argv: list[str]) -> int | None:
    """The exit code of `up` or `test`; None when Django is to go on with a command of its own."""
    from config.up.interpreter import use_own_interpreter
    from config.up.options import read_up_options

    command, rest = (argv[1], argv[2:]) if len(argv) > 1 else ("", [])
    # Before the environment is made: --help and a mistyped option should answer at once.
    options = read_up_options(rest) if command == "up" else None
    if not os.environ.get("GUANXI_NO_VENV"):
        use_own_interpreter(root, argv, for_tests=command == "test")
    if options is not None:
        from config.up.start import start_product

        return start_product(root, options)
    if command == "test":
        from config.up.habits import run_everything

        return run_everything(root, rest)
    from config.up.state import join_running_product

    join_running_product(root)
    return None
