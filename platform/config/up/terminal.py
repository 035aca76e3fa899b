"""Short lines for the person at the terminal."""

import sys
from pathlib import Path


def say(line: str) -> None:
    """Print one line at once, also through a pipe."""
    print(line, flush=True)


def complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, indented, to stand below a message; empty when there is no such log."""
    if not log.exists():
        return ""
    lines = log.read_text(errors="replace").splitlines()[-count:]
    return "\n".join(f"    {line}" for line in lines)
