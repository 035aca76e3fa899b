"""The board: its columns, its moves, and what it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.history.models import Transaction
from core.history.undo import undo
from core.records.types import record_type
from core.records.writing import create_record
from crm.customize.models import PicklistItem
from crm.opportunities.models import Opportunity, Pipeline, Stage
from crm.opportunities.services.opportunities import move_opportunity
from tenants.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def cards(workspace):
    kind = record_type("opportunity")
    return [
        create_record(kind, {"name": f"Sale {n}", "amount": 100 + n}, by=workspace.owner).record
        for n in range(4)
    ]


def _names(stage: Stage) -> list[str]:
    return [card.name for card in Opportunity.objects.filter(stage=stage).order_by("board_position", "pk")]


def test_a_board_costs_at_most_twelve_queries(workspace, client_of):
    stages = list(Stage.objects.filter(outcome="open"))
    pipeline = Pipeline.objects.get()
    Opportunity.objects.bulk_create(
        Opportunity(name=f"S{n}", name_key=f"s{n}", pipeline=pipeline, stage=stages[n % 4], amount=n)
        for n in range(400)
    )
    client = client_of(workspace, workspace.owner)
    client.get("/opportunities/board/")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/opportunities/board/")
    assert answer.status_code == 200
    columns = answer.context["stages"]
    assert [column["count"] for column in columns][:4] == [100] * 4
    assert [len(column["cards"]) for column in columns][:4] == [30] * 4
    assert len([q for q in queries if "SAVEPOINT" not in q["sql"]]) <= 12


def test_a_card_goes_where_it_was_put_even_between_equal_places(workspace, cards):
    stage = cards[0].stage
    Opportunity.objects.update(board_position=0)
    before = _names(stage)
    moved = cards[3]
    target = Opportunity.objects.get(name=before[1])
    move_opportunity(moved.pk, to_stage=stage.pk, before=target.pk, by=workspace.owner)
    wanted = [name for name in before if name != moved.name]
    wanted.insert(wanted.index(target.name), moved.name)
    assert _names(stage) == wanted


def test_moving_to_won_closes_it_and_moving_back_opens_it(workspace, cards):
    won = Stage.objects.get(outcome="won")
    first = cards[0].stage
    move_opportunity(cards[0].pk, to_stage=won.pk, by=workspace.owner)
    card = Opportunity.objects.get(pk=cards[0].pk)
    assert (card.outcome, card.closed_on is not None) == ("won", True)
    move_opportunity(card.pk, to_stage=first.pk, by=workspace.owner)
    card = Opportunity.objects.get(pk=cards[0].pk)
    assert (card.outcome, card.closed_on) == ("open", None)


def test_a_lost_card_is_asked_why(workspace, cards, client_of):
    client = client_of(workspace, workspace.owner)
    lost = Stage.objects.get(outcome="lost")
    answer = client.post(f"/opportunities/{cards[0].pk}/move/", {"stage": str(lost.pk)}).json()
    assert answer["ask"].startswith(f"/opportunities/{cards[0].pk}/lost/")
    assert Opportunity.objects.get(pk=cards[0].pk).outcome == "open"
    assert client.post(answer["ask"], {"reason": ""}).status_code == 302
    assert Opportunity.objects.get(pk=cards[0].pk).outcome == "lost"


def _sent(context, stage, card):
    """What the script sends of the board that it stands on."""
    raw = {each["id"]: each["raw"] for each in context["stages"]}
    return {
        "stage": str(stage.pk),
        "source": raw[str(card.stage_id)],
        "goal": raw[str(stage.pk)],
        "head": context["head_figures"],
    }


def test_a_move_tells_the_figures_of_its_columns_and_of_the_head(workspace, cards, client_of):
    client = client_of(workspace, workspace.owner)
    stages = list(Stage.objects.filter(outcome="open").order_by("position"))
    card = cards[0]
    for stage in (stages[-1], Stage.objects.get(outcome="won"), stages[1]):
        card = Opportunity.objects.get(pk=card.pk)
        before = client.get("/opportunities/board/").context
        told = client.post(f"/opportunities/{card.pk}/move/", _sent(before, stage, card)).json()
        board = client.get("/opportunities/board/").context
        assert told["head"] == {"text": board["summary"], "raw": board["head_figures"]}
        shown = {each["id"]: each for each in board["stages"]}
        assert len(told["columns"]) == 2
        for key, figures in told["columns"].items():
            assert figures == {name: shown[key][name] for name in ("raw", "count", "total")}


def test_the_answer_to_a_move_does_not_look_at_other_cards(workspace, cards, client_of):
    client = client_of(workspace, workspace.owner)
    last = Stage.objects.filter(outcome="open").order_by("position").last()
    sent = _sent(client.get("/opportunities/board/").context, last, cards[0])
    with CaptureQueriesContext(connection) as queries:
        assert "columns" in client.post(f"/opportunities/{cards[0].pk}/move/", sent).json()
    assert [each["sql"] for each in queries if "SUM(" in each["sql"] or "COUNT(" in each["sql"]] == []


@pytest.mark.parametrize("raw", ["", "1", "a b", "NaN 1", "1 1e99", "1 2 3"])
def test_figures_that_no_board_shows_are_not_answered(workspace, cards, client_of, raw):
    client = client_of(workspace, workspace.owner)
    last = Stage.objects.filter(outcome="open").order_by("position").last()
    sent = _sent(client.get("/opportunities/board/").context, last, cards[0]) | {"goal": raw}
    told = client.post(f"/opportunities/{cards[0].pk}/move/", sent).json()
    assert (told["text"] != "", "columns" in told) == (True, False)


def test_a_board_among_several_keeps_its_pipeline_under_filters(workspace, cards, client_of):
    other = Pipeline.objects.create(name="Care plans", position=2)
    Stage.objects.create(pipeline=other, name="First", position=0, probability_percent=10)
    client = client_of(workspace, workspace.owner)
    context = client.get(f"/opportunities/board/?pipeline={other.pk}&f=name.contains.Sale").context
    here = f"/opportunities/board/?pipeline={other.pk}"
    assert context["filters"][0][2] == here
    assert ("pipeline", str(other.pk)) in context["kept"]
    dialog = next(url for name, _label, url in context["filter_fields"] if name == "amount")
    answer = client.post(dialog, {"operator": "gte", "value": "5"})
    assert answer.url.startswith(f"{here}&f=name.contains.Sale&f=amount")
    assert [f"{here}&" in url for _name, url, current in context["pipelines"] if current] == [True]


def test_a_dialog_leads_back_to_no_page_but_the_types_own(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    for strange in ("https://evil.example/opportunities/board/", "//evil.example", "/people/"):
        answer = client.post(
            f"/opportunities/filter/name/?on={strange}", {"operator": "contains", "value": "x"}
        )
        assert answer.url == "/opportunities/?f=name.contains.x"


def _lose(client, card, reason):
    return client.post(f"/opportunities/{card.pk}/lost/", {"reason": reason})


def test_a_reason_that_is_missing_is_added_by_those_who_may_and_undone_with_the_loss(
    workspace, cards, client_of
):
    client = client_of(workspace, workspace.owner)
    page = client.get(f"/opportunities/{cards[0].pk}/lost/").content.decode()
    assert "data-create" in page and "Type it, and it is added" in page
    assert _lose(client, cards[0], "Bought a rival").status_code == 302
    lost = Opportunity.objects.get(pk=cards[0].pk)
    assert (lost.outcome, lost.lost_reason.label) == ("lost", "Bought a rival")
    assert _lose(client, cards[1], "bought a RIVAL").status_code == 302
    assert Opportunity.objects.get(pk=cards[1].pk).lost_reason == lost.lost_reason
    last = Transaction.objects.filter(label__contains="Lost").order_by("id").first()
    undo(last.batch, by=workspace.owner)
    assert Opportunity.objects.get(pk=cards[0].pk).outcome == "open"


def test_a_member_is_told_who_adds_reasons(workspace, cards, client_of):
    member = User.objects.create_user("m@x.example", "x", name="Mina")
    client = client_of(workspace, member)
    page = client.get(f"/opportunities/{cards[0].pk}/lost/").content.decode()
    assert "data-create" not in page and "owner and administrators add to this list" in page
    assert _lose(client, cards[0], "Bought a rival").status_code == 403
    assert Opportunity.objects.get(pk=cards[0].pk).outcome == "open"
    price = PicklistItem.objects.get(picklist="lost_reason", label="Price")
    assert _lose(client, cards[0], str(price.pk)).status_code == 302
    assert Opportunity.objects.get(pk=cards[0].pk).lost_reason == price
