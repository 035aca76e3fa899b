"""A thousand idle workspaces cost the sweep one read of the cache."""

import datetime as dt

import pytest
from django.core.cache import caches
from django.db import transaction

from core.clock import now
from core.tenancy.scope import public_scope
from crm.transfer import tasks
from crm.transfer.models import ExportJob, ExportState, ImportJob, ImportState
from crm.transfer.services import jobs
from crm.transfer.services.sweeping import HINTS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _commit_at_once(monkeypatch):
    """The test's own transaction is rolled back: what waits for a commit happens now."""
    monkeypatch.setattr(transaction, "on_commit", lambda function, **_rest: function())
    monkeypatch.setattr("core.tenancy.tasks.close_old_connections", lambda: None)


def test_an_idle_workspace_is_looked_into_once(workspace):
    assert HINTS.due_among([workspace.schema]) == [workspace.schema]
    tasks.resume.run(workspace.schema)
    assert HINTS.due_among([workspace.schema]) == []


def test_work_makes_it_looked_into_again_until_it_is_over(workspace, importer, monkeypatch):
    monkeypatch.setattr(jobs, "_send", lambda *_rest: None)
    job = importer.upload("account", "name\nAcme\n")
    tasks.resume.run(workspace.schema)
    jobs.start_check(job, by=importer.by)
    assert HINTS.due_among([workspace.schema]) == [workspace.schema]
    tasks.resume.run(workspace.schema)
    assert HINTS.due_among([workspace.schema]) == [workspace.schema]
    ImportJob.objects.update(state=ImportState.CHECKED)
    tasks.resume.run(workspace.schema)
    assert HINTS.due_among([workspace.schema]) == []


def test_an_archive_is_looked_for_when_its_week_is_over(workspace, importer, monkeypatch):
    made = now() - dt.timedelta(days=6)
    ExportJob.objects.create(
        created_by=workspace.owner, state=ExportState.DONE, stored="exports/x/workspace.zip", created_at=made
    )
    tasks.resume.run(workspace.schema)
    assert HINTS.due_among([workspace.schema]) == []
    later = now() + dt.timedelta(days=1, minutes=1)
    monkeypatch.setattr("core.tenancy.hints.now", lambda: later)
    assert HINTS.due_among([workspace.schema]) == [workspace.schema]


def test_a_thousand_idle_workspaces_are_one_read_of_the_cache(workspace, monkeypatch):
    schemas = [f"t_idle{number:06d}" for number in range(1000)]
    caches["registry"].set_many({f"transfer:{schema}": 0 for schema in schemas}, 60)
    reads = []
    cache_class, read = type(caches["registry"]), caches["registry"].get_many
    monkeypatch.setattr(cache_class, "get_many", lambda _self, keys, **_rest: reads.append(1) or read(keys))
    assert HINTS.due_among(schemas) == []
    assert len(reads) == 1


def test_the_sweep_asks_the_database_once_and_sends_nothing_to_the_idle(
    workspace, django_assert_num_queries, monkeypatch
):
    sent = []
    monkeypatch.setattr(tasks.resume, "apply_async", lambda args, **_rest: sent.append(*args))
    with public_scope(switch=True, reason="test"):
        tasks.resume_all.run()
        assert workspace.schema in sent
        sent.clear()
    tasks.resume.run(workspace.schema)
    with public_scope(switch=True, reason="test"), django_assert_num_queries(1):
        tasks.resume_all.run()
    assert workspace.schema not in sent
