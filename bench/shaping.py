"""A workspace that its admin has shaped: 60 own fields, roles with scopes, 100,000 contacts and opportunities."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.test import Client

from bench import floors
from bench.figures import Figure, Result, in_turn
from bench.workspace import Server, Workspace, fill, open_workspace
from core.records.types import record_type
from core.tenancy.scope import tenant_scope
from crm.fields.models import CustomField, FieldKind, Ordering
from crm.fields.services.making import FieldForm, make_field
from crm.fields.services.shaping import definition_of, forget_shape
from tenants.people.models import AccessRole, Team, User
from tenants.registry.provisioning.indexes import build_value_index

_ROWS, _FIELDS = 100_000, 60
# One object a number: a function takes a hundred arguments at most.
_MADE = " || ".join(
    f"jsonb_build_object('t_c_text_{n}', 'Value ' || mod(c.number, {n + 100}),"
    f" 'n_c_number_{n}', mod(c.number * {n + 7}, 99991) / 100.0,"
    f" 'd_c_date_{n}', (date '2026-01-01' - mod(c.number, 3000)::int)::text)"
    for n in range(1, _FIELDS // 3 + 1)
)
# One contact in twenty and one opportunity in ten belong to the team whose member looks.
_VALUES = f"""
    UPDATE accounts_contact kept SET custom = made.custom, computed = made.computed, team_id = made.team_id FROM (
        SELECT c.id, {_MADE} AS custom,
            jsonb_build_object('s_c_text_1', 'value ' || lpad(mod(c.number, 101)::text, 4, '0')) AS computed,
            CASE WHEN mod(c.number, 20) = 0 THEN %(sellers)s::uuid ELSE %(others)s::uuid END AS team_id
        FROM (SELECT id, row_number() OVER (ORDER BY name_key) AS number FROM accounts_contact) c
    ) made WHERE made.id = kept.id
"""
_TEAMS = """
    UPDATE opportunities_opportunity
    SET team_id = CASE WHEN right(name_key, 1) = '0' THEN %(sellers)s::uuid ELSE %(others)s::uuid END
"""
_COLUMNS = "name,c_text_1,c_number_1,c_date_1,c_text_2,c_number_2,c_date_2,owner"


def measure(rows: int = _ROWS) -> Result:
    """Lists, reports and forms beside the same without what was shaped."""
    workspace = open_workspace()
    try:
        plain = Server(WSGIHandler(), workspace)
        fill(workspace, accounts=2_000, contacts=rows, opportunities=rows)
        form_before, _ = in_turn(lambda: plain.get("/contacts/new/"), lambda: None)
        _shape(workspace)
        floors.SCHEMA["name"] = workspace.schema
        product, floor = Server(WSGIHandler(), workspace), Server(floors.handler(), workspace)
        figures = [*_lists(product, floor), *_scopes(product, workspace), _form(product, form_before)]
        return Result("shaping", figures)
    finally:
        workspace.remove()


def _shape(workspace: Workspace) -> None:
    """Twenty texts, numbers and dates; the first of each is sorted by; every record has a value in each."""
    with tenant_scope(workspace.schema, workspace.snapshot):
        owner = User.objects.get(pk=workspace.owner_id)
        kind = record_type("contact")
        for number in range(_FIELDS):
            one = (FieldKind.TEXT, FieldKind.NUMBER, FieldKind.DATE)[number % 3]
            given = FieldForm(f"{one.value} {number // 3 + 1}", sorted=number < 3)
            make_field(kind, one, given=given, by=owner)
        sellers, others = (Team.objects.create(name=name) for name in ("Sellers", "Others"))
    with tenant_scope(workspace.schema), connections["migrator"].cursor() as cursor:
        cursor.execute(_VALUES, {"sellers": sellers.pk, "others": others.pk})
        cursor.execute(_TEAMS, {"sellers": sellers.pk, "others": others.pk})
    with tenant_scope(workspace.schema, workspace.snapshot):
        for field in CustomField.objects.filter(ordering=Ordering.WANTED):
            build_value_index(workspace.schema, kind.table, definition_of(field).sort_path)
        CustomField.objects.filter(ordering=Ordering.WANTED).update(ordering=Ordering.READY)
        forget_shape()
    with tenant_scope(workspace.schema), connections["migrator"].cursor() as cursor:
        for table in ("accounts_contact", "opportunities_opportunity"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def _lists(product: Server, floor: Server) -> list[Figure]:
    shown, low = in_turn(lambda: product.get(f"/contacts/?cols={_COLUMNS}"), lambda: floor.get("/html"))
    figures = [Figure("list, six own columns", shown, low, 1.0, note="floor: eleven built-in columns")]
    for name, sort in (("number", "c_number_1"), ("text", "-c_text_1"), ("date", "c_date_1")):
        ordered, page = in_turn(
            lambda sort=sort: product.get(f"/contacts/?cols={_COLUMNS}&sort={sort}"),
            lambda: product.get(f"/contacts/?cols={_COLUMNS}"),
        )
        figures.append(Figure(f"list sorted by an own {name}", ordered, page, 1.5, note="against by name"))
    narrowed, page = in_turn(
        lambda: product.get(f"/contacts/?cols={_COLUMNS}&sort=c_number_1&f=c_number_1.gte.500"),
        lambda: product.get(f"/contacts/?cols={_COLUMNS}"),
    )
    return [*figures, Figure("and narrowed by it", narrowed, page, 2.0, note="against all by name")]


def _scopes(product: Server, workspace: Workspace) -> list[Figure]:
    """The same pages for a member whose role shows the team's records: one in twenty, one in ten."""
    member = Server(product.handler, _signed_in(workspace))
    figures = []
    for name, path, goal in (
        ("list, scope team", f"/contacts/?cols={_COLUMNS}", 1.5),
        ("list, scope team, own sort", f"/contacts/?cols={_COLUMNS}&sort=c_number_1", 1.5),
        ("reports, scope team", "/reports/", 1.3),
    ):
        narrow, whole = in_turn(
            lambda path=path: member.get(path), lambda path=path: product.get(path), rounds=15, warm_up=2
        )
        figures.append(Figure(name, narrow, whole, goal, note="against the owner's, who sees all"))
    return figures


def _signed_in(workspace: Workspace) -> Workspace:
    with tenant_scope(workspace.schema, workspace.snapshot):
        verbs: dict[str, Any] = {"see": "team", "create": "all", "edit": "team", "export": "team"}
        role = AccessRole.objects.create(name="Bench", scopes={"*": verbs}, fields={})
        team = Team.objects.get(name="Sellers")
        member = User.objects.create(
            email="member@bench.example", name="Mel Member", role="member", access_role=role, team=team,
            mail_confirmed_at=User.objects.get(pk=workspace.owner_id).mail_confirmed_at,
        )  # fmt: skip
        client = Client(HTTP_HOST=workspace.snapshot.domain)
        client.force_login(member)
    return replace(workspace, session=client.cookies[settings.SESSION_COOKIE_NAME].value)


def _form(product: Server, before: float) -> Figure:
    after, _ = in_turn(lambda: product.get("/contacts/new/"), lambda: None)
    return Figure("form with 60 own fields", after, before, None, note="against the form without them")
