"""What a record refers to is there, and is seen by who writes it; else a sentence at the field."""

from uuid import uuid4

import pytest

from core.errors import DomainError
from core.records.types import record_type
from core.records.writing import bin_records, create_record, update_record

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("field", ["account", "owner", "team"])
def test_a_reference_to_nothing_is_refused(workspace, client_of, field):
    with pytest.raises(DomainError) as refused:
        create_record(record_type("contact"), {"name": "Priya", f"{field}_id": uuid4()}, by=workspace.owner)
    assert list(refused.value.fields) == [field]
    answer = client_of(workspace, workspace.owner).post("/contacts/new/", {"name": "Priya", field: uuid4()})
    assert answer.status_code == 422
    assert "There is no such record here." in answer.content.decode()


def test_another_workspaces_record_is_nothing_here(workspace, other_workspace):
    with other_workspace.scope():
        foreign = create_record(record_type("account"), {"name": "Theirs"}, by=other_workspace.owner).record
    with pytest.raises(DomainError):
        create_record(record_type("contact"), {"name": "Priya", "account_id": foreign.pk}, by=workspace.owner)


def test_what_lies_in_the_bin_meanwhile_does_not_hinder_other_changes(workspace):
    by, contact_type = workspace.owner, record_type("contact")
    account = create_record(record_type("account"), {"name": "Northgate"}, by=by).record
    contact = create_record(contact_type, {"name": "Priya", "account_id": account.pk}, by=by).record
    bin_records(record_type("account"), [account.pk], by=by)
    values = {"name": "Priya Shah", "account_id": account.pk}
    assert update_record(contact_type, contact, values, by=by).record.name == "Priya Shah"
    with pytest.raises(DomainError):
        create_record(contact_type, {"name": "Tom", "account_id": account.pk}, by=by)
