"""Shaping pipelines: what stands in a stage is not lost with it."""

import pytest

from core.errors import Conflict, DomainError
from core.records.types import record_type
from core.records.writing import create_record
from crm.opportunities.models import Opportunity, Pipeline
from crm.opportunities.selectors.opportunities import pipelines
from crm.opportunities.services.pipelines import StageRow, archive_pipeline, save_pipeline
from crm.opportunities.services.stages import stage_options

pytestmark = pytest.mark.django_db
ROWS = [
    StageRow(None, "First talk", 20, "open"),
    StageRow(None, "Signed", 0, "won"),
    StageRow(None, "Gone", 50, "lost"),
]


def _rows(pipeline):
    return [StageRow(s.pk, s.name, s.probability_percent, s.outcome) for s in pipeline.stages.all()]


def test_a_second_pipeline_names_its_stages_after_itself(workspace):
    save_pipeline(None, name="Renewals", rows=ROWS, by=workspace.owner)
    labels = [str(option.label) for option in stage_options()]
    assert "Renewals: First talk" in labels
    signed = Pipeline.objects.get(name="Renewals").stages.get(name="Signed")
    assert (signed.probability_percent, signed.position > 1000) == (100, True)


@pytest.mark.parametrize(
    "rows",
    [
        ROWS[1:],
        ROWS[:1],
        [*ROWS, StageRow(None, "Also signed", 100, "won")],
        [StageRow(None, "X", 101, "open"), *ROWS],
    ],
)
def test_a_pipeline_that_cannot_work_is_refused(workspace, rows):
    with pytest.raises(DomainError):
        save_pipeline(None, name="Renewals", rows=rows, by=workspace.owner)
    assert not Pipeline.objects.filter(name="Renewals").exists()


def test_two_stages_of_one_name_are_refused(workspace):
    with pytest.raises(Conflict):
        save_pipeline(None, name="Renewals", rows=[*ROWS, ROWS[0]], by=workspace.owner)


def test_a_stage_that_holds_opportunities_is_not_removed(workspace):
    opportunity = create_record(record_type("opportunity"), {"name": "Sale"}, by=workspace.owner).record
    pipeline = opportunity.pipeline
    rest = [row for row in _rows(pipeline) if row.stage_id != opportunity.stage_id]
    with pytest.raises(DomainError, match=opportunity.stage.name):
        save_pipeline(pipeline, name=pipeline.name, rows=rest, by=workspace.owner)
    assert Opportunity.objects.get().stage_id == opportunity.stage_id
    with pytest.raises(DomainError):
        archive_pipeline(pipeline, by=workspace.owner)


def test_a_stage_is_renamed_and_moved(workspace):
    pipeline = Pipeline.objects.get()
    rows = _rows(pipeline)
    rows = [rows[1], StageRow(rows[0].stage_id, "Renamed", 15, "open"), *rows[2:]]
    save_pipeline(pipeline, name="Selling", rows=rows, by=workspace.owner)
    assert [stage.name for stage in pipeline.stages.all()][:2] == ["Qualified", "Renamed"]


def test_members_do_not_shape_pipelines(workspace, client_of):
    from tenants.people.models import User

    member = User.objects.create_user("m@x.example", "x", name="Mina")
    assert client_of(workspace, member).get("/settings/pipelines/").status_code == 403
    assert client_of(workspace, workspace.owner).get("/settings/pipelines/").status_code == 200


def test_an_archived_pipeline_is_restored_behind_the_others(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    save_pipeline(None, name="Renewals", rows=ROWS, by=workspace.owner)
    renewals = Pipeline.objects.get(name="Renewals")
    archive_pipeline(renewals, by=workspace.owner)
    page = client.get("/settings/pipelines/").content.decode()
    assert f"/settings/pipelines/{renewals.pk}/restore/" in page
    assert client.post(f"/settings/pipelines/{renewals.pk}/restore/").status_code == 302
    assert [each.name for each in pipelines()] == ["Sales", "Renewals"]


def test_new_opportunities_begin_in_the_first_pipeline(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    save_pipeline(None, name="Renewals", rows=ROWS, by=workspace.owner)
    renewals = Pipeline.objects.get(name="Renewals")
    assert client.post(f"/settings/pipelines/{renewals.pk}/first/").status_code == 302
    made = create_record(record_type("opportunity"), {"name": "Sale"}, by=workspace.owner).record
    assert made.pipeline_id == renewals.pk
    page = client.get("/settings/pipelines/").content.decode()
    assert page.index("Renewals") < page.index(">Sales<")
