"""What is found follows what was written, and nothing is written that did not change."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.records.models import SearchDocument
from core.records.search import search
from core.records.types import record_type
from core.records.writing import bin_records, create_record, update_record
from crm.opportunities.models import Stage
from crm.opportunities.services.opportunities import move_opportunity

pytestmark = pytest.mark.django_db


@pytest.fixture
def sale(workspace):
    values = {"name": "Harbour lights", "reference": "Q-17"}
    return create_record(record_type("opportunity"), values, by=workspace.owner).record


def _writes_of(call) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        call()
    return [
        each["sql"]
        for each in captured
        if "SELECT" not in each["sql"][:10] and "SAVEPOINT" not in each["sql"]
    ]


def test_a_changed_name_is_found_by_the_new_one(workspace, sale):
    update_record(record_type("opportunity"), sale, {"name": "Quay lanterns"}, by=workspace.owner)
    assert [hit.id for hit in search("lanterns", to=workspace.owner)] == [sale.pk]
    assert search("harbour", to=workspace.owner) == []


def test_a_moved_card_touches_no_document_and_is_still_found(workspace, sale):
    stage = Stage.objects.filter(outcome="open").last()
    writes = _writes_of(lambda: move_opportunity(sale.pk, to_stage=stage.pk, by=workspace.owner))
    assert [each for each in writes if "records_searchdocument" in each] == []
    sale.refresh_from_db()
    assert (sale.stage, SearchDocument.objects.get(pk=sale.pk).subtitle) == (stage, "")
    assert [hit.id for hit in search("harbour", to=workspace.owner)] == [sale.pk]


def test_a_changed_subtitle_is_shown_and_the_texts_stay(workspace, sale):
    account = create_record(record_type("account"), {"name": "Quay"}, by=workspace.owner).record
    kind = record_type("contact")
    person = create_record(kind, {"name": "Ada", "job_title": "Buyer"}, by=workspace.owner).record
    before = SearchDocument.objects.get(pk=person.pk)
    values = {"job_title": "Owner", "account_id": account.pk}
    update_record(kind, person, values, by=workspace.owner)
    after = SearchDocument.objects.get(pk=person.pk)
    assert (before.subtitle, after.subtitle) == ("Buyer", "Owner · Quay")
    assert after.title == before.title == "Ada"


def test_a_field_that_nobody_searches_writes_the_record_alone(workspace, sale):
    kind = record_type("opportunity")
    writes = _writes_of(lambda: update_record(kind, sale, {"description": "soon"}, by=workspace.owner))
    assert [each for each in writes if "records_searchdocument" in each] == []
    (update,) = [each for each in writes if each.startswith('UPDATE "opportunities_opportunity"')]
    assert "description" in update and "reference" not in update
    sale.refresh_from_db()
    assert (sale.description, sale.reference) == ("soon", "Q-17")


def test_another_owner_and_the_bin_reach_the_document(workspace, sale):
    from tenants.people.models import User

    other = User.objects.create_user("o@x.example", "x", name="Other")
    update_record(record_type("opportunity"), sale, {"owner_id": other.pk}, by=workspace.owner)
    assert SearchDocument.objects.get(pk=sale.pk).owner_id == other.pk
    bin_records(record_type("opportunity"), [sale.pk], by=workspace.owner)
    assert not SearchDocument.objects.filter(pk=sale.pk).exists()
