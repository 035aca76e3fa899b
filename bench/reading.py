"""list, deep_page, search, record, board: reading 100,000 contacts and 2,000 open opportunities."""

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, reset_queries
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from bench import floors
from bench.figures import Figure, Result, in_turn
from bench.workspace import Server, Workspace, fill, open_workspace
from core.records.lists import read_page, read_request
from core.records.types import record_type
from core.tenancy.scope import tenant_scope
from crm.accounts.models import Contact
from crm.opportunities.models import Opportunity, Stage
from crm.opportunities.services.opportunities import move_opportunity
from tenants.people.models import User

_CONTACTS, _ACCOUNTS, _OPEN = 100_000, 2_000, 2_000


def measure() -> Result:
    """All reading figures in one workspace, removed afterwards."""
    workspace = open_workspace()
    try:
        fill(workspace, accounts=_ACCOUNTS, contacts=_CONTACTS, opportunities=_OPEN)
        floors.SCHEMA["name"] = workspace.schema
        product, floor = Server(WSGIHandler(), workspace), Server(floors.handler(), workspace)
        figures = [
            *_lists(product, floor),
            _deep_page(product, workspace),
            *_searches(product),
            *_records(product, floor, workspace),
            *_boards(product, workspace),
        ]
        return Result("reading", figures)
    finally:
        workspace.remove()


def _lists(product: Server, floor: Server) -> list[Figure]:
    html, html_floor = in_turn(lambda: product.get("/contacts/"), lambda: floor.get("/html"))
    json, json_floor = in_turn(lambda: product.get("/api/v1/contacts/"), lambda: floor.get("/json"))
    return [
        Figure("list HTML, 50 of 100,000", html, html_floor, 1.0, note="whole page with frame and count"),
        Figure("list JSON, 50 of 100,000", json, json_floor, 2.5),
    ]


def _deep_page(product: Server, workspace: Workspace) -> Figure:
    kind = record_type("contact")
    cursor = ""
    with tenant_scope(workspace.schema, workspace.snapshot):
        owner = User.objects.get(pk=workspace.owner_id)
        for _ in range(1_999):
            query = QueryDict(mutable=True)
            query["at"] = cursor
            query["cols"] = "name"
            cursor = read_page(read_request(kind, query, to=owner), to=owner).next_cursor
    deep = QueryDict(mutable=True)
    deep["at"] = cursor
    value, floor = in_turn(
        lambda: product.get(f"/contacts/?{deep.urlencode()}"), lambda: product.get("/contacts/")
    )
    return Figure("deep_page 2,000 against page 1", value, floor, 1.5)


def _searches(product: Server) -> list[Figure]:
    figures = []
    for name, query in (
        ("Latin fragment", "kafor 12"),
        ("two Chinese characters", "张伟"),
        ("initials", "zw"),
    ):
        value, floor = in_turn(
            lambda query=query: product.get(f"/palette?q={query}"), lambda: product.get("/contacts/")
        )
        figures.append(Figure(f"search, {name}", value, floor, 2.0, note="against page 1"))
    return figures


def _records(product: Server, floor: Server, workspace: Workspace) -> list[Figure]:
    with tenant_scope(workspace.schema, workspace.snapshot):
        contact = Contact.objects.order_by("name_key").first()
        owner = User.objects.get(pk=workspace.owner_id)
        _timeline_of(contact, owner)
    url = f"/contacts/{contact.pk}/"
    value, low = in_turn(lambda: product.get(url), lambda: floor.get(f"/record?id={contact.pk}"))
    return [
        Figure("record, timeline of 500", value, low, 4.0),
        Figure("record, queries", _queries(product, url), None, 15, unit=""),
    ]


def _timeline_of(contact: Contact, owner: User) -> None:
    from crm.activities.models import Activity

    Activity.objects.bulk_create(
        Activity(
            kind="note", target_type="contact", target_id=contact.pk, author=owner, body=f"Note {number}"
        )
        for number in range(500)
    )


def _boards(product: Server, workspace: Workspace) -> list[Figure]:
    url = "/opportunities/board/"
    with tenant_scope(workspace.schema, workspace.snapshot):
        owner = User.objects.get(pk=workspace.owner_id)
        cards = list(Opportunity.objects.order_by("name_key")[:2])
        stages = list(Stage.objects.filter(outcome="open")[:2])
        turns = {"product": 0, "floor": 0}

        def move() -> None:
            turns["product"] += 1
            move_opportunity(cards[0].pk, to_stage=stages[turns["product"] % 2].pk, by=owner)

        def bare_update() -> None:
            turns["floor"] += 1
            Opportunity.objects.filter(pk=cards[1].pk).update(stage=stages[turns["floor"] % 2])

        moved, updated = in_turn(move, bare_update)
    return [
        Figure("board of 2,000, queries", _queries(product, url), None, 12, unit=""),
        Figure("board, moving a card", moved, updated, 2.0, note="against one recorded UPDATE"),
    ]


def _queries(product: Server, url: str) -> int:
    product.get(url)
    reset_queries()
    with CaptureQueriesContext(connection) as captured:
        product.get(url)
    return len(captured)
