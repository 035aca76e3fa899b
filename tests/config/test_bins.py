"""The bin keeps what it promises, and no longer."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile

from config.tasks import KEPT_DAYS, remove_binned
from core.clock import now
from core.records.search import index_records, search
from core.records.types import record_type
from crm.accounts.models import Account, Contact
from crm.documents.models import Attachment

pytestmark = pytest.mark.django_db


def _binned(name: str, days: int) -> Account:
    gone = now() - dt.timedelta(days=days)
    return Account.objects.create(name=name, name_key=name.lower(), deleted_at=gone)


def test_only_what_lay_there_for_thirty_days_is_removed(workspace, django_capture_on_commit_callbacks):
    old, young = _binned("Old", KEPT_DAYS + 1), _binned("Young", KEPT_DAYS - 1)
    kept = Contact.objects.create(name="Stays", name_key="stays", account=old)
    file = Attachment(
        target_type="account", target_id=old.pk, name="a.txt", size_bytes=1, media_type="text/plain",
        sha256="",
    )  # fmt: skip
    file.file.save("a.txt", ContentFile(b"x"))
    index_records(record_type("account"), [old.pk])
    with django_capture_on_commit_callbacks(execute=True):
        assert remove_binned() == 1
    assert list(Account.everything.values_list("name", flat=True)) == ["Young"]
    kept.refresh_from_db()
    assert kept.account_id is None
    assert not Attachment.everything.exists(), "what hung on it went with it"
    assert not file.file.storage.exists(file.file.name)
    assert search("Old", to=workspace.owner) == []
    assert remove_binned() == 0
    assert young.deleted_at is not None
