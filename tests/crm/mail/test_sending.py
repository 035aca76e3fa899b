"""One mail from a record: what is logged, what leaves, what cannot be smuggled in."""

import datetime as dt
import smtplib

import pytest
from django.core import mail

from core.clock import now
from core.errors import DomainError, NotAllowed
from core.limits import TooOften
from core.records.types import record_type
from core.records.writing import create_record
from crm.activities.models import Activity
from crm.mail import tasks
from crm.mail.rules import sender_address
from crm.mail.services import claim_mail, retry_mail, send_mail
from tenants.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _confirmed(workspace):
    workspace.owner.mail_confirmed_at = now()
    workspace.owner.save(update_fields=["mail_confirmed_at"])


@pytest.fixture
def contact(workspace):
    values = {"name": "Lena Voss", "mail": "lena@northgate.example"}
    return create_record(record_type("contact"), values, by=workspace.owner).record


def deliver(workspace, activity) -> str:
    return tasks.send.run.__wrapped__(workspace.schema, str(activity.pk))


def write(contact, owner, **changed) -> Activity:
    values = {"to": contact.mail, "cc": "", "subject": "Your layout", "text": "Dear Lena", **changed}
    return send_mail(contact, **values, by=owner).record


def test_a_mail_is_logged_then_sent_once(workspace, contact):
    activity = write(contact, workspace.owner, cc="a@b.example; c@d.example")
    assert (activity.kind, activity.details["state"], len(mail.outbox)) == ("mail", "queued", 0)
    assert deliver(workspace, activity) == "sent"
    assert deliver(workspace, activity) == "not queued"
    [sent] = mail.outbox
    assert (sent.to, sent.cc) == (["lena@northgate.example"], ["a@b.example", "c@d.example"])
    assert sent.reply_to == [workspace.owner.email]
    assert "no-reply@" in sent.from_email
    assert "Olive Owner" in sent.from_email
    activity.refresh_from_db()
    assert activity.details["state"] == "sent"
    contact.refresh_from_db()
    assert contact.last_activity_at is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", ""),
        ("to", "nobody"),
        ("to", "a@b.example\r\nBcc: x@evil.example"),
        ("cc", "<script>@x"),
        ("to", ",".join(f"a{n}@b.example" for n in range(11))),
        ("subject", ""),
        ("subject", "Hello\r\nBcc: x@evil.example"),
        ("subject", "Hello\nX"),
        ("subject", "Hello\u2028Bcc: x@evil.example"),
    ],
)
def test_what_would_break_a_header_is_refused(field, value, workspace, contact):
    with pytest.raises(DomainError) as refusal:
        write(contact, workspace.owner, **{field: value})
    assert field in refusal.value.fields
    assert not Activity.objects.exists()


def test_a_name_cannot_bring_a_header_along():
    address = sender_address("Eve\r\nBcc: x@evil.example", "A\nB", "no-reply@x.example")
    assert "\n" not in address
    assert "\r" not in address
    assert address.endswith("<no-reply@x.example>")


def test_who_asked_not_to_be_contacted_is_not(workspace, contact, client_of):
    contact.do_not_contact = True
    contact.save()
    with pytest.raises(NotAllowed):
        write(contact, workspace.owner)
    assert (
        b"/mail/contacts/"
        not in client_of(workspace, workspace.owner).get(f"/contacts/{contact.pk}/").content
    )


def test_a_failure_is_told_and_can_be_tried_again(workspace, contact, client_of, monkeypatch):
    activity = write(contact, workspace.owner)

    def refuse(message):
        raise smtplib.SMTPRecipientsRefused({"lena@northgate.example": (550, b"no such person")})

    with monkeypatch.context() as broken:
        broken.setattr(tasks.EmailMessage, "send", refuse)
        deliver(workspace, activity)
    activity.refresh_from_db()
    assert activity.details["state"] == "failed"
    assert "lena@northgate.example" in activity.details["reason"]
    client = client_of(workspace, workspace.owner)
    page = client.get(f"/contacts/{contact.pk}/").content.decode()
    assert f"/mail/{activity.pk}/retry/" in page
    assert client.post(f"/mail/{activity.pk}/retry/").status_code == 302
    assert deliver(workspace, activity) == "sent"
    assert len(mail.outbox) == 1


def test_a_mail_that_was_sent_is_not_sent_again(workspace, contact):
    activity = write(contact, workspace.owner)
    deliver(workspace, activity)
    with pytest.raises(DomainError):
        retry_mail(activity.pk, by=workspace.owner)


def test_a_mail_whose_worker_died_can_be_tried_again_after_ten_minutes(workspace, contact):
    activity = write(contact, workspace.owner)
    assert claim_mail(activity.pk) is not None
    with pytest.raises(DomainError):
        retry_mail(activity.pk, by=workspace.owner)
    Activity.objects.filter(pk=activity.pk).update(updated_at=now() - dt.timedelta(minutes=11))
    retry_mail(activity.pk, by=workspace.owner)
    assert deliver(workspace, activity) == "sent"


def test_others_mails_are_not_mine_to_send_again(workspace, contact):
    colleague = User.objects.create_user("tom@test.example", "x" * 12, name="Tom", mail_confirmed_at=now())
    activity = write(contact, workspace.owner)
    with pytest.raises(NotAllowed):
        retry_mail(activity.pk, by=colleague)


def test_the_page_writes_a_mail(workspace, contact, client_of):
    client = client_of(workspace, workspace.owner)
    assert f"/mail/contacts/{contact.pk}/new/" in client.get(f"/contacts/{contact.pk}/").content.decode()
    address = f"/mail/contacts/{contact.pk}/new/"
    assert b"lena@northgate.example" in client.get(address).content
    wrong = client.post(address, {"to": "x", "subject": "s", "text": "t"})
    assert (wrong.status_code, Activity.objects.count()) == (422, 0)
    right = client.post(address, {"to": "lena@northgate.example", "subject": "Hello", "text": "Dear Lena"})
    assert right.status_code == 302
    assert b"Hello" in client.get(f"/contacts/{contact.pk}/").content


def test_who_has_not_confirmed_their_own_address_sends_nothing(workspace, contact):
    activity = write(contact, workspace.owner)
    Activity.objects.filter(pk=activity.pk).update(details={**activity.details, "state": "failed"})
    workspace.owner.mail_confirmed_at = None
    with pytest.raises(NotAllowed, match="Confirm your own mail address"):
        write(contact, workspace.owner)
    with pytest.raises(NotAllowed, match="Confirm your own mail address"):
        retry_mail(activity.pk, by=workspace.owner)
    assert Activity.objects.count() == 1


def test_recipients_are_counted_by_person_and_hour(workspace, contact):
    ten = ",".join(f"a{n}@b.example" for n in range(10))
    for _mail in range(2):
        write(contact, workspace.owner, to=ten, cc=ten)
    last = write(contact, workspace.owner, to=ten)
    Activity.objects.filter(pk=last.pk).update(details={**last.details, "state": "failed"})
    write(contact, workspace.owner, to="a@b.example")
    with pytest.raises(TooOften):
        write(contact, workspace.owner, to=ten)
    with pytest.raises(TooOften):
        retry_mail(last.pk, by=workspace.owner)
    # What was refused was not counted: nine are left.
    write(contact, workspace.owner, to=ten.partition(",")[2])
    with pytest.raises(TooOften):
        write(contact, workspace.owner)


def test_recipients_are_counted_by_workspace_and_day(workspace, contact, monkeypatch):
    monkeypatch.setattr("crm.mail.services.RECIPIENTS_A_DAY", 1)
    write(contact, workspace.owner)
    confirmed = {"name": "Tom", "mail_confirmed_at": now()}
    colleague = User.objects.create_user("tom@test.example", "x" * 12, **confirmed)
    with pytest.raises(TooOften):
        write(contact, colleague)
