"""Every route of both URLconfs, tried across tenants."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from billing.gateway.client import api
from billing.plans.drafting import draft_version
from billing.plans.models import Plan
from billing.plans.selectors import content_of, current_version
from billing.plans.services import make_first_catalog
from billing.plans.taxes import set_tax_rate
from billing.subscriptions.models import Invoice
from billing.subscriptions.services.syncing import sync_subscription
from core.clock import now
from core.records.types import record_type, record_types
from core.records.writing import bin_records, create_record
from core.tenancy.scope import public_scope
from crm.fields.services.making_types import TypeForm, make_type
from tenants.console.announcing import announce
from tenants.console.own_lists import save_filter
from tenants.console.services import grant_more
from tenants.console.support.services import answer_access, ask_access
from tenants.registry.models import Tenant
from tenants.registry.provisioning.claim import claim_workspace
from tests.billing.begin import newest_invoice, offer_token, subscribe
from tests.isolation.routes import (
    ALLAUTH,
    API_ROUTES,
    CONSOLE_CLOSED,
    CONSOLE_OPEN,
    CONSOLE_ROUTES,
    DEVELOPERS_PREFIX,
    OPEN,
    PUBLIC_ROUTES,
    RECORD_ROUTES,
    WORKSPACE_ROUTES,
    Route,
)
from tests.tenants.console.conftest import PASSWORD
from tests.things import picture, things_of

pytestmark = pytest.mark.django_db
CANARY = "Canary Shipping Llc"
# One that a workspace made passes the suite of those that are built in.
OWN_KIND = "x_vehicles"
KINDS = [*(kind.key for kind in record_types() if kind.creatable), OWN_KIND]


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _patterns(each)
        else:
            yield each


def _names(urlconf: str) -> set[str]:
    return {pattern.name or str(pattern.pattern) for pattern in _patterns(get_resolver(urlconf))}


def test_every_route_of_a_workspace_is_classified():
    known = {*OPEN, *ALLAUTH, *RECORD_ROUTES, *WORKSPACE_ROUTES, *API_ROUTES}
    found = {name for name in _names(settings.ROOT_URLCONF) if not name.startswith(DEVELOPERS_PREFIX)}
    assert found - known == set(), "classify these in tests/isolation/routes.py"
    assert {*RECORD_ROUTES, *WORKSPACE_ROUTES, *API_ROUTES} - found == set(), "these no longer exist"


def test_every_public_route_is_classified():
    known = PUBLIC_ROUTES | CONSOLE_OPEN | CONSOLE_CLOSED | set(CONSOLE_ROUTES)
    assert _names(settings.PUBLIC_SCHEMA_URLCONF) == known


@pytest.fixture
def canaries(workspace, other_workspace) -> dict[str, dict[str, Any]]:
    """One record of every type in both workspaces; the foreign ones carry the canary's name."""
    made: dict[str, dict[str, Any]] = {}
    for place, name in ((workspace, "Own Ltd"), (other_workspace, CANARY)):
        with place.scope():
            make_type(given=TypeForm("Vehicle", "Vehicles"), by=place.owner)
            made[place.schema] = {
                kind.key: create_record(kind, {kind.title: name}, by=place.owner)
                for kind in record_types()
                if kind.creatable
            }
    return made


def _ask(client: Any, name: str, route: Route, arguments: dict[str, Any], picked: Any) -> Any:
    url = reverse(name, kwargs=arguments, urlconf=settings.ROOT_URLCONF)
    url += f"?{route.query}" if route.query else ""
    body = {**route.data, **({"pick": str(picked)} if "pick" in route.ids else {})}
    return client.get(url) if route.method == "GET" else client.post(url, body)


def _arguments(route: Route, kind: Any, record_id: Any) -> dict[str, Any]:
    arguments = {"kind": kind, **route.args} if kind else dict(route.args)
    return {**arguments, **({"record_id": record_id} if "record_id" in route.ids else {})}


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("name", RECORD_ROUTES)
def test_a_record_route_serves_its_own_workspace_only(
    name, key, workspace, other_workspace, canaries, client_of
):
    route = RECORD_ROUTES[name]
    if key == "task" and "name" in route.args:
        route = replace(route, args={"name": "title"})
    kind = next(each for each in record_types() if each.key == key)
    own = canaries[workspace.schema][key].record.pk
    foreign = canaries[other_workspace.schema][key].record.pk
    if name == "record_restore":
        with workspace.scope():
            bin_records(kind, [own], by=workspace.owner)
    if name == "bulk_assign" and not kind.owner:
        route = Route("POST", ids=("pick",), accepted=(404,))
    if name == "record_share" and not kind.owner:
        route = replace(route, accepted=(404,))

    stranger = client_of(workspace)
    answer = _ask(stranger, name, route, _arguments(route, kind, own), own)
    assert (answer.status_code, "/account/login" in answer.url) == (302, True)

    # The other tenant's session cookie, replayed here.
    intruder = client_of(workspace)
    session = settings.SESSION_COOKIE_NAME
    intruder.cookies[session] = client_of(other_workspace, other_workspace.owner).cookies[session].value
    answer = _ask(intruder, name, route, _arguments(route, kind, own), own)
    assert (answer.status_code, "/account/login" in answer.url) == (302, True)

    member = client_of(workspace, workspace.owner)
    if route.ids:
        answer = _ask(member, name, route, _arguments(route, kind, foreign), foreign)
        refused = answer.status_code in (404, 409) or name == "bulk_assign"
        assert refused, f"{answer.status_code} for another tenant's id"
        assert CANARY.encode() not in answer.content
    answer = _ask(member, name, route, _arguments(route, kind, own), own)
    assert answer.status_code in route.accepted, answer.content[:500]
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert CANARY.encode() not in body


def _body_value(value: Any, things: dict[str, Any]) -> Any:
    return picture() if value == "{upload}" else str(value).format(**things)


def _credit_note(invoice_id: str) -> str:
    """Of an invoice that was paid; at Stripe and in our copy."""
    made = api().v1.credit_notes.create({"invoice": invoice_id, "amount": 100, "credit_amount": 100})
    with public_scope(switch=True, reason="test"):
        invoice = Invoice.objects.get(pk=invoice_id)
        sync_subscription(invoice.tenant_id)
    return made.id


def _content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("name", WORKSPACE_ROUTES)
def test_a_workspace_route_serves_its_own_people_only(name, workspace, other_workspace, canaries, client_of):
    route = WORKSPACE_ROUTES[name]
    own = things_of(workspace, canaries[workspace.schema])
    foreign = things_of(other_workspace, canaries[other_workspace.schema])
    if "{offer}" in route.data.values():
        own["offer"] = offer_token(workspace)
    if "invoice_id:invoice" in route.ids:
        own["invoice"], foreign["invoice"] = (
            newest_invoice(subscribe(each)).pk for each in (workspace, other_workspace)
        )
    if "note_id:credit_note" in route.ids:
        for things in (own, foreign):
            things["credit_note"] = _credit_note(things["invoice"])
    member = client_of(workspace, workspace.owner)

    def ask(client: Any, things: dict[str, Any]) -> Any:
        arguments = dict(route.args)
        if "kind" in arguments:
            arguments["kind"] = record_type(arguments["kind"])
        arguments.update({(part := each.split(":"))[0]: things[part[1]] for each in route.ids})
        body = {key: _body_value(value, own) for key, value in route.data.items()}
        return _ask(client, name, replace(route, data=body), arguments, None)

    answer = ask(client_of(workspace), own)
    assert (answer.status_code, "/account/login" in answer.url) == (302, True)
    intruder = client_of(workspace)
    session = settings.SESSION_COOKIE_NAME
    intruder.cookies[session] = client_of(other_workspace, other_workspace.owner).cookies[session].value
    assert ask(intruder, own).status_code == 302
    if route.ids:
        answer = ask(member, foreign)
        assert answer.status_code == 404
        assert CANARY.encode() not in answer.content
    answer = ask(member, own)
    content = _content(answer)
    assert answer.status_code in route.accepted, content[:500]
    assert CANARY.encode() not in content


@pytest.mark.parametrize("verb", ["get", "patch", "delete"])
@pytest.mark.parametrize("name", API_ROUTES)
def test_the_api_serves_its_own_workspace_only(name, verb, workspace, other_workspace, canaries, client_of):
    route = API_ROUTES[name]
    if verb != "get" and not route.ids:
        verb = "get"
    own_kind = name.startswith("api_own")
    key = OWN_KIND if own_kind else name.removeprefix("api_").removesuffix("_list")
    member = client_of(workspace, workspace.owner)

    def ask(client: Any, place: Any) -> Any:
        arguments = {"record_id": canaries[place.schema][key].record.pk} if route.ids else {}
        arguments |= {"kind": record_type(OWN_KIND)} if own_kind else {}
        url = reverse(name, kwargs=arguments, urlconf=settings.ROOT_URLCONF)
        body = {"data": {"description": "x"}, "content_type": "application/json"} if verb == "patch" else {}
        return getattr(client, verb)(url, **body)

    assert ask(client_of(workspace), workspace).status_code == 403
    if route.ids:
        assert ask(member, other_workspace).status_code == 404
    answer = ask(member, workspace)
    assert answer.status_code in (200, 204)
    assert CANARY.encode() not in answer.content


@pytest.mark.parametrize("host", ["nobody.localhost", "localhost.evil.example", "evil.example:80@x", "[::1]"])
def test_a_forged_host_gets_nothing(host, workspace, client_of):
    answer = client_of(workspace, workspace.owner).get("/accounts/", HTTP_HOST=host)
    assert answer.status_code in (400, 404)
    assert workspace.host.encode() not in answer.content


def test_a_forwarded_host_is_ignored(workspace, other_workspace, client_of):
    member = client_of(workspace, workspace.owner)
    answer = member.get("/accounts/", HTTP_X_FORWARDED_HOST=other_workspace.host)
    assert (answer.status_code, other_workspace.snapshot.name.encode() in answer.content) == (200, False)


@pytest.fixture
def console_things(
    workspace, other_workspace, in_public, tenant_of, make_operator, operator
) -> dict[str, Any]:
    """Ids that the console's addresses name."""
    tenant, closed = tenant_of(workspace), tenant_of(other_workspace)
    with in_public():
        suspended = claim_workspace(
            domain=f"suspended.{settings.GUANXI['BASE_HOST']}", name="Suspended Works"
        )
        Tenant.objects.filter(pk=suspended.pk).update(state="suspended")
        Tenant.objects.filter(pk=closed.pk).update(state="closed", closed_at=now())
        words = {"reason": "A word", "ticket": "T-1", "minutes": 15}
        granted = ask_access(tenant, by=operator, **words)
        answer_access(granted.pk, tenant_id=tenant.pk, allow=True, by="Olive")
        make_first_catalog()
        growth = Plan.objects.get(pk="growth")
        draft_version(plan=growth, content=content_of(current_version("growth")))
        return {
            "drafted": growth.key,
            "filter": save_filter(name="Ours", tab="trials", search="", sort="name", by=operator).pk,
            "tax_rate": set_tax_rate(
                country="DE", name="USt", percent=Decimal(19), inclusive=False, not_with_tax_id=True
            ).pk,
            "tenant": tenant.pk,
            "suspended": suspended.pk,
            "closed": closed.pk,
            "granted": granted.pk,
            "access": ask_access(tenant, by=make_operator("Otto"), **words).pk,
            "colleague": make_operator("Cora").pk,
            "announcement": announce(
                title_en="News",
                title_zh="新闻",
                text_en="A word",
                text_zh="一句话",
                severity="news",
                starts_at=now(),
                by=operator,
            ).pk,
            "grant": grant_more(
                tenant, limit="records", amount=1, feature="", until=None, reason="A word", by=operator
            ).pk,
            "invoice": Invoice.objects.create(
                id="in_matrix_000001",
                tenant=tenant,
                mode="local",
                state="paid",
                currency="USD",
                total_minor=3900,
                due_minor=3900,
                paid_minor=3900,
                issued_at=now(),
            ).pk,  # fmt: skip
            "soon": (now() + dt.timedelta(days=40)).date(),
        }


@pytest.mark.parametrize("name", CONSOLE_ROUTES)
def test_a_console_route_serves_operators_with_both_factors_only(
    name, workspace, console_things, operator, new_visitor, signed_in, client_of
):
    route = CONSOLE_ROUTES[name]
    arguments = {each.split(":")[0]: console_things[each.split(":")[1]] for each in route.ids}
    arguments.update(route.args)
    url = reverse(name, kwargs=arguments, urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    url += f"?{route.query.format(**console_things)}" if route.query else ""
    body = {key: str(value).format(**console_things) for key, value in route.data.items()}

    def ask(client: Any) -> Any:
        return client.get(url) if route.method == "GET" else client.post(url, body)

    def is_sent_to_sign_in(answer: Any) -> bool:
        return answer.status_code == 302 and answer.url.startswith("/console/sign-in/")

    assert is_sent_to_sign_in(ask(new_visitor()))
    # A workspace's session, replayed here.
    intruder = new_visitor()
    session = settings.SESSION_COOKIE_NAME
    intruder.cookies[session] = client_of(workspace, workspace.owner).cookies[session].value
    assert is_sent_to_sign_in(ask(intruder))
    # The password alone.
    half = new_visitor()
    half.post("/console/sign-in/", {"login": operator.email, "password": PASSWORD})
    if name not in ("mfa_activate_totp", "account_reauthenticate"):
        answer = ask(half)
        assert (answer.status_code, answer.url) == (302, "/console/account/factor/set-up/")
    answer = ask(signed_in(operator))
    content = _content(answer)
    assert answer.status_code in route.accepted, content[:500]
    assert not is_sent_to_sign_in(answer) and "/confirm/" not in getattr(answer, "url", "")
    # Of the public host only. (A workspace that was just suspended or closed answers with its one page.)
    assert client_of(workspace, workspace.owner).get(url).status_code in (404, 403, 410)


@pytest.mark.parametrize("name", sorted(CONSOLE_CLOSED))
def test_what_the_console_does_not_use_is_closed(name, console):
    assert console.get(reverse(name, urlconf=settings.PUBLIC_SCHEMA_URLCONF)).status_code == 404
