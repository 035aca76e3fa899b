"""Own fields under several hands at once, and under hostile ones."""

import contextvars
import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections

from core.errors import Conflict
from core.records.types import record_type
from core.records.writing import create_record, read_values, update_record
from crm.accounts.models import Account
from crm.fields.models import CustomField, FieldKind
from crm.fields.services.making import FieldForm, make_field
from tests.crm.fields.conftest import new_field

live = pytest.mark.django_db(transaction=True, databases=["default", "migrator"])


def at_once(workspace, calls):
    """Each call in a thread of its own, inside the workspace; their results or errors."""

    def run(call):
        def inside():
            with workspace.scope():
                try:
                    return call()
                except Conflict as error:
                    return error
                finally:
                    connections["default"].close()

        return contextvars.Context().run(inside)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@live
def test_a_sum_is_right_after_writes_that_overtook_each_other(live_workspace):
    with live_workspace.scope():
        options = {"through": "opportunity.account", "function": "sum", "field": "amount"}
        total = new_field(live_workspace, "roll_up", "Total", options=options)
        accounts, deals = record_type("account"), record_type("opportunity")
        acme = create_record(accounts, {"name": "Acme"}, by=live_workspace.owner).record

        def sell(number):
            values = read_values(deals, {"name": f"Deal {number}", "account": str(acme.pk), "amount": "10"})
            return lambda: create_record(deals, values, by=live_workspace.owner)

        for _turn in range(3):
            at_once(live_workspace, [sell(number) for number in range(6)])
        acme.refresh_from_db()
        assert accounts.field(total.name).value_of(acme) == Decimal("180.00")


@live
def test_two_people_change_two_own_fields_of_one_record_and_both_stay(live_workspace):
    with live_workspace.scope():
        fields = [new_field(live_workspace, "number", f"Number {n}") for n in range(4)]
        kind = record_type("account")
        acme = create_record(kind, {"name": "Acme"}, by=live_workspace.owner).record

        def change(field, value):
            attribute = kind.field(field.name).attribute
            return lambda: update_record(kind, acme, {attribute: value}, by=live_workspace.owner)

        at_once(live_workspace, [change(field, number) for number, field in enumerate(fields, 1)])
        acme.refresh_from_db()
        assert [kind.field(field.name).value_of(acme) for field in fields] == [1, 2, 3, 4]


@live
def test_one_label_is_given_to_one_of_those_who_want_it_at_once(live_workspace):
    with live_workspace.scope():
        kind = record_type("account")

        def make():
            return make_field(kind, FieldKind.TEXT, given=FieldForm("Colour"), by=live_workspace.owner)

        results = at_once(live_workspace, [make] * 5)
        assert sum(isinstance(each, Conflict) for each in results) == 4
        assert CustomField.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "\ud800",
        "a\x00b",
        "\\u0000",
        "'; DROP TABLE accounts_account; --",
        "<script>alert(1)</script>",
        "x" * 10**6,
    ],
)
def test_hostile_texts_are_kept_as_text_or_refused(owner_client, workspace, text):
    field = new_field(workspace, "long_text", "Notes")
    body = json.dumps({"name": "Acme", field.name: text})
    answer = owner_client.post("/api/v1/accounts/", body, content_type="application/json")
    assert answer.status_code in (201, 400, 422), answer.content[:300]
    if answer.status_code == 201:
        assert (answer.json()[field.name] or "") == text.replace("\x00", "").replace("\ud800", "")
        page = owner_client.get(f"/accounts/{Account.objects.get().pk}/").content.decode()
        assert "<script>alert" not in page


@pytest.mark.django_db
def test_fields_that_nobody_made_are_neither_read_nor_written(owner_client, workspace):
    acme = create_record(record_type("account"), {"name": "Acme"}, by=workspace.owner).record
    url = f"/api/v1/accounts/{acme.pk}/"
    for name in ("custom", "custom__n_x", "c_nosuch", "computed", "computed__n_x"):
        owner_client.patch(url, json.dumps({name: {"n_x": 1}}), content_type="application/json")
        assert owner_client.get(f"/api/v1/accounts/?f={name}.is.1").status_code == 422
        assert owner_client.get(f"/api/v1/accounts/?sort={name}").status_code == 422
    acme.refresh_from_db()
    assert (acme.custom, acme.computed) == ({}, {})
