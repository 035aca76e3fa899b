"""The values on a record's page: what is a link leads there, and only who may change it is offered to."""

import pytest

from core.records.types import record_type
from core.records.writing import create_record
from tenants.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(workspace):
    by = workspace.owner
    account = create_record(record_type("account"), {"name": "Northgate"}, by=by).record
    values = {"name": "Priya", "account_id": account.pk, "mail": "priya@x.example", "phone": "+44 113 1"}
    return create_record(record_type("contact"), values, by=by).record


def test_links_mails_and_numbers_can_be_followed_and_changed(workspace, client_of, contact):
    page = client_of(workspace, workspace.owner).get(f"/contacts/{contact.pk}/").content.decode()
    assert f'href="/accounts/{contact.account_id}/"' in page
    assert 'href="mailto:priya@x.example"' in page
    assert 'href="tel:+441131"' in page
    for name in ("account", "mail", "phone"):
        assert f'hx-get="/contacts/{contact.pk}/field/{name}/"' in page


def test_a_saved_value_is_still_a_link(workspace, client_of, contact):
    client = client_of(workspace, workspace.owner)
    answer = client.post(
        f"/contacts/{contact.pk}/field/mail/", {"mail": "new@x.example"}, HTTP_HX_REQUEST="true"
    )
    assert 'href="mailto:new@x.example"' in answer.content.decode()
    assert "data-inline-shown" in answer.content.decode()


def test_a_value_that_the_browser_sends_by_itself_is_saved_and_the_page_follows(
    workspace, client_of, contact
):
    client = client_of(workspace, workspace.owner)
    answer = client.post(f"/contacts/{contact.pk}/field/mail/", {"mail": "new@x.example"}, follow=True)
    assert answer.redirect_chain == [(f"/contacts/{contact.pk}/", 302)]
    assert 'href="mailto:new@x.example"' in answer.content.decode()


def test_a_refused_value_that_the_browser_sends_by_itself_keeps_its_text(workspace, client_of, contact):
    client = client_of(workspace, workspace.owner)
    answer = client.post(f"/contacts/{contact.pk}/field/mail/", {"mail": "not a mail"})
    page = answer.content.decode()
    assert (answer.status_code, page.count("<html")) == (422, 1)
    assert 'value="not a mail"' in page
    assert f'method="post" action="/contacts/{contact.pk}/field/mail/"' in page


def test_who_may_not_change_a_record_is_not_offered_to(workspace, client_of):
    member = User.objects.create_user("m@x.example", "x", name="Mina")
    other = User.objects.create_user("o@x.example", "x", name="Otto")
    address = f"/people/{other.pk}/"
    assert f"{address}field/" not in client_of(workspace, member).get(address).content.decode()
    assert f"{address}field/" in client_of(workspace, workspace.owner).get(address).content.decode()
