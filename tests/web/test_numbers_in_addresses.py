"""Numbers that stand in addresses and forms: what is none is no server error."""

import pytest

from core.records.types import record_type
from core.records.writing import create_record
from crm.fields.models import CustomField
from crm.opportunities.models import Stage

pytestmark = pytest.mark.django_db
NO_NUMBERS = ["9" * 5000, "9" * 19, "²", "-1", "1e5"]


@pytest.fixture
def client(workspace, client_of):
    return client_of(workspace, workspace.owner)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_in_addresses_they_mean_the_first_page(workspace, client, text):
    record = create_record(record_type("account"), {"name": "Acme"}, by=workspace.owner).record
    stage = Stage.objects.order_by("position").first()
    for url, name in (
        (f"/opportunities/board/{stage.pk}/more/", "from"),
        (f"/accounts/{record.pk}/tab/changes/", "before"),
    ):
        plain = client.get(url)
        answer = client.get(url, {name: text})
        assert (plain.status_code, answer.status_code) == (200, 200)


def pipeline(probability: str) -> dict:
    names, percents = ["Open", "Won", "Lost"], [probability, "100", "0"]
    stages = {"stage-name": names, "probability": percents, "outcome": ["open", "won", "lost"]}
    return {"name": "New", "stage": ["", "", ""], **stages}


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_in_forms_they_are_refused_with_a_sentence_or_left_out(client, text):
    assert client.post("/settings/pipelines/new/", pipeline(text)).status_code == 422
    field = {"label": "Size", "decimals": text}
    answer = client.post("/settings/fields/account/new/?kind=number", field)
    assert answer.status_code == 422
    for pressed in ("add", "inside", "remove"):
        asked = {"group": text, "subject": "name", "inner": "0", "row": "0", pressed: text}
        assert client.post("/accounts/query/", asked).status_code < 500
    day = {"name": "Fair", "first": "2026-12-01", "last": "", "weekday": text}
    assert client.post("/settings/hours/days/add/", day).status_code < 500


def test_digits_of_a_chinese_keyboard_are_read(client):
    assert client.post("/settings/pipelines/new/", pipeline("３０")).status_code == 302
    assert Stage.objects.get(name="Open", pipeline__name="New").probability_percent == 30
    answer = client.post("/settings/fields/account/new/?kind=number", {"label": "Size", "decimals": "２"})
    assert answer.status_code == 302
    assert CustomField.objects.get().options["decimals"] == 2
