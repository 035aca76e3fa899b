"""Each module off, tried through every way in; on again, everything is there."""

import pytest
from django.urls import resolve

from core.history.undo import undo
from core.modules import (
    Module,
    ModuleOff,
    hidden_with,
    module,
    module_of_route,
    modules,
    modules_off,
    use_modules,
)
from core.records.models import SavedView
from core.records.search import search
from core.records.types import record_type, record_types
from core.records.writing import create_record, update_record
from crm.transfer.services.mapping import offered_targets
from crm.workspace.selectors.modules import hidden_by, module_rows
from crm.workspace.services.modules import switch_module
from tenants.people.models import User
from tenants.people.workspace_settings import forget_settings
from tests.crm.fields.conftest import new_field

pytestmark = pytest.mark.django_db

MODULES = [each.key for each in modules()]
WITH_TYPES = [(each.key, kind) for each in modules() for kind in each.record_types]
# Pages of modules that take nothing in their address.
PAGES = {
    "opportunities": "/opportunities/board/",
    "reports": "/reports/",
    "import": "/import/new/",
    "api": "/api/v1/accounts/",
}


def content(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode()


@pytest.fixture
def records(workspace):
    """One of each type, all hanging together."""
    owner = workspace.owner
    made = {"account": create_record(record_type("account"), {"name": "Zq account"}, by=owner).record}
    values = {"name": "Zq contact", "account_id": made["account"].pk}
    made["contact"] = create_record(record_type("contact"), values, by=owner).record
    made["product"] = create_record(record_type("product"), {"name": "Zq product"}, by=owner).record
    values = {"name": "Zq opportunity", **{f"{key}_id": made[key].pk for key in made}}
    made["opportunity"] = create_record(record_type("opportunity"), values, by=owner).record
    return made


def ways(kind, record) -> dict[str, str]:
    page = kind.url_of(record.pk)
    found = {
        "list": f"/{kind.slug}/",
        "count": f"/{kind.slug}/count/",
        "export": f"/{kind.slug}/export.csv",
        "picker": f"/{kind.slug}/pick/?q=Zq",
        "new": f"/{kind.slug}/new/",
        "record": page,
        "edit": f"{page}edit/",
        "changes": f"{page}tab/changes/",
        "field": f"{page}field/{kind.title}/",
        "timeline": f"/timeline/{kind.slug}/{record.pk}/",
        "api list": f"/api/v1/{kind.slug}/",
        "api record": f"/api/v1/{kind.slug}/{record.pk}/",
    }
    if kind.board_url:
        found["board"] = kind.board_url
    return found


def switch(key: str, on: bool, workspace) -> None:
    switch_module(key, on=on, by=workspace.owner)


@pytest.mark.parametrize(("key", "type_key"), WITH_TYPES)
def test_a_record_type_that_is_off_is_nowhere_and_comes_back(key, type_key, workspace, records, client_of):
    kind, record = record_type(type_key), records[type_key]
    client = client_of(workspace, workspace.owner)
    member = User.objects.create_user("m@own.example", "x", name="Member")
    frame = f'href="/{kind.slug}/'
    title = f"Zq {type_key}"
    before = {way: client.get(path).status_code for way, path in ways(kind, record).items()}
    assert set(before.values()) == {200}, before
    assert title in content(client.get("/palette?q=Zq"))
    assert title in content(client.get(f"/accounts/{records['account'].pk}/")) or type_key == "product"
    assert frame in content(client.get("/accounts/"))

    switch(key, False, workspace)
    for way, path in ways(kind, record).items():
        answer = client.get(path)
        assert answer.status_code == 404, way
        assert str(module(key).label) in content(answer), f"{way}: says why"
        assert title not in content(answer), way
        refused = client_of(workspace, member).get(path)
        assert refused.status_code == 404, way
        assert "Settings → Modules" not in content(refused), way
    assert client.post(f"/{kind.slug}/new/", {kind.title: "Zq more"}).status_code == 404
    assert (
        client.post(
            f"/api/v1/{kind.slug}/", {kind.title: "Zq more"}, content_type="application/json"
        ).status_code
        == 404
    )
    assert title not in content(client.get("/palette?q=Zq"))
    assert search("Zq", to=workspace.owner, types=[kind]) == []
    account = content(client.get(f"/accounts/{records['account'].pk}/"))
    assert title not in account
    for page in (account, content(client.get("/")), content(client.get("/accounts/"))):
        assert f'href="/{kind.slug}/' not in page
        assert f"/{kind.slug}/new/" not in page
    assert f'value="{type_key}"' not in content(client.get("/import/new/"))
    assert f"/api/v1/{kind.slug}/" not in client.get("/api/v1/openapi.json").json()["paths"]
    with pytest.raises(ModuleOff):
        create_record(kind, {kind.title: "Zq more"}, by=User.objects.get(pk=workspace.owner.pk))

    switch(key, True, workspace)
    after = {way: client.get(path).status_code for way, path in ways(kind, record).items()}
    assert after == before
    assert title in content(client.get("/palette?q=Zq"))
    assert f"/api/v1/{kind.slug}/" in client.get("/api/v1/openapi.json").json()["paths"]


LINKS = [
    (each.key, kind.key, link.name)
    for each in modules()
    for kind in record_types()
    for link in kind.links
    if link.target().key in each.record_types and kind.key not in each.record_types
]


@pytest.mark.parametrize(("key", "type_key", "name"), LINKS)
def test_a_field_that_links_to_what_is_off_is_not_there(key, type_key, name, workspace, records, client_of):
    kind, record = record_type(type_key), records[type_key]
    other = kind.field(name).target().key
    client = client_of(workspace, workspace.owner)
    paths = [
        f"/{kind.slug}/?cols=name,{name}", f"/{kind.slug}/export.csv?cols=name,{name}", kind.url_of(record.pk),
        f"{kind.url_of(record.pk)}edit/", f"/api/v1/{kind.slug}/{record.pk}/",
    ]  # fmt: skip
    attribute = kind.field(name).attribute
    for path in paths:
        assert f"Zq {other}" in content(client.get(path)) or str(records[other].pk) in content(
            client.get(path)
        ), path
    switch(key, False, workspace)
    for path in paths:
        text = content(client.get(path))
        assert f"Zq {other}" not in text, path
        assert str(records[other].pk) not in text, path
    assert name not in [target for target, _label in offered_targets(kind)]
    # What is hidden is not lost when the rest is edited, and cannot be written.
    me = User.objects.get(pk=workspace.owner.pk)
    update_record(kind, record, {kind.title: "Zq edited"}, by=me)
    assert getattr(kind.model.objects.get(pk=record.pk), attribute) == records[other].pk
    answer = client.patch(
        f"/api/v1/{kind.slug}/{record.pk}/", {attribute: None}, content_type="application/json"
    )
    assert answer.status_code == 403
    switch(key, True, workspace)
    for path in paths:
        assert f"Zq {other}" in content(client.get(path)) or str(records[other].pk) in content(
            client.get(path)
        ), path


@pytest.mark.parametrize("key", PAGES)
def test_a_page_of_a_module_that_is_off(key, workspace, client_of):
    client = client_of(workspace, workspace.owner)
    path = PAGES[key]
    assert client.get(path).status_code == 200
    switch(key, False, workspace)
    answer = client.get(path)
    assert answer.status_code == 404
    assert str(module(key).label) in content(answer)
    assert f'href="{path}' not in content(client.get("/accounts/"))
    assert client_of(workspace).get(path).status_code in (302, 403)
    switch(key, True, workspace)
    assert client.get(path).status_code == 200


def test_mails_that_are_off_leave_no_button(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    User.objects.filter(pk=workspace.owner.pk).update(mail_confirmed_at="2026-01-01T00:00Z")
    values = {"name": "Zq mail", "mail": "a@b.example"}
    account = create_record(record_type("account"), values, by=workspace.owner).record
    path = f"/mail/accounts/{account.pk}/new/"
    assert path in content(client.get(f"/accounts/{account.pk}/"))
    switch("mail", False, workspace)
    assert path not in content(client.get(f"/accounts/{account.pk}/"))
    assert client.get(path).status_code == 404


def test_what_needs_a_module_hides_and_returns_with_it(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    switch("opportunities", False, workspace)
    assert client.get("/reports/").status_code == 404
    row = next(row for row in module_rows() if row.module.key == "reports")
    assert (row.on, [str(label) for label in row.missing]) == (True, ["Opportunities"])
    assert "Key figures" not in content(client.get("/"))
    switch("opportunities", True, workspace)
    assert client.get("/reports/").status_code == 200


def test_the_page_says_exactly_what_hides(workspace, records, client_of):
    SavedView.objects.create(record_type="product", name="Zq cheap ones", query="", shared=True)
    SavedView.objects.create(
        record_type="opportunity",
        name="Zq with a product",
        query=f"f=product.any.{records['product'].pk}",
        shared=True,
    )
    SavedView.objects.create(
        record_type="opportunity", name="Zq others", query="f=amount.filled.", shared=True
    )
    hidden = hidden_by("products")
    assert [(kind.key, living, binned) for kind, living, binned in hidden.records] == [("product", 1, 0)]
    assert [(kind.key, link.name, said) for kind, link, said in hidden.fields] == [
        ("opportunity", "product", 1)
    ]
    assert (hidden.views, hidden.filtered) == (["Zq cheap ones"], ["Zq with a product"])
    page = content(client_of(workspace, workspace.owner).get("/settings/modules/products/"))
    for words in (
        "1 record",
        "Zq cheap ones",
        "Zq with a product",
        "/api/v1/products/",
        "Nothing is deleted",
    ):
        assert words in page
    assert "Zq others" not in page
    hidden = hidden_by("opportunities")
    assert [each.key for each in hidden.also] == ["reports"]


def test_switching_is_undone_by_its_batch(workspace):
    batch = switch_module("products", on=False, by=workspace.owner)
    assert modules_off() == {"products"}
    switch_module("mail", on=False, by=workspace.owner)
    undo(batch, by=workspace.owner, label="undone")
    forget_settings()
    assert modules_off() == {"mail"}


def test_the_undo_of_the_toast_is_seen_at_the_next_request(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    batch = switch_module("products", on=False, by=workspace.owner)
    assert client.get("/products/").status_code == 404
    assert client.post(f"/undo/{batch}/").status_code == 204
    assert client.get("/products/").status_code == 200


def test_only_administrators_switch(workspace, client_of):
    member = client_of(workspace, User.objects.create_user("m@own.example", "x", name="Member"))
    assert member.get("/settings/modules/").status_code == 403
    assert member.get("/settings/modules/products/").status_code == 403
    assert member.post("/settings/modules/products/switch/", {"on": "no"}).status_code == 403
    assert modules_off() == frozenset()
    owner = client_of(workspace, workspace.owner)
    assert owner.post("/settings/modules/products/switch/", {"on": "no"}).status_code == 302
    assert owner.post("/settings/modules/nonsense/switch/", {"on": "no"}).status_code in (404, 422)


def test_one_workspace_switches_for_itself(workspace, other_workspace, client_of):
    switch("products", False, workspace)
    assert client_of(other_workspace, other_workspace.owner).get("/products/").status_code == 200


def test_every_route_and_type_of_a_module_exists(workspace):
    from tests.isolation.test_matrix import _names

    names = _names("config.urls_tenant")
    from fnmatch import filter as matching

    for each in modules():
        for route in each.routes:
            assert matching(names, route), route
        for key in each.record_types:
            assert record_type(key)
        assert each.record_types or each.routes


def test_no_type_that_stays_requires_a_link_to_one_that_can_go():
    for kind in record_types():
        for link in kind.links:
            owner = next((each for each in modules() if link.target().key in each.record_types), None)
            if link.required and owner is not None:
                own = next((each for each in modules() if kind.key in each.record_types), None)
                assert own and (own is owner or owner.key in own.needs), (kind.key, link.name)


def test_modules_are_declared_in_the_order_of_their_needs():
    known = modules()
    try:
        with pytest.raises(ValueError, match="before one"):
            use_modules([Module("a", "A", "", "x", needs=("b",)), Module("b", "B", "", "x")], list)
        with pytest.raises(ValueError, match="twice"):
            use_modules([Module("a", "A", "", "x"), Module("a", "B", "", "x")], list)
        use_modules(
            [
                Module("a", "A", "", "x"),
                Module("b", "B", "", "x", needs=("a",)),
                Module("c", "C", "", "x", needs=("b",)),
            ],
            list,
        )
        assert hidden_with(["a"]) == {"a", "b", "c"}
        assert hidden_with(["b"]) == {"b", "c"}
    finally:
        from crm.workspace.selectors.modules import modules_switched_off

        use_modules(known, modules_switched_off)


def test_settings_of_modules_stay_open_when_all_is_off(workspace, client_of):
    for key in MODULES:
        switch(key, False, workspace)
    client = client_of(workspace, workspace.owner)
    for path in (
        "/",
        "/accounts/",
        "/tasks/",
        "/settings/modules/",
        "/settings/people/",
        "/bin/",
        "/settings/export/",
    ):
        assert client.get(path).status_code == 200, path
    assert module_of_route(resolve("/settings/modules/", urlconf="config.urls_tenant").url_name) is None


def test_own_fields_that_link_to_or_sum_up_what_is_off_are_not_there(workspace, records, client_of):
    new_field(workspace, "link", "Favourite", options={"target": "product"})
    new_field(workspace, "roll_up", "Deals", options={"through": "opportunity.account", "function": "count"})
    account = record_type("account")
    names = {str(each.label): each for each in account.fields}
    values = {names["Favourite"].attribute: str(records["product"].pk)}
    update_record(account, records["account"], values, by=workspace.owner)
    client = client_of(workspace, workspace.owner)
    page = account.url_of(records["account"].pk)
    for label, key in (("Favourite", "products"), ("Deals", "opportunities")):
        assert label in content(client.get(page))
        switch(key, False, workspace)
        assert label not in content(client.get(page)), key
        assert label not in content(client.get(f"{page}edit/")), key
        switch(key, True, workspace)
        assert label in content(client.get(page))
