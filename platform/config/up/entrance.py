"""What happens before Django: find or make the virtual environment, then `up` and `test`."""

from pathlib import Path


def enter(root: Path, argv: list[str]) -> None:
    """Make sure the product's own interpreter runs; returns for plain management commands."""
