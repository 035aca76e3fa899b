"""An importer whose files lie in a folder of the test's own."""

import pytest

from tests.importing import Importer


@pytest.fixture
def importer(workspace, tmp_path, settings) -> Importer:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path)}},
    }
    return Importer(workspace.owner)
