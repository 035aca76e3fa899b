"""A field of each kind through every way in and out."""

import csv
import io
import json

import pytest
from django.http import QueryDict

from core.history.undo import undo
from core.records.fields import Showing
from core.records.lists import queryset_of, read_page, read_request
from core.records.types import record_type
from core.records.writing import create_record, read_values, update_record
from crm.accounts.models import Account
from tenants.people.models import Team, User
from tests.crm.fields.conftest import choices, new_field

pytestmark = pytest.mark.django_db


def account(workspace, name="Acme", **texts):
    kind = record_type("account")
    return create_record(kind, read_values(kind, {"name": name, **texts}), by=workspace.owner).record


def found(workspace, query: str) -> set[str]:
    wanted = read_request(record_type("account"), QueryDict(query), to=workspace.owner)
    assert wanted.problems == ()
    return set(queryset_of(wanted, to=workspace.owner).values_list("name", flat=True))


@pytest.fixture
def field(workspace, case):
    made = new_field(workspace, case.kind, options=case.options)
    return record_type("account").field(made.name)


@pytest.fixture
def filled(workspace, field, case):
    account(workspace, "Empty")
    return account(workspace, "Filled", **{field.name: case.typed})


def test_what_is_typed_is_kept_exactly_and_shown(workspace, field, filled, case):
    stored = Account.objects.get(pk=filled.pk)
    assert field.value_of(stored) == case.value
    assert type(field.value_of(stored)) is type(case.value)
    assert field.text(field.values_of(stored), Showing()) == case.shown
    assert field.parse(field.raw(case.value)) == case.value, "an edit starts from what it would read back"


def test_filters_find_it(workspace, field, filled, case):
    assert found(workspace, f"f={field.name}.{case.matching}") == {"Filled"}
    assert "Filled" not in found(workspace, f"f={field.name}.{case.missing}")
    if "filled" in field.operators:
        assert found(workspace, f"f={field.name}.filled.") == {"Filled"}
        assert found(workspace, f"f={field.name}.empty.") == {"Empty"}


def test_lists_show_it_in_a_column(workspace, field, filled, case):
    wanted = read_request(record_type("account"), QueryDict(f"cols=name,{field.name}"), to=workspace.owner)
    rows = {row[1]: row[2] for row in read_page(wanted, to=workspace.owner).rows}
    assert rows == {"Filled": case.value, "Empty": None}


def test_form_page_inline_edit_and_changes_show_it(owner_client, field, filled, case):
    form = owner_client.get(f"/accounts/{filled.pk}/edit/").content.decode()
    assert f'name="{field.name}"' in form
    page = owner_client.get(f"/accounts/{filled.pk}/")
    shown = case.shown.split("\n")[0].removeprefix("https://")
    assert shown in page.content.decode()
    answer = owner_client.post(f"/accounts/{filled.pk}/field/{field.name}/", {field.name: ""})
    assert answer.status_code == 302
    assert not field.value_of(Account.objects.get(pk=filled.pk))
    changes = owner_client.get(f"/accounts/{filled.pk}/tab/changes/").content.decode()
    assert str(field.label) in changes
    assert shown.split("/")[0] in changes


def test_an_undo_takes_back_this_field_alone(workspace, field, filled, case):
    kind = record_type("account")
    cleared = update_record(
        kind, filled, {field.attribute: False if case.kind == "yes_no" else None}, by=workspace.owner
    )
    update_record(kind, filled, {"city": "Leeds"}, by=workspace.owner)
    assert undo(cleared.batch, by=workspace.owner).kept == []
    stored = Account.objects.get(pk=filled.pk)
    assert (field.value_of(stored), stored.city) == (case.value, "Leeds")


def test_the_api_reads_and_writes_it(owner_client, field, case):
    sent = case.typed if case.kind != "yes_no" else True
    answer = owner_client.post(
        "/api/v1/accounts/", json.dumps({"name": "By API", field.name: sent}), content_type="application/json"
    )
    assert answer.status_code == 201, answer.content
    expected = case.value if case.api is None else case.api
    url = f"/api/v1/accounts/{answer.json()['id']}/"
    assert owner_client.get(url).json()[field.name] == expected
    listed = owner_client.get(f"/api/v1/accounts/?f={field.name}.{case.matching}").json()["results"]
    assert [each[field.name] for each in listed] == [expected]
    cleared = owner_client.patch(url, json.dumps({field.name: None if case.kind != "yes_no" else False}),
                                 content_type="application/json")  # fmt: skip
    assert not cleared.json()[field.name]
    document = owner_client.get("/api/v1/openapi.json").json()
    assert field.name in document["components"]["schemas"]["Account"]["properties"]


def test_a_list_as_a_file_holds_it(owner_client, field, filled, case):
    answer = owner_client.get(f"/accounts/export.csv?cols=name,{field.name}&f={field.name}.{case.matching}")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    told = field.told(Showing())((case.value,))
    raw = field.raw(case.value)
    assert rows[0] == ["Name", field.label]
    assert rows[1][0] == "Filled"
    assert rows[1][1].removeprefix("'") in (told, raw, str(case.value))


def test_a_mass_edit_writes_it(owner_client, field, filled, case):
    other = Account.objects.get(name="Empty")
    picked = [str(other.pk), str(filled.pk)]
    answer = owner_client.post(
        "/accounts/bulk/change/", {"field": field.name, "pick": picked, "value": case.typed}
    )
    assert answer.status_code == 302, answer.content
    assert field.value_of(Account.objects.get(pk=other.pk)) == case.value


@pytest.mark.parametrize(
    ("kind", "typed"),
    [("number", "12x"), ("date", "31 February 2026"), ("time", "25:00"), ("mail", "a@"), ("web", "http://"),
     ("phone", "--"), ("percent", "many"), ("money", "10" * 12), ("text", "x" * 300)],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_sentence_and_kept_on_the_form(
    owner_client, workspace, kind, typed
):
    made = new_field(workspace, kind)
    answer = owner_client.post("/accounts/new/", {"name": "Acme", made.name: typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert typed in page
    assert 'aria-invalid="true"' in page
    assert not Account.objects.exists()


def test_several_choices(owner_client, workspace):
    made = new_field(workspace, "choices", "Interests")
    red, green, blue = choices(made, "Red", "Green", "Blue")
    field = record_type("account").field(made.name)
    first = account(workspace, "First", **{made.name: f"{blue.pk},{red.pk}"})
    account(workspace, "Second", **{made.name: "green"})
    account(workspace, "None")
    assert field.text(field.values_of(first), Showing()) == "Red, Blue"
    assert found(workspace, f"f={made.name}.any.{red.pk},{green.pk}") == {"First", "Second"}
    assert found(workspace, f"f={made.name}.all.{red.pk},{blue.pk}") == {"First"}
    assert found(workspace, f"f={made.name}.none.{red.pk}") == {"Second", "None"}
    assert found(workspace, f"f={made.name}.empty.") == {"None"}
    form = owner_client.get(f"/accounts/{first.pk}/edit/").content.decode()
    assert form.count("selected") >= 2
    url = f"/accounts/{first.pk}/field/{made.name}/"
    answer = owner_client.post(url, {made.name: ["", str(green.pk), str(red.pk)]})
    assert answer.status_code == 302
    assert field.value_of(Account.objects.get(pk=first.pk)) == [str(red.pk), str(green.pk)]
    answer = owner_client.get(f"/accounts/export.csv?cols=name,{made.name}&f=name.is.First")
    assert b"Red, Green" in b"".join(answer.streaming_content)
    owner_client.post(url, {made.name: ""})
    assert field.value_of(Account.objects.get(pk=first.pk)) is None


def test_a_choice_is_shaped_like_every_list_of_choices(owner_client, workspace):
    made = new_field(workspace, "choice", "Grade")
    gold, silver = choices(made, "Gold", "Silver")
    first = account(workspace, "First", **{made.name: "gold"})
    field = record_type("account").field(made.name)
    assert field.value_of(Account.objects.get(pk=first.pk)) == gold.pk
    key = f"account-{made.name}"
    assert "Grade" in owner_client.get("/settings/lists/").content.decode()
    answer = owner_client.post(
        f"/settings/lists/{key}/merge/", {"merged": str(gold.pk), "into": str(silver.pk)}
    )
    assert answer.status_code == 302
    assert field.text(field.values_of(Account.objects.get(pk=first.pk)), Showing()) == "Silver"


def test_a_link_and_a_person(owner_client, workspace):
    link = new_field(workspace, "link", "Partner", options={"target": "contact"})
    person = new_field(workspace, "person", "Engineer")
    contacts = record_type("contact")
    ann = create_record(contacts, read_values(contacts, {"name": "Ann"}), by=workspace.owner).record
    first = account(workspace, "First", **{link.name: str(ann.pk), person.name: str(workspace.owner.pk)})
    account(workspace, "Second")
    assert found(workspace, f"f={link.name}.any.{ann.pk}") == {"First"}
    assert found(workspace, f"f={person.name}.me.") == {"First"}
    page = owner_client.get(f"/accounts/{first.pk}/").content.decode()
    assert f'href="/contacts/{ann.pk}/"' in page
    listed = owner_client.get(f"/accounts/?cols=name,{link.name},{person.name}").content.decode()
    assert "Ann" in listed
    assert workspace.owner.name in listed
    assert "First" in owner_client.get(f"/contacts/{ann.pk}/").content.decode(), "the other side lists it"
    answer = owner_client.post(f"/accounts/{first.pk}/field/{link.name}/", {link.name: str(first.pk)})
    assert answer.status_code == 422, "an account is no contact"


def test_the_people_of_ones_team_are_asked_for_in_own_fields_too(owner_client, workspace):
    person = new_field(workspace, "person", "Engineer")
    team = Team.objects.create(name="Service")
    mate = User.objects.create(email="a@x.example", name="Ann", role="member", team=team)
    account(workspace, "First", **{person.name: str(mate.pk)})
    account(workspace, "Second", **{person.name: str(workspace.owner.pk)})
    assert found(workspace, f"f={person.name}.my_team.") == set(), "the owner is in no team"
    User.objects.filter(pk=workspace.owner.pk).update(team=team)
    assert found(workspace, f"f={person.name}.my_team.") == {"First", "Second"}
    Team.objects.create(name="Sales")
    User.objects.filter(pk=mate.pk).update(team=Team.objects.get(name="Sales"))
    assert found(workspace, f"f={person.name}.my_team.") == {"Second"}
    assert "Second" in owner_client.get(f"/accounts/?f={person.name}.my_team.").content.decode()
