"""Fields that depend on the day: the workspace's day for everybody, and worked out anew when it turns."""

import datetime as dt

import pytest
from django.utils import timezone

from core.clock import today
from core.records.types import forget_choices, record_type
from core.records.writing import create_record, read_values, update_record
from crm.accounts.models import Account
from crm.fields.models import CustomField, Ordering
from crm.fields.services.making import FieldForm, change_field, retire_field
from crm.fields.services.volatile import HINTS, derive_volatile
from tests.crm.fields.conftest import new_field

EAST, WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # 25 hours apart: never the same day


def made(workspace, key, **texts):
    kind = record_type(key)
    return create_record(kind, read_values(kind, texts), by=workspace.owner).record


def shown(record, field):
    return record_type("account").field(field.name).value_of(Account.everything.get(pk=record.pk))


def due_now(workspace, **given):
    options = {"through": "opportunity.account", "function": "count", "query": "f=expected_on.period.today"}
    return new_field(workspace, "roll_up", "Due now", options=options, **given)


@pytest.mark.django_db
def test_the_day_is_the_workspaces_for_whoever_writes(workspace):
    plain = new_field(workspace, "formula", "Now", options={"text": "TODAY()", "result": "date"})
    due = due_now(workspace)
    found = []
    for zone in (EAST, WEST):
        with timezone.override(zone):
            account = made(workspace, "account", name=zone)
            made(workspace, "opportunity", name=zone, account=str(account.pk), expected_on=str(today(dt.UTC)))
            found.append((shown(account, plain), shown(account, due)))
    assert found[0] == found[1] == (today(dt.UTC), 1)


@pytest.mark.django_db
def test_a_roll_up_of_a_period_turns_with_the_day(workspace, monkeypatch):
    due = due_now(workspace)
    account = made(workspace, "account", name="Acme")
    made(workspace, "opportunity", name="One", account=str(account.pk), expected_on=str(today(dt.UTC)))
    assert shown(account, due) == 1
    monkeypatch.setattr("core.records.filters.today", lambda: today(dt.UTC) + dt.timedelta(days=1))
    assert derive_volatile() == 1
    assert shown(account, due) == 0


@pytest.mark.parametrize(
    ("kind", "options", "turning"),
    [
        ("formula", {"text": "TODAY() + 1", "result": "date"}, True),
        ("formula", {"text": "employees + 1", "result": "number"}, False),
        ("roll_up", {"through": "opportunity.account", "function": "count"}, False),
        ("roll_up", {"through": "opportunity.account", "function": "count",
                     "query": "f=expected_on.period.this_week"}, True),
    ],
)  # fmt: skip
@pytest.mark.django_db(transaction=True)
def test_a_sweep_looks_in_when_a_field_comes_that_turns(worker, live_workspace, kind, options, turning):
    with live_workspace.scope():
        derive_volatile()
        assert HINTS.due_among([live_workspace.schema]) == [], "nothing turns here"
        new_field(live_workspace, kind, options=options)
        assert HINTS.due_among([live_workspace.schema]) == [live_workspace.schema]
        derive_volatile()
        assert HINTS.due_among([live_workspace.schema]) == []
        monday = timezone.now() + dt.timedelta(days=1)
    with pytest.MonkeyPatch.context() as later:
        later.setattr("core.tenancy.hints.now", lambda: monday)
        assert HINTS.due_among([live_workspace.schema]) == ([live_workspace.schema] if turning else [])


@pytest.mark.django_db(transaction=True)
def test_what_is_worked_out_follows_an_undo_of_the_field(worker, live_workspace, client_of):
    client = client_of(live_workspace, live_workspace.owner)
    with live_workspace.scope():
        kind = record_type("account")
        field = new_field(
            live_workspace, "formula", "Twice", options={"text": "employees * 2", "result": "number"}
        )
        acme = made(live_workspace, "account", name="Acme", employees="5")
        given = FieldForm(label="Thrice", options={"text": "employees * 3", "decimals": "0"})
        changed = change_field(kind, field.pk, given=given, by=live_workspace.owner)
        forget_choices()
        assert shown(acme, field) == 15
    client.post(f"/undo/{changed}/")
    with live_workspace.scope():
        assert shown(acme, field) == 10
        retired = retire_field(record_type("account"), field.pk, by=live_workspace.owner)
        update_record(record_type("account"), acme, {"employees": 7}, by=live_workspace.owner)
    client.post(f"/undo/{retired}/")
    with live_workspace.scope():
        assert shown(acme, field) == 14, "what was written meanwhile counts"
        assert CustomField.objects.get().ordering == Ordering.NONE
