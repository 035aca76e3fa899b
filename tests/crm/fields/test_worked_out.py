"""Formulas and roll-ups on records: kept true by every write, shown to those who may know."""

from decimal import Decimal

import pytest
from django.http import QueryDict

from core.errors import Conflict, DomainError
from core.history.undo import undo
from core.records.lists import queryset_of, read_page, read_request
from core.records.rights import as_seen_by
from core.records.types import forget_choices, record_type
from core.records.writing import bin_records, create_record, read_values, restore_records, update_record
from crm.accounts.models import Account
from crm.fields.models import CustomField, Ordering
from crm.fields.selectors import filled_count
from crm.fields.services.making import FieldForm, change_field, restore_field, retire_field
from crm.fields.services.volatile import derive_volatile
from tenants.people.models import AccessRole, User
from tests.crm.fields.conftest import new_field
from web.records.bin import index_touched

pytestmark = pytest.mark.django_db


def made(workspace, key, **texts):
    kind = record_type(key)
    return create_record(kind, read_values(kind, texts), by=workspace.owner).record


def shown(record, field):
    return record_type("account").field(field.name).value_of(Account.everything.get(pk=record.pk))


@pytest.fixture
def total(workspace):
    return new_field(
        workspace, "roll_up", "Open value",
        options={"through": "opportunity.account", "function": "sum", "field": "amount",
                 "query": "https://x/opportunities/?f=outcome.any.open&sort=name"},
    )  # fmt: skip


@pytest.fixture
def count(workspace):
    return new_field(
        workspace, "roll_up", "Deals", options={"through": "opportunity.account", "function": "count"}
    )


def test_a_formula_follows_each_write(workspace):
    machines = new_field(workspace, "number", "Machines")
    per = new_field(
        workspace, "formula", "Per machine",
        options={"text": "[Annual revenue] / c_machines", "result": "money", "decimals": "2"},
    )  # fmt: skip
    double = new_field(
        workspace,
        "formula",
        "Double",
        options={"text": f"{per.name} * 2", "result": "number", "decimals": "1"},
    )
    assert per.options["text"] == "annual_revenue / c_machines"
    acme = made(workspace, "account", name="Acme", annual_revenue="1000", **{machines.name: "3"})
    assert shown(acme, per) == Decimal("333.33")
    assert shown(acme, double) == Decimal("666.7")
    kind = record_type("account")
    written = update_record(kind, acme, {kind.field(machines.name).attribute: 4}, by=workspace.owner)
    assert shown(acme, per) == Decimal("250.00")
    found = queryset_of(
        read_request(kind, QueryDict(f"f={per.name}.lte.250"), to=workspace.owner), to=workspace.owner
    )
    assert [each.name for each in found] == ["Acme"]
    index_touched(undo(written.batch, by=workspace.owner))
    assert shown(acme, per) == Decimal("333.33"), "an undo is followed, too"


def test_a_changed_formula_is_worked_out_anew_for_all(worker, live_workspace):
    with live_workspace.scope():
        field = new_field(
            live_workspace, "formula", "Twice", options={"text": "employees * 2", "result": "number"}
        )
        acme = made(live_workspace, "account", name="Acme", employees="5")
        assert shown(acme, field) == Decimal("10.00")
        given = FieldForm(label="Thrice", options={"text": "employees * 3", "decimals": "0"})
        change_field(record_type("account"), field.pk, given=given, by=live_workspace.owner)
        forget_choices()
        assert shown(acme, field) == Decimal(15)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("nosuch + 1", "no field"), ("1 +", "cannot be read"), ("c_loop + 1", "worked out from each other")],
)
def test_a_formula_that_cannot_be_used_is_refused(workspace, text, sentence):
    new_field(workspace, "formula", "Loop", options={"text": "employees", "result": "number"})
    field = CustomField.objects.get(label="Loop")
    given = FieldForm(label="Loop", options={"text": text})
    with pytest.raises(DomainError, match=sentence):
        change_field(record_type("account"), field.pk, given=given, by=workspace.owner)


def test_a_field_that_a_formula_reads_is_not_retired(workspace):
    machines = new_field(workspace, "number", "Machines")
    new_field(workspace, "formula", "Twice", options={"text": "c_machines * 2", "result": "number"})
    with pytest.raises(DomainError, match="worked out from “Machines”"):
        retire_field(record_type("account"), machines.pk, by=workspace.owner)


def test_a_roll_up_follows_records_that_come_change_move_and_go(workspace, total, count):
    acme, bolt = made(workspace, "account", name="Acme"), made(workspace, "account", name="Bolt")
    one = made(workspace, "opportunity", name="One", account=str(acme.pk), amount="100.50")
    made(workspace, "opportunity", name="Two", account=str(acme.pk), amount="20")
    assert (shown(acme, total), shown(acme, count)) == (Decimal("120.50"), 2)
    kind = record_type("opportunity")
    update_record(kind, one, {"amount": Decimal(200)}, by=workspace.owner)
    assert shown(acme, total) == Decimal("220.00")
    moved = update_record(kind, one, {"account_id": bolt.pk}, by=workspace.owner)
    assert (shown(acme, total), shown(bolt, total), shown(bolt, count)) == (
        Decimal("20.00"),
        Decimal("200.00"),
        1,
    )
    bin_records(kind, [one.pk], by=workspace.owner)
    assert (shown(bolt, total), shown(bolt, count)) == (None, 0)
    restore_records(kind, [one.pk], by=workspace.owner)
    assert shown(bolt, total) == Decimal("200.00")
    assert moved.record.pk == one.pk


def test_a_roll_up_is_not_made_of_another(workspace, total):
    """Nothing tells the outer one that the inner one changed."""
    half = new_field(workspace, "formula", "Half", options={"text": f"{total.name} / 2", "result": "money"})
    above = new_field(workspace, "link", "Holding", options={"target": "account"})
    through = {"through": f"account.{above.name}"}
    for name in (total.name, half.name):
        with pytest.raises(DomainError, match="itself made of a roll-up"):
            new_field(workspace, "roll_up", options={**through, "function": "sum", "field": name})
        with pytest.raises(DomainError, match="itself made of a roll-up"):
            query = f"f={name}.gte.1"
            new_field(workspace, "roll_up", options={**through, "function": "count", "query": query})


def test_what_is_summed_up_is_not_made_of_a_roll_up_later(workspace, total):
    inner = new_field(workspace, "formula", "Inner", options={"text": "employees", "result": "number"})
    outer = new_field(workspace, "formula", "Outer", options={"text": inner.name, "result": "number"})
    above = new_field(workspace, "link", "Holding", options={"target": "account"})
    options = {"through": f"account.{above.name}", "function": "sum", "field": outer.name}
    new_field(workspace, "roll_up", "Everybody", options=options)
    for field in (inner, outer):
        given = FieldForm(label=field.label, options={"text": f"{total.name} * 2", "decimals": "0"})
        with pytest.raises(DomainError, match="summed up elsewhere"):
            change_field(record_type("account"), field.pk, given=given, by=workspace.owner)


@pytest.mark.parametrize("operator", ["me", "my_team"])
def test_a_roll_up_does_not_depend_on_who_looks(workspace, operator):
    options = {"through": "opportunity.account", "function": "count", "query": f"f=owner.{operator}."}
    with pytest.raises(DomainError, match="the same for everybody"):
        new_field(workspace, "roll_up", options=options)


def test_roll_ups_are_listed_sorted_and_filtered(workspace, total):
    CustomField.objects.update(ordering=Ordering.READY)
    forget_choices()
    for name, amount in (("Acme", "5"), ("Bolt", "50"), ("Cog", "")):
        account = made(workspace, "account", name=name)
        made(workspace, "opportunity", name=name, account=str(account.pk), amount=amount)
    kind = record_type("account")
    wanted = read_request(kind, QueryDict(f"sort=-{total.name}&cols=name,{total.name}"), to=workspace.owner)
    rows = read_page(wanted, to=workspace.owner).rows
    assert [row[1:] for row in rows] == [("Bolt", Decimal("50.00")), ("Acme", Decimal("5.00")), ("Cog", None)]


def test_a_sum_is_shown_to_those_alone_who_see_all_of_it(workspace, total):
    new_field(workspace, "formula", "Half", options={"text": f"{total.name} / 2", "result": "money"})
    role = AccessRole.objects.create(
        name="Seller", scopes={"*": {"see": "all"}, "opportunity": {"see": "own"}}, fields={}
    )
    seller = User.objects.create(email="s@x.example", name="Sam", role="member", access_role=role)
    seen = as_seen_by(record_type("account"), seller)
    assert {total.name, "c_half"} & set(seen.by_name) == set()
    assert {total.name, "c_half"} <= set(as_seen_by(record_type("account"), workspace.owner).by_name)


@pytest.mark.parametrize("hidden", ["amount", "outcome", "account"])
def test_a_sum_does_not_tell_of_a_hidden_field_below(workspace, total, hidden):
    new_field(workspace, "formula", "Half", options={"text": f"{total.name} / 2", "result": "money"})
    role = AccessRole.objects.create(
        name="Clerk", scopes={"*": {"see": "all"}}, fields={"opportunity": {hidden: "hidden"}}
    )
    clerk = User.objects.create(email="c@x.example", name="Cleo", role="member", access_role=role)
    seen = as_seen_by(record_type("account"), clerk)
    assert {total.name, "c_half"} & set(seen.by_name) == set()


def test_a_formula_does_not_tell_of_a_hidden_field(workspace, client_of):
    twice = new_field(
        workspace, "formula", "Twice", options={"text": "annual_revenue * 2", "result": "money"}
    )
    made(workspace, "account", name="Acme", annual_revenue="1234567")
    role = AccessRole.objects.create(
        name="Clerk",
        scopes={"*": {"see": "all", "export": "all"}},
        fields={"account": {"annual_revenue": "hidden"}},
    )
    clerk = User.objects.create(email="c@x.example", name="Cleo", role="member", access_role=role)
    client = client_of(workspace, clerk)
    for url in (f"/accounts/?cols=name,{twice.name}", "/accounts/export.csv", "/api/v1/accounts/"):
        answer = client.get(url)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"2469134" not in body.replace(b",", b"")
    assert client.get(f"/api/v1/accounts/?f={twice.name}.gte.1").status_code == 422


def test_retiring_keeps_values_and_bringing_back_returns_them(workspace, owner_client):
    field = new_field(workspace, "text", "Contract number", searched=True)
    acme = made(workspace, "account", name="Acme", **{field.name: "K-17"})
    batch = retire_field(record_type("account"), field.pk, by=workspace.owner)
    assert field.name not in record_type("account").by_name
    page = owner_client.get("/settings/fields/account/").content.decode()
    assert "Contract number" in page
    assert "K-17" not in owner_client.get(f"/accounts/{acme.pk}/").content.decode()
    restore_field(record_type("account"), field.pk, by=workspace.owner)
    assert shown(acme, field) == "K-17"
    assert batch


def test_values_that_wait_for_a_retired_field_are_counted(workspace):
    entered = new_field(workspace, "text", "Contract number")
    derived = new_field(workspace, "formula", "Twice", options={"text": "employees * 2", "result": "number"})
    made(workspace, "account", name="Acme", employees="5", **{entered.name: "K-17"})
    for field in (derived, entered):
        retire_field(record_type("account"), field.pk, by=workspace.owner)
        assert filled_count(record_type("account"), field) == 1


def test_a_label_is_given_once(workspace):
    new_field(workspace, "text", "Colour")
    with pytest.raises(Conflict, match="already a field"):
        new_field(workspace, "number", "colour")
    with pytest.raises(Conflict, match="already a field"):
        new_field(workspace, "number", "City")


def test_names_are_romanised_and_numbered(workspace):
    assert new_field(workspace, "date", "保修期").name == "c_bao_xiu_qi"
    field = new_field(workspace, "text", "Größe (cm)")
    assert field.name == "c_grosse_cm"
    retire_field(record_type("account"), field.pk, by=workspace.owner)
    assert new_field(workspace, "text", "Größe (cm)").name == "c_grosse_cm_2", (
        "an old field's values are not taken over"
    )


def test_the_day_of_today_turns(workspace, monkeypatch):
    field = new_field(
        workspace,
        "formula",
        "Age",
        options={"text": "DAYS(TODAY(), [Last activity])", "result": "number", "decimals": "0"},
    )
    plain = new_field(workspace, "formula", "Next", options={"text": "TODAY() + 1", "result": "date"})
    acme = made(workspace, "account", name="Acme")
    first = shown(acme, plain)
    monkeypatch.setattr("crm.fields.services.deriving.today", lambda zone: first)
    assert derive_volatile() == 1
    assert (shown(acme, plain) - first).days == 1
    assert shown(acme, field) is None
    assert derive_volatile() == 0, "once a day"
