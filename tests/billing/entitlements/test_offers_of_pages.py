"""What the plan lacks, or a workspace that is not paid for refuses, is not offered on its pages."""

import html

import pytest

from core.clock import now
from core.records.types import record_type
from core.records.writing import create_record
from core.tenancy.scope import public_scope
from tenants.people.models import User
from tenants.registry.hosts import forget_tenant
from tenants.registry.models import Tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(workspace, client_of):
    User.objects.filter(pk=workspace.owner.pk).update(mail_confirmed_at=now())
    return client_of(workspace, workspace.owner)


@pytest.fixture
def mailable(workspace):
    """The page of a contact with an address."""
    values = {"name": "Ada Bell", "mail": "ada@bell.example"}
    contact = create_record(record_type("contact"), values, by=workspace.owner).record
    return record_type("contact").url_of(contact.pk)


def set_entitlements(workspace, **values) -> None:
    with public_scope(switch=True, reason="test"):
        tenant = Tenant.objects.get(schema_name=workspace.schema)
        tenant.entitlements = {**tenant.entitlements, **values}
        tenant.save(update_fields=["entitlements"])
        forget_tenant(tenant)


def page(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.content.decode())


def test_all_is_offered_where_the_plan_brings_all(owner, mailable):
    accounts = page(owner, "/accounts/")
    assert (
        "/import/new/?type=account" in accounts and "/reports/" in accounts and "/accounts/new/" in accounts
    )
    assert f"/mail{mailable}new/" in page(owner, mailable)
    assert "Import a file" in page(owner, "/import/")
    assert "Invite people" in page(owner, "/settings/people/")


def test_what_the_plan_lacks_is_not_offered_and_its_page_says_why(workspace, owner, mailable):
    set_entitlements(workspace, features=["api"])
    accounts = page(owner, "/accounts/")
    assert "/import/new/" not in accounts and "/reports/" not in accounts
    assert "/accounts/new/" in accounts
    assert f"/mail{mailable}new/" not in page(owner, mailable)
    for path in ("/import/", "/import/new/"):
        text = page(owner, path)
        assert "Your plan does not include this: Import of files" in text
        assert 'type="file"' not in text and "Import a file</a>" not in text


def test_a_limited_workspace_offers_work_but_no_growth(workspace, owner, mailable):
    set_entitlements(workspace, access="limited")
    accounts = page(owner, "/accounts/")
    assert "/import/new/" not in accounts and "/accounts/new/" in accounts
    assert f"/mail{mailable}new/" in page(owner, mailable)
    people = page(owner, "/settings/people/")
    assert "Invite people" not in people and "until what is unpaid has been paid" in people


def test_a_read_only_workspace_offers_nothing_new(workspace, owner, mailable):
    set_entitlements(workspace, access="read_only")
    assert f"/mail{mailable}new/" not in page(owner, mailable)
    for path in ("/accounts/", "/opportunities/board/", "/tasks/"):
        text = page(owner, path)
        assert "/accounts/new/" not in text and "/tasks/new/" not in text, path
        assert "/opportunities/new/" not in text, path
