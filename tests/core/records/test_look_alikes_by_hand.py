"""Who makes a record by hand learns of those that may be the same, and is not kept from making it."""

import pytest

from core.records.look_alikes import look_alikes
from core.records.types import record_type
from core.records.writing import create_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(workspace):
    values = {"name": "Ada Lovelace", "mail": "Ada@x.example", "mobile": "+44 7700 900123"}
    return create_record(record_type("contact"), values, by=workspace.owner).record


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ({"name": "ada  LOVELACE"}, ["Name"]),
        ({"mail": "ada@X.example"}, ["Mail"]),
        ({"phone": "07700 900123"}, ["Phone"]),
        ({"name": "Ada Lovelace", "mail": "ada@x.example"}, ["Name", "Mail"]),
        ({"name": "Ada"}, None),
        ({"mail": "da@x.example"}, None),
        ({"phone": "900 1"}, None),
        ({"name": "", "mail": "", "phone": ""}, None),
    ],
)
def test_the_same_name_mail_or_number_is_told(typed, same, ada, workspace):
    found = [(each.id, each.same) for each in look_alikes(record_type("contact"), typed, to=workspace.owner)]
    assert found == ([(ada.pk, same)] if same else [])


def test_two_chinese_namesakes_are_found_by_the_name_itself(workspace):
    create_record(record_type("account"), {"name": "张伟贸易"}, by=workspace.owner)
    create_record(record_type("account"), {"name": "章威贸易"}, by=workspace.owner)
    found = look_alikes(record_type("account"), {"name": "张伟贸易"}, to=workspace.owner)
    assert [each.title for each in found] == ["张伟贸易"]


def test_the_form_asks_and_the_record_can_be_made_all_the_same(ada, workspace, client_of):
    client = client_of(workspace, workspace.owner)
    assert 'hx-get="/contacts/look-alikes/"' in client.get("/contacts/new/").content.decode()
    assert "look-alikes" not in client.get(f"/contacts/{ada.pk}/edit/").content.decode()
    part = client.get("/contacts/look-alikes/", {"name": "Ada Lovelace"}).content.decode()
    assert f'href="/contacts/{ada.pk}/"' in part
    assert client.get("/contacts/look-alikes/", {"name": "Bo"}).content.strip() == b""
    assert client.post("/contacts/new/", {"name": "Ada Lovelace"}).status_code == 302
