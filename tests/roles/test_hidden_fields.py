"""A hidden field is nowhere; one that can be read cannot be written, in any way."""

import json

import pytest

from core.errors import DomainError
from core.records.rights import ANY_TYPE
from core.records.types import record_type
from core.records.writing import create_record, update_record
from tenants.people.models import AccessRole
from tenants.people.roles.services import change_fields
from tests.roles.conftest import ALL

pytestmark = pytest.mark.django_db

PHONE, MAIL, AMOUNT = "+44 20 7946 0991", "zqhidden@secret.example", "987654"


def content(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode()


@pytest.fixture
def contact(firm):
    return create_record(
        record_type("contact"), {"name": "Zq Visible", "phone": PHONE, "mail": MAIL, "job_title": "Zqdirector"},
        by=firm.workspace.owner,
    ).record  # fmt: skip


@pytest.fixture
def looking(firm, client_of):
    """looking(fields) → a client of somebody who sees all contacts but for these fields."""
    return lambda key, **fields: client_of(firm.workspace, firm.give({ANY_TYPE: ALL}, {key: fields}))


def test_a_hidden_field_is_in_no_page_file_or_answer(contact, looking, firm, client_of):
    hidden = {"phone": "hidden", "mail": "hidden", "job_title": "hidden"}
    ways = [
        "/contacts/", "/contacts/?cols=name,phone,mail", f"/contacts/{contact.pk}/", f"/contacts/{contact.pk}/edit/",
        f"/contacts/{contact.pk}/tab/changes/", "/contacts/export.csv?cols=name,phone,mail,job_title",
        "/palette?q=Visible", "/contacts/pick/?q=Visible", "/api/v1/contacts/", f"/api/v1/contacts/{contact.pk}/",
        "/contacts/?f=phone.filled.", "/contacts/?sort=phone",
    ]  # fmt: skip
    client = looking("contact", **hidden)
    for path in ways:
        answer = client.get(path)
        text = content(answer)
        assert answer.status_code in (200, 422), path
        for secret in ("7946", MAIL, "Zqdirector"):
            assert secret not in text, (path, secret)
    # Its twin, for whom nothing is hidden.
    client = client_of(firm.workspace, firm.give({ANY_TYPE: ALL}))
    assert MAIL in content(client.get(f"/contacts/{contact.pk}/"))
    assert "Zqdirector" in content(client.get("/palette?q=Visible"))


@pytest.mark.parametrize(
    "path", ["/palette?q={}", "/contacts/?q={}", "/contacts/pick/?q={}", "/api/v1/contacts/?q={}"]
)
@pytest.mark.parametrize("secret", ["zqhidden", "79460991", "secret.ex"])
def test_nothing_is_found_by_what_is_hidden(path, secret, contact, looking, firm, client_of):
    client = looking("contact", phone="hidden", mail="hidden")
    assert "Zq Visible" not in content(client.get(path.format(secret)))
    assert "Zq Visible" in content(client.get(path.format("Visible")))
    whole = client_of(firm.workspace, firm.give({ANY_TYPE: ALL}))
    assert "Zq Visible" in content(whole.get(path.format(secret)))


def test_look_alikes_do_not_tell_of_a_hidden_number(contact, looking):
    path = f"/contacts/look-alikes/?name=Other&phone={PHONE.replace('+', '%2B')}"
    assert "Zq Visible" in content(looking("contact").get(path))
    assert "Zq Visible" not in content(looking("contact", phone="hidden").get(path))


def test_what_can_only_be_read_is_written_in_no_way(contact, looking, firm):
    client = looking("contact", phone="read")
    url = f"/contacts/{contact.pk}/"
    assert "7946" in content(client.get(url))
    assert client.get(f"{url}field/phone/").status_code == 404
    assert client.post(f"{url}field/phone/", {"phone": "1234567"}).status_code == 404
    client.post(f"{url}edit/", {"name": "Zq Visible", "phone": "1234567", "was-phone": PHONE})
    bulk = {"pick": str(contact.pk), "field": "phone", "value": "1234567"}
    client.post("/contacts/bulk/change/", bulk)
    answer = client.patch(
        f"/api/v1/contacts/{contact.pk}/", json.dumps({"phone": "1234567"}), content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    with pytest.raises(DomainError):
        update_record(record_type("contact"), contact, {"phone": "1234567"}, by=firm.me)
    with pytest.raises(DomainError):
        create_record(record_type("contact"), {"name": "New", "phone": "1234567"}, by=firm.me)
    contact.refresh_from_db()
    assert contact.phone == PHONE
    # What is not held back can be written all the same.
    update_record(record_type("contact"), contact, {"job_title": "Chief"}, by=firm.me)


def test_a_hidden_amount_is_in_no_sum(firm, looking):
    kind = record_type("opportunity")
    update_record(kind, firm.records["opportunity", "me"], {"amount": int(AMOUNT)}, by=None)
    client = looking("opportunity", amount="hidden")
    for path in (
        "/opportunities/board/",
        "/",
        "/opportunities/",
        f"/opportunities/{firm.records['opportunity', 'me'].pk}/",
    ):
        text = content(client.get(path))
        assert "987,654" not in text and AMOUNT not in text, path
    assert client.get("/reports/").status_code == 403
    client = looking("opportunity")
    assert "987,654" in content(client.get("/opportunities/board/"))
    assert client.get("/reports/").status_code == 200


def test_a_records_title_cannot_be_hidden(firm):
    role = AccessRole.objects.create(name="Own", scopes={ANY_TYPE: ALL})
    with pytest.raises(DomainError) as refused:
        change_fields(role, record_type("account"), {"name": "hidden"}, by=firm.workspace.owner)
    assert "name" in refused.value.fields
    for wrong in ({"nosuch": "read"}, {"phone": "sometimes"}):
        with pytest.raises(DomainError):
            change_fields(role, record_type("account"), wrong, by=firm.workspace.owner)
