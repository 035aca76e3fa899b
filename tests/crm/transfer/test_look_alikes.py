"""Values of a file that nobody knows, beside what they look like; and the order in which files are brought."""

import re

import pytest

from crm.accounts.models import Account
from crm.customize.models import PicklistItem
from crm.transfer.models import ImportState

pytestmark = pytest.mark.django_db


@pytest.fixture
def checked(importer):
    job = importer.upload(
        "account", "name,trade\nAcme,technolgy\nBolt,technolgy\nCore,Shipyards\nDent,Retial\n"
    )
    return importer.check(job)


def test_a_choice_that_looks_like_a_known_one_is_suggested_and_one_click_takes_it(
    checked, importer, workspace, client_of
):
    assert checked.state == ImportState.CHECKED
    client = client_of(workspace, workspace.owner)
    page = client.get(f"/import/{checked.pk}/").content.decode()
    accepted = re.findall(
        r'name="text" value="([^"]+)">(?:(?!name="text").)*?name="decision" value="([0-9a-f-]{36})"',
        page,
        re.S,
    )
    technology = PicklistItem.objects.get(picklist="trade", label="Technology")
    retail = PicklistItem.objects.get(picklist="trade", label="Retail")
    assert dict(accepted) == {"technolgy": str(technology.pk), "Retial": str(retail.pk)}
    answer = {"field": "trade", "text": "technolgy", "decision": str(technology.pk)}
    assert client.post(f"/import/{checked.pk}/answers/", answer).status_code == 302
    importer.run(importer.check(checked))
    assert Account.objects.get(name="Acme").trade == technology
    assert not PicklistItem.objects.filter(label="technolgy").exists()


def test_what_is_taken_already_is_not_suggested_again(checked, workspace, client_of):
    client = client_of(workspace, workspace.owner)
    checked.answers = {"trade": {"Retial": {"do": "map", "id": _id("Retail")}}}
    checked.save(update_fields=["answers"])
    page = client.get(f"/import/{checked.pk}/").content.decode()
    assert "Accept Technology" in page
    assert "Accept Retail" not in page


def test_who_chooses_what_is_in_a_file_reads_in_which_order_files_come(workspace, client_of):
    page = client_of(workspace, workspace.owner).get("/import/new/").content.decode()
    assert re.search(r"accounts, products and people first.*opportunities last", page)


def _id(label: str) -> str:
    return str(PicklistItem.objects.get(picklist="trade", label=label).pk)
