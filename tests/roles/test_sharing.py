"""One record shown to a person or a team whose role does not show it."""

import html

import pytest

from core.errors import DomainError
from core.records.models import RecordShare
from core.records.rights import ANY_TYPE
from core.records.sharing import share_record, unshare_record
from core.records.types import record_type
from core.records.writing import bin_records, update_record
from crm.customize.models import PicklistItem
from tenants.people.models import SalesTerritory, Team, TerritoryMember
from tests.roles.conftest import ALL, OWNED

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return html.unescape(answer.content.decode())


@pytest.fixture
def narrow(firm):
    """Who sees one's own, and may do everything with what one sees."""
    return firm.give({ANY_TYPE: {**ALL, "see": "own"}})


@pytest.mark.parametrize("key", OWNED)
def test_a_shared_record_is_seen_and_can_be_changed_only_when_that_was_said(key, firm, narrow, client_of):
    kind, theirs = record_type(key), firm.records[key, "stranger"]
    client = client_of(firm.workspace, narrow)
    assert client.get(kind.url_of(theirs.pk)).status_code == 404
    for may_edit in (False, True):
        share_record(kind, theirs, subject_id=narrow.pk, may_edit=may_edit, by=firm.people["stranger"])
        assert client.get(kind.url_of(theirs.pk)).status_code == 200
        listed = text_of(client.get(f"/{kind.slug}/?sort={kind.order}"))
        assert firm.name(key, "stranger") in listed and firm.name(key, "mate") not in listed
        # Shared is not given: it is neither deleted nor handed on.
        with pytest.raises(DomainError):
            bin_records(kind, [theirs.pk], by=firm.me)
        if may_edit:
            update_record(kind, theirs, {kind.title: "Zqstrangernew"}, by=firm.me)
        else:
            with pytest.raises(DomainError):
                update_record(kind, theirs, {kind.title: "Zqstrangernew"}, by=firm.me)
    unshare_record(kind, theirs, subject_id=narrow.pk, by=firm.people["stranger"])
    assert client.get(kind.url_of(theirs.pk)).status_code == 404


def test_a_team_sees_what_is_shared_with_it(firm, narrow, client_of):
    account, theirs = record_type("account"), firm.records["account", "stranger"]
    north = Team.objects.get(name="North")
    share_record(account, theirs, subject_id=north.pk, may_edit=False, by=firm.people["stranger"])
    assert client_of(firm.workspace, narrow).get(account.url_of(theirs.pk)).status_code == 200


def test_nobody_shares_what_they_may_not_change(firm, client_of):
    account, theirs = record_type("account"), firm.records["account", "stranger"]
    looker = firm.give({ANY_TYPE: {"see": "all"}})
    with pytest.raises(DomainError):
        share_record(account, theirs, subject_id=looker.pk, may_edit=True, by=looker)
    client = client_of(firm.workspace, looker)
    assert client.get(f"{account.url_of(theirs.pk)}share/").status_code == 403
    answer = client.post(f"{account.url_of(theirs.pk)}share/", {"person": str(looker.pk)})
    assert answer.status_code == 403
    assert not RecordShare.objects.exists()


def test_the_page_shares_and_takes_back(firm, client_of):
    account, mine = record_type("account"), firm.records["account", "me"]
    client = client_of(firm.workspace, firm.give({ANY_TYPE: ALL}))
    url, mate = account.url_of(mine.pk), firm.people["mate"]
    assert f"{url}share/" in text_of(client.get(url))
    both = {"person": str(mate.pk), "team": str(mate.team_id)}
    for wrong in ({}, {"person": "x"}, {"person": str(mine.pk)}, both):
        assert client.post(f"{url}share/", wrong).status_code == 422, wrong
    assert client.post(f"{url}share/", {"person": str(mate.pk), "may_edit": "on"}).status_code == 302
    assert client.post(f"{url}share/", {"person": str(mate.pk)}).status_code == 302
    assert [each.may_edit for each in RecordShare.objects.all()] == [False]
    assert "Mate" in text_of(client.get(f"{url}share/"))
    assert client.post(f"{url}unshare/", {"subject": str(mate.pk)}).status_code == 302
    assert not RecordShare.objects.exists()
    product = firm.records["product", "me"]
    assert client.get(f"/products/{product.pk}/share/").status_code == 404


def test_a_territory_widens_what_is_seen_and_not_what_is_changed(firm, narrow, client_of):
    account, contact = record_type("account"), record_type("contact")
    north, east = PicklistItem.objects.filter(picklist="region").values_list("pk", flat=True)[:2]
    there, elsewhere = firm.records["account", "stranger"], firm.records["account", "mate"]
    update_record(account, there, {"region_id": north}, by=None)
    update_record(account, elsewhere, {"region_id": east}, by=None)
    update_record(contact, firm.records["contact", "stranger"], {"account_id": there.pk}, by=None)
    whole = SalesTerritory.objects.create(name="Whole")
    SalesTerritory.objects.create(name="North", parent=whole, values={"region": [str(north)]})
    TerritoryMember.objects.create(territory=whole, person=narrow)
    client = client_of(firm.workspace, firm.me)
    page = text_of(client.get("/accounts/"))
    assert "Zqstrangeraccount" in page and "Zqmateaccount" not in page
    # What hangs on such an account is seen with it.
    assert "Zqstrangercontact" in text_of(client.get("/contacts/"))
    with pytest.raises(DomainError):
        update_record(account, there, {"name": "Mine now"}, by=firm.me)


def test_the_page_makes_changes_and_deletes_a_territory(firm, narrow, client_of):
    north = PicklistItem.objects.filter(picklist="region").first()
    update_record(
        record_type("account"), firm.records["account", "stranger"], {"region_id": north.pk}, by=None
    )
    owner = client_of(firm.workspace, firm.workspace.owner)
    form = {"name": "The north", "region": [str(north.pk)], "people": [str(narrow.pk)]}
    assert owner.post("/settings/territories/new/", form).status_code == 302
    assert owner.post("/settings/territories/new/", form).status_code == 422
    page = text_of(owner.get("/settings/territories/"))
    assert "The north" in page and north.label in page and narrow.name in page
    theirs = client_of(firm.workspace, firm.me)
    assert "Zqstrangeraccount" in text_of(theirs.get("/accounts/"))
    assert theirs.get("/settings/territories/").status_code == 403
    made = SalesTerritory.objects.get()
    for wrong in ({"region": ["x"]}, {"people": [str(north.pk)]}, {"name": " "}, {"parent": str(made.pk)}):
        answer = owner.post(f"/settings/territories/{made.pk}/", {**form, **wrong})
        assert answer.status_code == 422, wrong
    assert owner.post(f"/settings/territories/{made.pk}/", {**form, "people": []}).status_code == 302
    assert "Zqstrangeraccount" not in text_of(theirs.get("/accounts/"))
    assert owner.post(f"/settings/territories/{made.pk}/delete/").status_code == 302
    assert not SalesTerritory.objects.exists()
