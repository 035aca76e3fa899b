"""How many statements the pages that people open all day may send. More rows must not mean more statements."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.records.types import record_type, record_types
from core.records.writing import create_record
from crm.activities.models import Activity
from crm.opportunities.models import Opportunity, Stage
from crm.opportunities.services.opportunities import move_opportunity

pytestmark = pytest.mark.django_db
LIST, API_LIST, RECORD, MOVE = 5, 4, 15, 4


@pytest.fixture
def filled(workspace):
    """Three accounts, each with contacts, opportunities and a timeline."""
    by = workspace.owner
    accounts = []
    for number in range(3):
        account = create_record(record_type("account"), {"name": f"Firm {number}"}, by=by).record
        for person in range(7):
            values = {"name": f"Person {number}{person}", "account_id": account.pk}
            create_record(record_type("contact"), values, by=by)
            create_record(record_type("opportunity"), {**values, "name": f"Sale {number}{person}"}, by=by)
            Activity.objects.create(
                kind="note", target_type="account", target_id=account.pk, author=by, body=f"Note {person}"
            )
        accounts.append(account)
    return accounts


def _statements(call: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        call()
    # A test's own transaction turns what would be BEGIN and COMMIT into savepoints.
    return [each["sql"][:200] for each in captured if "SAVEPOINT" not in each["sql"]]


@pytest.mark.parametrize("slug", [kind.slug for kind in record_types() if kind.creatable])
def test_a_list_of_any_type_takes_few_statements(filled, workspace, client_of, slug):
    client = client_of(workspace, workspace.owner)
    client.get(f"/{slug}/")
    found = _statements(lambda: client.get(f"/{slug}/"))
    assert 0 < len(found) <= LIST, found


@pytest.mark.parametrize("slug", [kind.slug for kind in record_types() if kind.creatable])
def test_a_list_of_the_api_takes_few_statements(filled, workspace, client_of, slug):
    client = client_of(workspace, workspace.owner)
    client.get(f"/api/v1/{slug}/")
    found = _statements(lambda: client.get(f"/api/v1/{slug}/"))
    assert 0 < len(found) <= API_LIST, found


def test_a_record_page_takes_few_statements(filled, workspace, client_of):
    client = client_of(workspace, workspace.owner)
    url = f"/accounts/{filled[0].pk}/"
    client.get(url)
    found = _statements(lambda: client.get(url))
    assert 0 < len(found) <= RECORD, found
    related = {block["label"]: block["count"] for block in client.get(url).context["related"]}
    assert (related["Contacts"], related["Opportunities"]) == (7, 7)


@pytest.mark.parametrize("in_front", [False, True])
def test_moving_a_card_takes_few_statements(filled, workspace, in_front):
    card, other = Opportunity.objects.all()[:2]
    stages = list(Stage.objects.filter(outcome="open")[:2])
    for each in (card, other):
        move_opportunity(each.pk, to_stage=stages[each is other].pk, by=workspace.owner)
    before = other.pk if in_front else None
    found = _statements(
        lambda: move_opportunity(card.pk, to_stage=stages[1].pk, before=before, by=workspace.owner)
    )
    # A fifth closes the context of history inside a test's own transaction; elsewhere COMMIT does.
    assert 0 < len(found) <= MOVE + 1, found
    assert [each for each in found if each == "SET LOCAL history.context = ''"] == found[-1:]
