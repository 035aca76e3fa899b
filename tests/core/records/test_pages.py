"""The generic pages: what two people do at once, and what cannot be read."""

import pytest

from core.history.models import Transaction
from core.records.types import record_type
from core.records.writing import create_record
from crm.accounts.models import Account
from tenants.people.models import Team, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(workspace):
    values = {"name": "Acme", "city": "York", "phone": "0113 496"}
    return create_record(record_type("account"), values, by=workspace.owner).record


@pytest.fixture
def opened(workspace, account, client_of):
    """The edit form as Ann's browser holds it: every field, and what each was."""
    client = client_of(workspace, workspace.owner)
    form = client.get(f"/accounts/{account.pk}/edit/").context["form"]
    return client, {
        name: field.initial or form.initial.get(name) or "" for name, field in form.fields.items()
    }


def test_saving_one_field_leaves_what_somebody_else_changed_meanwhile(account, opened):
    client, form = opened
    Account.objects.filter(pk=account.pk).update(phone="0114 222")
    answer = client.post(f"/accounts/{account.pk}/edit/", {**form, "city": "Hull"})
    assert answer.status_code == 302
    account.refresh_from_db()
    assert (account.city, account.phone) == ("Hull", "0114 222")


def test_two_changes_to_one_field_are_a_conflict(account, opened):
    client, form = opened
    Account.objects.filter(pk=account.pk).update(city="Leeds")
    answer = client.post(f"/accounts/{account.pk}/edit/", {**form, "city": "Hull"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'name="city" value="Hull"' in page, "what was typed is kept"
    assert "“Leeds”" in page, "what the other made of it is said"
    account.refresh_from_db()
    assert account.city == "Leeds"
    # Sent once more, it is meant.
    again = {**form, "city": "Hull", "was-city": "Leeds"}
    assert client.post(f"/accounts/{account.pk}/edit/", again).status_code == 302
    account.refresh_from_db()
    assert account.city == "Hull"


def test_a_refused_form_keeps_the_text_and_what_it_was(account, opened):
    client, form = opened
    answer = client.post(f"/accounts/{account.pk}/edit/", {**form, "employees": "many"})
    assert answer.status_code == 422
    assert 'value="many"' in answer.content.decode()
    assert 'name="was-city" value="York"' in answer.content.decode()


@pytest.mark.parametrize("path", ["/accounts/export.csv", "/api/v1/accounts/"])
def test_a_filter_that_cannot_be_read_does_not_give_everything(workspace, account, client_of, path):
    answer = client_of(workspace, workspace.owner).get(f"{path}?f=ownr.me.")
    assert answer.status_code == 422


def test_a_file_speaks_the_persons_language(workspace, account, client_of):
    User.objects.filter(pk=workspace.owner.pk).update(language="zh-hans")
    answer = client_of(workspace, workspace.owner).get("/accounts/export.csv")
    heading = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()[0]
    assert heading.startswith("名称")


def test_a_member_does_not_undo_what_was_an_administrators(workspace, client_of):
    from core.history.context import change

    member = User.objects.create_user("m@x.example", "x", name="Mina")
    with change(label="Made a team", by=member) as entry:
        Team.objects.create(name="North")
    assert client_of(workspace, member).post(f"/undo/{entry.batch}/").status_code == 403
    with change(label="Changed an account", by=member) as entry:
        Account.objects.create(name="Mine", name_key="mine")
    assert client_of(workspace, member).post(f"/undo/{entry.batch}/").status_code == 204
    assert Transaction.objects.filter(undo_of=entry.batch).exists()


def test_only_those_who_may_import_are_offered_to(workspace, account, client_of):
    member = User.objects.create_user("mo@firm.example", "a fine long phrase", name="Mo")
    assert "/import/new/" in client_of(workspace, workspace.owner).get("/accounts/").content.decode()
    client = client_of(workspace, member)
    page = client.get("/accounts/").content.decode()
    assert "/import/new/" not in page
    assert "/accounts/export.csv" in page
    assert "/import/new/" not in client.get("/contacts/").content.decode()  # an empty list
    refused = client.get("/import/new/")
    assert refused.status_code == 403
    assert "can import files" in refused.content.decode()


def test_ticked_rows_are_said_to_be_in_the_bin_and_come_back(workspace, account, client_of):
    client = client_of(workspace, workspace.owner)
    client.post("/accounts/bulk/delete/", {"pick": str(account.pk)})
    page = client.get("/accounts/").content.decode()
    assert "Moved 1 record to the bin" in page
    batch = Transaction.objects.order_by("-id").first().batch
    assert f'data-undo="/undo/{batch}/"' in page
    address = {"HX-Current-URL": f"http://{workspace.host}/accounts/", "HX-Request": "true"}
    answer = client.post(f"/undo/{batch}/", headers=address)
    assert answer.headers["HX-Refresh"] == "true"
    assert "Undone." in client.get("/accounts/").content.decode()


def test_the_bin_and_what_can_be_begun_are_found_by_name(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    page = client.get("/").content.decode()
    for words in ("New account", "New task", "Import", "Bin"):
        assert f"<span>{words}</span></div>" in page
    assert page.count('href="/bin/"') == 2
    assert 'href="/bin/"' in client.get("/profile/").content.decode().partition("set-nav")[2]
