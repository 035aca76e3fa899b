"""The choices a workspace keeps: shaped without losing what records have chosen."""

import pytest

from core.errors import Conflict, DomainError
from core.history.undo import undo
from core.outbox.models import WaitingTask
from core.records.models import SavedView, SearchDocument
from core.records.tasks import reindex_holders, reindex_mentions
from core.records.types import record_type
from core.records.writing import create_record, update_record
from crm.accounts.models import Account
from crm.customize.models import PicklistItem
from crm.customize.selectors import picklist, picklists
from crm.customize.services.picklists import forget_options
from crm.customize.services.shaping import ItemRow, mark_of, merge_items, save_picklist
from tenants.people.models import SalesTerritory, User
from tests.importing import Importer

pytestmark = pytest.mark.django_db


def _rows(key="trade"):
    return [ItemRow(each.pk, each.label, each.tone, each.retired) for each in _items(key)]


def _items(key="trade"):
    return list(PicklistItem.objects.filter(picklist=key))


def _labels():
    return [str(option.label) for option in record_type("account").field("trade").options()]


def _account(workspace, name, trade):
    return create_record(record_type("account"), {"name": name, "trade_id": trade}, by=workspace.owner).record


def test_every_list_that_a_field_has_is_shaped(workspace):
    assert [each.key for each in picklists()] == ["tier", "trade", "region", "source", "lost_reason"]
    with pytest.raises(KeyError):
        picklist("colour")


def test_choices_are_renamed_ordered_added_and_coloured(workspace):
    first, second, *rest = _rows()
    rows = [
        second,
        ItemRow(first.item_id, " Shops ", "amber", False),
        *rest,
        ItemRow(None, "Farming", "made-up", False),
    ]
    save_picklist("trade", title="Trade", rows=rows, by=workspace.owner)
    assert _labels()[:2] == [second.label, "Shops"]
    assert _labels()[-1] == "Farming"
    stored = {each.label: each.tone for each in _items()}
    assert (stored["Shops"], stored["Farming"]) == ("amber", "")


def test_two_choices_swap_their_names(workspace):
    first, second, *rest = _rows()
    swapped = [
        ItemRow(first.item_id, second.label, "", False),
        ItemRow(second.item_id, first.label, "", False),
        *rest,
    ]
    save_picklist("trade", title="Trade", rows=swapped, by=workspace.owner)
    assert [each.pk for each in _items()][:2] == [first.item_id, second.item_id]
    assert _labels()[:2] == [second.label, first.label]


def test_two_choices_of_one_name_are_refused(workspace):
    first, *rest = _rows()
    rows = [first, ItemRow(None, first.label.upper(), "", False), *rest]
    with pytest.raises(Conflict):
        save_picklist("trade", title="Trade", rows=rows, by=workspace.owner)


def test_a_choice_in_use_is_retired_and_not_removed(workspace, client_of):
    first, *rest = _rows()
    account = _account(workspace, "Northgate", first.item_id)
    with pytest.raises(DomainError, match=first.label):
        save_picklist(
            "trade", title="Trade", rows=[ItemRow(first.item_id, "", "", False)], by=workspace.owner
        )
    save_picklist(
        "trade",
        title="Trade",
        rows=[ItemRow(first.item_id, first.label, "", True), *rest],
        by=workspace.owner,
    )
    client = client_of(workspace, workspace.owner)
    option = f'<option value="{first.item_id}"'
    assert option not in client.get("/accounts/new/").content.decode()
    assert option in client.get(f"/accounts/{account.pk}/edit/").content.decode()
    assert option in client.get(f"/accounts/{account.pk}/field/trade/").content.decode()


def test_what_an_import_added_meanwhile_stays(workspace):
    rows = _rows()
    PicklistItem.objects.create(picklist="trade", label="Brought along", position=99)
    save_picklist("trade", title="Trade", rows=[rows[0]], by=workspace.owner)
    assert "Brought along" in _labels()
    assert len(_labels()) == len(rows) + 1


def test_merging_moves_the_records_and_can_be_undone(workspace, client_of):
    wrong = PicklistItem.objects.create(picklist="trade", label="technolgy")
    right = PicklistItem.objects.get(picklist="trade", label="Technology")
    account = _account(workspace, "Northgate", wrong.pk)
    binned = _account(workspace, "In the bin", wrong.pk)
    Account.objects.filter(pk=binned.pk).update(deleted_at=binned.created_at)
    batch = merge_items("trade", merged=wrong.pk, into=right.pk, by=workspace.owner)
    assert set(Account.everything.values_list("trade_id", flat=True)) == {right.pk}
    assert "technolgy" not in _labels()
    client = client_of(workspace, workspace.owner)
    assert "technolgy" not in client.get("/accounts/new/").content.decode()
    assert client.post(f"/undo/{batch}/").status_code == 204
    assert Account.objects.get(pk=account.pk).trade_id == wrong.pk
    assert "technolgy" in client.get("/accounts/new/").content.decode()


def test_files_go_on_using_the_name_of_a_merged_choice_until_it_is_given_again(workspace):
    wrong = PicklistItem.objects.create(picklist="trade", label="technolgy")
    right = PicklistItem.objects.get(picklist="trade", label="Technology")
    batch = merge_items("trade", merged=wrong.pk, into=right.pk, by=workspace.owner)
    importer = Importer(workspace.owner)
    importer.whole("account", "name,trade\nAcme,TECHNOLGY\n")
    assert Account.objects.get(name="Acme").trade_id == right.pk
    again = PicklistItem.objects.create(picklist="trade", label="Technolgy")
    forget_options("trade")
    importer.whole("account", "name,trade\nBolt,technolgy\n")
    assert Account.objects.get(name="Bolt").trade_id == again.pk
    again.delete()
    undo(batch, by=workspace.owner)
    right.refresh_from_db()
    assert right.formerly == []


def test_a_form_that_is_older_than_the_list_is_refused(workspace):
    opened = [ItemRow(each.pk, each.label, each.tone, each.retired, mark_of(each)) for each in _items()]
    first, second, *rest = opened
    renamed = ItemRow(first.item_id, "Shops", "", False, first.was)
    save_picklist("trade", title="Trade", rows=[renamed, second, *rest], by=workspace.owner)
    with pytest.raises(Conflict):
        save_picklist("trade", title="Trade", rows=opened, by=workspace.owner)
    merge_items("trade", merged=second.item_id, into=first.item_id, by=workspace.owner)
    with pytest.raises(Conflict):
        save_picklist("trade", title="Trade", rows=[second], by=workspace.owner)
    assert second.label not in _labels()


def test_saved_views_follow_a_merge_and_its_undo(workspace, client_of):
    wrong, right = _items()[:2]
    view = SavedView.objects.create(
        record_type="account", name="Mine", query=f"f=trade.any.{wrong.pk}", owner=workspace.owner
    )
    batch = merge_items("trade", merged=wrong.pk, into=right.pk, by=workspace.owner)
    view.refresh_from_db()
    assert view.query == f"f=trade.any.{right.pk}"
    client_of(workspace, workspace.owner).post(f"/undo/{batch}/")
    view.refresh_from_db()
    assert view.query == f"f=trade.any.{wrong.pk}"


def test_search_says_the_new_name(workspace):
    first, *rest = _rows()
    account = _account(workspace, "Northgate", first.item_id)
    rows = [ItemRow(first.item_id, "Shops", "", False), *rest]
    save_picklist("trade", title="Trade", rows=rows, by=workspace.owner)
    waiting = [each.arguments for each in WaitingTask.objects.filter(name="records.reindex_holders")]
    assert ["account", "trade", str(first.item_id)] in waiting
    for arguments in waiting:
        reindex_holders.run.__wrapped__(workspace.schema, *arguments)
    assert "Shops" in SearchDocument.objects.get(pk=account.pk).subtitle


def test_who_is_found_by_an_account_is_found_by_its_new_name(workspace):
    account = _account(workspace, "Northgate", None)
    values = {"name": "Priya", "account_id": account.pk}
    contact = create_record(record_type("contact"), values, by=workspace.owner).record
    update_record(record_type("account"), account, {"name": "Eastgate"}, by=workspace.owner)
    waiting = WaitingTask.objects.get(name="records.reindex_mentions")
    assert waiting.arguments == ["account", str(account.pk)]
    reindex_mentions.run.__wrapped__(workspace.schema, *waiting.arguments)
    document = SearchDocument.objects.get(pk=contact.pk)
    assert "eastgate" in document.text + document.subtitle.lower()


@pytest.mark.parametrize("pair", [("same", "same"), ("own", "other list"), ("own", "none")])
def test_only_two_choices_of_one_list_merge(workspace, client_of, pair):
    own, other = _items("trade")[0].pk, _items("region")[0].pk
    ids = {"same": own, "own": own, "other list": other, "none": ""}
    data = {"merged": ids[pair[0]], "into": ids[pair[1]]}
    answer = client_of(workspace, workspace.owner).post("/settings/lists/trade/merge/", data)
    assert answer.status_code == 422
    assert PicklistItem.objects.filter(pk=own).exists()


def test_another_workspaces_choice_is_not_reached(workspace, other_workspace, client_of):
    with other_workspace.scope():
        foreign = PicklistItem.objects.filter(picklist="trade").first()
    own = _items()[0]
    client = client_of(workspace, workspace.owner)
    data = {"merged": own.pk, "into": foreign.pk}
    assert client.post("/settings/lists/trade/merge/", data).status_code == 422
    sent = {"item": [foreign.pk], "label": ["Taken"], "tone": [""], "offered": ["yes"], "was": [""]}
    assert client.post("/settings/lists/trade/", sent).status_code == 422
    with other_workspace.scope():
        assert PicklistItem.objects.get(pk=foreign.pk).label == foreign.label


def test_members_do_not_shape_lists(workspace, client_of):
    member = User.objects.create_user("m@x.example", "x", name="Mina")
    for address in ("/settings/lists/", "/settings/lists/trade/"):
        assert client_of(workspace, member).get(address).status_code == 403
        assert client_of(workspace, workspace.owner).get(address).status_code == 200
    assert client_of(workspace, workspace.owner).get("/settings/lists/colour/").status_code == 404


def test_territories_follow_a_merge_and_its_undo(workspace):
    wrong, right, other = _items()[:3]
    values = {"trade": [str(wrong.pk), str(right.pk), str(other.pk)], "region": []}
    territory = SalesTerritory.objects.create(name="North", values=values)
    untouched = SalesTerritory.objects.create(name="South", values={"trade": [str(other.pk)]})
    batch = merge_items("trade", merged=wrong.pk, into=right.pk, by=workspace.owner)
    territory.refresh_from_db()
    untouched.refresh_from_db()
    assert territory.values["trade"] == sorted([str(right.pk), str(other.pk)])
    assert untouched.values == {"trade": [str(other.pk)]}
    undo(batch, by=workspace.owner)
    territory.refresh_from_db()
    assert territory.values == values


def test_new_records_start_with_the_choice_that_was_set(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    first, second = _items()[:2]
    selected = f'<option value="{second.pk}" selected>'
    assert selected not in client.get("/accounts/new/").content.decode()
    batch = save_picklist("trade", title="Trade", rows=_rows(), initial=second.pk, by=workspace.owner)
    assert selected in client.get("/accounts/new/").content.decode()
    # What the address says, and what somebody chooses, counts before it.
    assert selected not in client.get(f"/accounts/new/?trade={first.pk}").content.decode()
    made = create_record(record_type("account"), {"name": "From a file"}, by=workspace.owner).record
    assert made.trade_id is None
    # Merged into another it is that one; retired it is nothing.
    merge_items("trade", merged=second.pk, into=first.pk, by=workspace.owner)
    assert f'<option value="{first.pk}" selected>' in client.get("/accounts/new/").content.decode()
    rows = [ItemRow(row.item_id, row.label, row.tone, row.item_id == first.pk) for row in _rows()]
    save_picklist("trade", title="Trade", rows=rows, initial=first.pk, by=workspace.owner)
    assert f'<option value="{first.pk}" selected>' not in client.get("/accounts/new/").content.decode()
    assert batch


def test_a_merge_says_how_many_records_changed(workspace, client_of):
    wrong, right = _items()[:2]
    _account(workspace, "Acme", wrong.pk)
    client = client_of(workspace, workspace.owner)
    client.post("/settings/lists/trade/merge/", {"merged": wrong.pk, "into": right.pk})
    assert "1 record changed" in client.get("/settings/lists/trade/").content.decode()
