"""Layouts, what is needed when, and what is shown only if."""

import pytest

from core.errors import Conflict, DomainError
from core.history.undo import undo
from core.records.types import forget_choices, record_type
from core.records.writing import create_record, read_values, update_record
from crm.accounts.models import Account
from crm.fields.models import FieldLayout
from crm.fields.services.layouts import LayoutLine, save_layout, save_rule
from crm.opportunities.models import Stage
from tests.crm.fields.conftest import choices, new_field

pytestmark = pytest.mark.django_db
_COUNT = {"label": "A", "through": "contact.account", "function": "count"}


def made(workspace, key="account", **texts):
    kind = record_type(key)
    return create_record(kind, read_values(kind, texts), by=workspace.owner).record


def rule(workspace, name, key="account", **said):
    said = {"required": False, "stages": (), "shown_if": (), **said}
    return save_rule(record_type(key), name, by=workspace.owner, **said)


def headings(kind) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(section.label), tuple(section.fields)) for section in kind.layout]


def test_a_layout_is_stored_shown_and_taken_back(workspace, owner_client):
    colour = new_field(workspace, "text", "Colour")
    data = {
        "line": ["", colour.name, "name", "", "city", "-", "website"],
        "heading": ["First", "", "", "Reach", "", "", ""],
    }
    answer = owner_client.post("/settings/fields/account/layout/preview/", data)
    assert answer.status_code == 200
    assert not FieldLayout.objects.exclude(sections=[]).exists(), "to look changes nothing"
    assert owner_client.post("/settings/fields/account/layout/", data).status_code == 302
    forget_choices()
    shown = headings(record_type("account"))
    assert shown[:2] == [("First", (colour.name, "name")), ("Reach", ("city",))]
    placed = [name for _label, names in shown for name in names]
    assert "website" not in placed
    assert "phone" in placed, "what a layout does not know yet stands in a last section"
    form = owner_client.get("/accounts/new/").content.decode()
    assert form.index("Colour") < form.index('name="city"')
    assert 'name="website"' not in form
    owner_client.cookies["django_language"] = "zh-hans"
    assert owner_client.post("/settings/fields/account/layout/reset/").status_code == 302
    forget_choices()
    assert headings(record_type("account"))[0][0] == "Details"


def test_a_needed_field_cannot_be_hidden(workspace):
    lines = [
        LayoutLine(heading="A"),
        LayoutLine(field="city"),
        LayoutLine(hidden=True),
        LayoutLine(field="name"),
    ]
    with pytest.raises(DomainError, match="cannot be hidden"):
        save_layout(record_type("account"), lines, by=workspace.owner)


def test_a_needed_own_field_is_asked_of_new_records_and_old_ones_are_not_stuck(workspace):
    old = made(workspace, name="Old")
    size = new_field(workspace, "text", "Size", required=True)
    kind = record_type("account")
    with pytest.raises(DomainError, match="Size"):
        create_record(kind, {"name": "New"}, by=workspace.owner)
    update_record(kind, old, {"city": "Leeds"}, by=workspace.owner)
    new = made(workspace, name="New", **{size.name: "L"})
    with pytest.raises(DomainError, match="Size"):
        update_record(kind, new, {kind.field(size.name).attribute: ""}, by=workspace.owner)


def test_a_field_of_the_product_is_made_needed_and_that_is_undone(workspace, owner_client):
    batch = rule(workspace, "city", required=True)
    answer = owner_client.post("/accounts/new/", {"name": "Acme", "city": ""})
    assert answer.status_code == 422
    assert "This is needed" in answer.content.decode()
    undo(batch, by=workspace.owner)
    forget_choices()
    assert owner_client.post("/accounts/new/", {"name": "Acme", "city": ""}).status_code == 302


def test_a_field_is_needed_at_a_stage(workspace):
    first, second = Stage.objects.filter(outcome="open").order_by("position")[:2]
    rule(workspace, "amount", "opportunity", stages=[str(second.pk)])
    kind = record_type("opportunity")
    deal = made(workspace, "opportunity", name="Deal", stage=str(first.pk))
    update_record(kind, deal, {"name": "Deal 2"}, by=workspace.owner)
    with pytest.raises(DomainError, match="Amount"):
        update_record(kind, deal, {"stage_id": second.pk}, by=workspace.owner)
    update_record(kind, deal, {"stage_id": second.pk, "amount": 5}, by=workspace.owner)
    with pytest.raises(DomainError, match="Amount"):
        update_record(kind, deal, {"amount": None}, by=workspace.owner)


def test_a_card_that_lacks_what_its_stage_needs_is_not_moved_on_the_board(workspace, owner_client):
    first, second = Stage.objects.filter(outcome="open").order_by("position")[:2]
    rule(workspace, "amount", "opportunity", stages=[str(second.pk)])
    deal = made(workspace, "opportunity", name="Deal", stage=str(first.pk))
    answer = owner_client.post(f"/opportunities/{deal.pk}/move/", {"stage": str(second.pk)})
    assert answer.status_code == 422
    assert "Amount" in answer.content.decode()
    deal.refresh_from_db()
    assert deal.stage_id == first.pk


def test_a_field_that_is_not_shown_is_not_needed(workspace, owner_client):
    grade = new_field(workspace, "choice", "Grade")
    gold, silver = choices(grade, "Gold", "Silver")
    reason = new_field(workspace, "text", "Reason", required=True)
    rule(workspace, reason.name, shown_if=((grade.name, (str(gold.pk),)),))
    made(workspace, name="Silver", **{grade.name: str(silver.pk)})
    with pytest.raises(DomainError, match="Reason"):
        made(workspace, name="Gold", **{grade.name: str(gold.pk)})
    form = owner_client.get("/accounts/new/").content.decode()
    assert "data-shown-if" in form
    silver_account = Account.objects.get()
    assert "Reason" not in owner_client.get(f"/accounts/{silver_account.pk}/").content.decode()


def test_showing_in_a_circle_is_refused(workspace):
    rule(workspace, "city", shown_if=(("postcode", ()),))
    with pytest.raises(DomainError, match=r"City → Postcode → City|Postcode → City → Postcode"):
        rule(workspace, "postcode", shown_if=(("city", ()),))


def test_the_settings_are_the_administrators(workspace, client_of):
    from tenants.people.models import User

    member = User.objects.create(email="m@x.example", name="Mia", role="member")
    client = client_of(workspace, member)
    assert client.get("/settings/fields/account/").status_code == 403
    assert client.post("/settings/fields/account/new/?kind=text", {"label": "X"}).status_code == 403
    assert "/settings/fields/" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("number", {"label": "A", "decimals": "9"}, "Between 0 and 6"),
        ("number", {"label": "A", "minimum": "5", "maximum": "1"}, "below the smallest"),
        ("number", {"label": "A", "minimum": "x"}, "not a number"),
        ("text", {"label": ""}, "required"),
        ("text", {"label": "x" * 90}, "80"),
        ("formula", {"label": "A", "text": "__import__('os')", "result": "text"}, "cannot be read|no function"),
        ("formula", {"label": "A", "text": "nosuch", "result": "text"}, "no field"),
        ("roll_up", {"label": "A", "through": "contact.account", "function": "sum", "field": ""}, "holds numbers"),
        ("roll_up", {**_COUNT, "query": "f=x.y.z"}, "no field"),
        ("roll_up", {**_COUNT, "query": "f=owner.me."}, "everybody"),
        ("link", {"label": "A", "target": "nosuch"}, "valid choice"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_on_the_form(owner_client, workspace, kind, data, sentence):
    import html
    import re

    answer = owner_client.post(f"/settings/fields/account/new/?kind={kind}", data)
    assert answer.status_code == 422
    assert re.search(sentence, html.unescape(answer.content.decode()))


def test_two_at_once_make_no_twins(workspace):
    new_field(workspace, "text", "Colour")
    with pytest.raises(Conflict):
        new_field(workspace, "text", " COLOUR ")


def test_a_field_is_made_changed_and_retired_in_the_pages(owner_client, workspace):
    url = "/settings/fields/contact/"
    answer = owner_client.post(
        f"{url}new/?kind=choice", {"label": "Grade", "choices": "Gold\n\nSilver\nGold"}
    )
    assert answer.status_code == 302
    from crm.customize.models import PicklistItem
    from crm.fields.models import CustomField

    field = CustomField.objects.get()
    labels = PicklistItem.objects.filter(picklist="contact-c_grade").values_list("label", flat=True)
    assert list(labels) == ["Gold", "Silver"]
    page = owner_client.get(url).content.decode()
    assert "c_grade" in page
    assert owner_client.post(f"{url}{field.pk}/", {"label": "Rank"}).status_code == 302
    assert "Rank" in owner_client.get("/contacts/new/").content.decode()
    assert owner_client.post(f"{url}{field.pk}/retire/").status_code == 302
    assert "Rank" not in owner_client.get("/contacts/new/").content.decode()
    assert owner_client.post(f"{url}{field.pk}/restore/").status_code == 302
    assert "Rank" in owner_client.get("/contacts/new/").content.decode()
