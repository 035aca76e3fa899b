"""A stored file is found again under the name that storing it gave."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from core.tenancy.files import TenantStorage
from core.tenancy.scope import tenant_scope


def test_what_was_saved_opens_under_its_name(tmp_path):
    storage = TenantStorage(location=str(tmp_path))
    with tenant_scope("t_aaaaaa"):
        name = storage.save("imports/one.csv", ContentFile(b"a,b"))
        assert storage.open(name).read() == b"a,b"
        assert Path(storage.path(name)) == tmp_path / "t_aaaaaa" / "imports" / "one.csv"


def test_another_tenant_does_not_find_it(tmp_path):
    storage = TenantStorage(location=str(tmp_path))
    with tenant_scope("t_aaaaaa"):
        name = storage.save("imports/one.csv", ContentFile(b"a,b"))
    with tenant_scope("t_bbbbbb"), pytest.raises(FileNotFoundError):
        storage.open(name)
