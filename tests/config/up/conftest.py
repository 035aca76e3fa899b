"""A state folder and stand-in children: small programs that do one thing."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.up.children import Child, Stage
from config.up.state import open_folder
from config.up.supervisor import Supervisor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return open_folder(tmp_path / "state")


@pytest.fixture
def supervisor(folder: Path) -> Iterator[Supervisor]:
    made = Supervisor(folder)
    yield made
    made.stops_asked = 3
    made.stop()


@pytest.fixture
def program(folder: Path) -> Callable[..., Child]:
    """program(name, python_source, **fields) → a child that runs the source."""

    def make(name: str, source: str, **fields: object) -> Child:
        command = (sys.executable, "-c", source)
        environment = {**os.environ, "GUANXI_STATE": str(folder)}
        return Child(name, fields.pop("stage", Stage.WORKERS), command, environment, **fields)  # type: ignore[arg-type]

    return make
