"""A person's picture stands wherever their face does: lists, records, timeline, board, desk, tasks."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.clock import today
from core.records.types import record_type
from core.records.writing import create_record
from crm.activities.services.activities import log_activity, plan_task
from tenants.people.models import User
from tenants.people.profile import remove_avatar, set_avatar

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(workspace, client_of):
    """Addresses that show the owner's face, and a client."""
    owner = workspace.owner
    account = create_record(record_type("account"), {"name": "Northgate"}, by=owner).record
    create_record(record_type("opportunity"), {"name": "Sale", "account_id": account.pk}, by=owner)
    log_activity(account, kind="note", text="Hello", by=owner)
    plan_task(title="Call", kind="call", due_on=today(), target=account, owner=owner, by=owner)
    addresses = [
        "/accounts/",
        f"/accounts/{account.pk}/",
        "/opportunities/board/",
        "/tasks/?who=all",
        f"/people/{owner.pk}/",
        "/settings/people/",
        "/",
    ]
    return client_of(workspace, owner), addresses


def _give_picture(person: User) -> None:
    body = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(body, "PNG")
    set_avatar(person, SimpleUploadedFile("me.png", body.getvalue(), "image/png"))


def _main(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def test_the_picture_stands_wherever_the_face_does_and_goes_when_it_is_removed(workspace, pages):
    client, addresses = pages
    source = f'src="/people/{workspace.owner.pk}/picture/?v='
    before = [source in _main(client.get(address).content.decode()) for address in addresses]
    assert before == [False] * len(addresses)
    _give_picture(workspace.owner)
    missing = [each for each in addresses if source not in _main(client.get(each).content.decode())]
    assert missing == []
    remove_avatar(workspace.owner)
    left = [each for each in addresses if source in _main(client.get(each).content.decode())]
    assert left == []


def test_the_timeline_shows_who_has_a_picture(workspace, pages):
    client, addresses = pages
    _give_picture(workspace.owner)
    page = client.get(addresses[1]).content.decode()
    entry = page.partition('class="tl-i"')[2].partition("</li>")[0]
    assert f"/people/{workspace.owner.pk}/picture/" in entry


def test_a_name_is_escaped_beside_its_face(workspace, client_of):
    workspace.owner.name = "<b>Ol</b>"
    workspace.owner.save()
    create_record(record_type("account"), {"name": "Northgate"}, by=workspace.owner)
    page = client_of(workspace, workspace.owner).get("/accounts/").content.decode()
    assert "<b>Ol" not in page
    assert "&lt;b&gt;Ol" in page
