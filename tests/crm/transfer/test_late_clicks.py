"""A page that is older than the job it shows."""

import pytest

from core.errors import Conflict
from crm.accounts.models import Account
from crm.transfer.models import ImportJob, ImportState
from crm.transfer.services import jobs
from crm.transfer.tasks import _work

pytestmark = pytest.mark.django_db
ROWS = "name,city\nAcme,York\nBell,Hull\n"


@pytest.mark.parametrize("state", [ImportState.RUNNING, ImportState.DONE, ImportState.UNDONE])
def test_a_mapping_sent_late_does_not_reset_the_job(state, importer):
    job = importer.upload("account", ROWS)
    ImportJob.objects.filter(pk=job.pk).update(state=state)
    with pytest.raises(Conflict):
        importer.map(job, {"name": "name"})
    assert ImportJob.objects.get(pk=job.pk).state == state


def test_an_encoding_chosen_late_does_not_either(importer, workspace):
    job = importer.upload("account", ROWS)
    ImportJob.objects.filter(pk=job.pk).update(state=ImportState.RUNNING)
    with pytest.raises(Conflict):
        jobs.change_layout(job, changes={"encoding": "gb18030"}, by=workspace.owner)
    assert ImportJob.objects.get(pk=job.pk).state == ImportState.RUNNING


def test_the_general_undo_does_not_take_an_import_back(importer, workspace, client_of):
    job = importer.whole("account", ROWS)
    answer = client_of(workspace, workspace.owner).post(f"/undo/{job.batch}/")
    assert answer.status_code == 403
    assert Account.objects.count() == 2
    importer.undo(job)
    assert not Account.objects.exists()


def test_a_step_that_breaks_ends_the_job_with_a_word(importer):
    job = importer.upload("account", ROWS)
    ImportJob.objects.filter(pk=job.pk).update(state=ImportState.CHECKING)

    def broken(job: ImportJob, lease: object) -> None:
        raise KeyError("a fault of ours")

    _work(str(job.pk), ImportState.CHECKING, broken)
    job.refresh_from_db()
    assert (job.state, job.lease, bool(job.message)) == (ImportState.MAPPING, None, True)
