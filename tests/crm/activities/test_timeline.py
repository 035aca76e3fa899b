"""What happened with a record, merged from three sources, page by page."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import now
from core.errors import DomainError, NotAllowed
from core.history.undo import undo
from core.records.types import record_type
from core.records.writing import create_record
from crm.activities.models import Activity, Notification
from crm.activities.selectors.timeline import Cursor, read_cursor, read_timeline
from crm.activities.services.activities import (
    bin_activity,
    complete_task,
    edit_activity,
    log_activity,
    plan_task,
)
from crm.opportunities.models import Stage
from crm.opportunities.services.opportunities import move_opportunity
from tenants.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(workspace):
    return create_record(record_type("account"), {"name": "Northgate"}, by=workspace.owner).record


@pytest.fixture
def contact(workspace, account):
    values = {"name": "Lena Voss", "account_id": account.pk, "mail": "lena@northgate.example"}
    return create_record(record_type("contact"), values, by=workspace.owner).record


@pytest.fixture
def colleague(workspace):
    return User.objects.create_user("tom@test.example", "x" * 12, name="Tom Reyes")


def whats(kind: str, record, owner) -> list[str]:
    return [entry.what for entry in read_timeline(record_type(kind), record, to=owner).entries]


def test_a_call_with_a_contact_stands_on_the_account_too(workspace, account, contact):
    log_activity(contact, kind="call", text="She likes it", minutes=8, by=workspace.owner)
    assert whats("contact", contact, workspace.owner) == ["call", "created"]
    assert whats("account", account, workspace.owner) == ["call", "created"]


def test_a_call_moves_the_last_activity_of_both_and_changes_neither(workspace, account, contact):
    at = now() - dt.timedelta(hours=1)
    before = account.updated_at
    log_activity(contact, kind="call", text="x", at=at, by=workspace.owner)
    log_activity(contact, kind="note", text="older", at=at - dt.timedelta(days=1), by=workspace.owner)
    for record in (account, contact):
        record.refresh_from_db()
        assert record.last_activity_at == at
    assert account.updated_at == before


def test_deleting_the_last_activity_sets_the_record_back(workspace, account):
    first = now() - dt.timedelta(days=3)
    log_activity(account, kind="note", text="a", at=first, by=workspace.owner)
    second = log_activity(account, kind="note", text="b", by=workspace.owner).record
    written = bin_activity(second, target=account, by=workspace.owner)
    account.refresh_from_db()
    assert account.last_activity_at == first
    undo(written.batch, by=workspace.owner)
    account.refresh_from_db()
    assert (Activity.objects.count(), account.last_activity_at) == (2, second.at)


def test_undoing_a_call_takes_it_and_its_trace_away(workspace, account):
    written = log_activity(account, kind="call", text="x", by=workspace.owner)
    assert not undo(written.batch, by=workspace.owner).kept_total
    account.refresh_from_db()
    assert (Activity.objects.count(), account.last_activity_at) == (0, None)


def test_stage_moves_of_an_opportunity_stand_on_its_account(workspace, account):
    values = {"name": "Reception", "account_id": account.pk}
    opportunity = create_record(record_type("opportunity"), values, by=workspace.owner).record
    second = Stage.objects.filter(outcome="open").order_by("position")[1]
    move_opportunity(opportunity.pk, to_stage=second.pk, by=workspace.owner)
    entry = read_timeline(record_type("account"), account, to=workspace.owner).entries[0]
    assert (entry.what, entry.target_id, entry.values["stage"]) == ("stage", opportunity.pk, str(second.pk))
    assert whats("opportunity", opportunity, workspace.owner) == ["stage", "created"]


def test_a_completed_task_joins_the_timeline_an_open_one_does_not(workspace, account):
    task = plan_task(title="Ring", target=account, by=workspace.owner).record
    assert whats("account", account, workspace.owner) == ["created"]
    complete_task(task.pk, by=workspace.owner)
    assert whats("account", account, workspace.owner) == ["task", "created"]
    account.refresh_from_db()
    assert account.last_activity_at is not None


def test_pages_show_every_entry_once_though_their_moments_are_equal(workspace, account):
    at = now() - dt.timedelta(days=1)
    for number in range(7):
        log_activity(account, kind="note", text=str(number), at=at, by=workspace.owner)
        task = plan_task(title=str(number), target=account, by=workspace.owner).record
        type(task).objects.filter(pk=task.pk).update(done_at=at)
    seen, before = [], None
    while True:
        page = read_timeline(record_type("account"), account, to=workspace.owner, before=before, size=4)
        seen += [str(entry.cursor) for entry in page.entries]
        if page.older is None:
            break
        before = read_cursor(str(page.older))
    assert len(seen) == len(set(seen)) == 15


@pytest.mark.parametrize(
    "text", ["", "x", "2026-01-01", "2026-01-01T00:00:00+00:00~9~1", "2026-01-01T00:00:00+00:00~2~1"]
)
def test_a_broken_cursor_shows_the_first_page(text):
    assert read_cursor(text) is None


def test_a_cursor_survives_the_address():
    cursor = Cursor(now(), 0, "12")
    assert read_cursor(str(cursor)) == cursor


@pytest.mark.parametrize("key", ["account", "contact", "opportunity", "product"])
def test_a_record_page_costs_at_most_fifteen_queries(key, workspace, account, contact, client_of, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False  # the sign-in's own book-keeping
    kind = record_type(key)
    made = {
        "account": account,
        "contact": contact,
        "opportunity": create_record(
            record_type("opportunity"), {"name": "R", "account_id": account.pk}, by=workspace.owner
        ).record,
        "product": create_record(record_type("product"), {"name": "P"}, by=workspace.owner).record,
    }
    record = made[key]
    for number in range(60):
        log_activity(record, kind="note", text=str(number), by=workspace.owner)
    complete_task(plan_task(title="A", target=record, by=workspace.owner).record.pk, by=workspace.owner)
    plan_task(title="B", target=record, by=workspace.owner)
    client = client_of(workspace, workspace.owner)
    client.get(kind.url_of(record.pk))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(kind.url_of(record.pk))
    assert answer.status_code == 200
    assert answer.content.count(b'class="tl-i"') == 50
    asked = [each["sql"] for each in queries if each["sql"].startswith(("SELECT", "UPDATE", "INSERT"))]
    assert len(asked) <= 15, "\n".join(sql[:160] for sql in asked)


def test_show_earlier_answers_the_rest(workspace, account, client_of):
    for number in range(60):
        log_activity(account, kind="note", text=f"note {number}", by=workspace.owner)
    client = client_of(workspace, workspace.owner)
    page = client.get(f"/accounts/{account.pk}/").content.decode()
    url = page.partition('hx-get="/timeline/')[2].partition('"')[0].replace("&amp;", "&")
    rest = client.get(f"/timeline/{url}").content.decode()
    assert rest.count('class="tl-i"') == 11  # ten notes, and the creation
    assert "note 9<" in rest
    assert "note 10<" not in rest


def test_the_composer_logs_a_call(workspace, account, client_of):
    client = client_of(workspace, workspace.owner)
    data = {"kind": "call", "text": "Went well", "minutes": "12", "day": "", "time": ""}
    answer = client.post(f"/timeline/accounts/{account.pk}/add/", data, HTTP_HX_REQUEST="true")
    assert answer.status_code == 204
    assert "undo" in answer.headers["HX-Trigger"]
    activity = Activity.objects.get()
    assert (activity.kind, activity.minutes, activity.author) == ("call", 12, workspace.owner)


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "call", "text": " "},
        {"kind": "call", "text": "x", "minutes": "-1"},
        {"kind": "call", "text": "x", "day": "2999-01-01"},
        {"kind": "mail", "text": "x", "minutes": "2000"},
        {"kind": "party", "text": "x"},
        {"kind": "task", "text": "x", "due_time": "10:00"},
    ],
)
def test_the_composer_says_what_is_wrong(data, workspace, account, client_of):
    client = client_of(workspace, workspace.owner)
    answer = client.post(f"/timeline/accounts/{account.pk}/add/", data, HTTP_HX_REQUEST="true")
    assert answer.status_code == 422
    assert not Activity.objects.exists()


def test_a_mention_tells_the_person_whose_name_stands_in_the_text(workspace, account, colleague):
    ids = [colleague.pk, workspace.owner.pk]
    log_activity(account, kind="note", text="Ask @Tom Reyes please", mentions=ids, by=workspace.owner)
    told = Notification.objects.get()
    assert (told.person, told.url) == (colleague, f"/accounts/{account.pk}/")
    assert "Northgate" in told.text


def test_a_mention_that_was_deleted_before_saving_tells_nobody(workspace, account, colleague):
    log_activity(account, kind="note", text="Ask Tom", mentions=[colleague.pk], by=workspace.owner)
    assert not Notification.objects.exists()


def test_others_notes_are_not_mine_to_change(workspace, account, colleague):
    note = log_activity(account, kind="note", text="x", by=workspace.owner).record
    with pytest.raises(NotAllowed):
        edit_activity(note, text="y", by=colleague)
    with pytest.raises(NotAllowed):
        bin_activity(note, target=account, by=colleague)


def test_what_lies_ahead_is_no_activity(workspace, account):
    with pytest.raises(DomainError):
        log_activity(account, kind="visit", text="x", at=now() + dt.timedelta(days=1), by=workspace.owner)


def test_markup_in_a_note_is_shown_as_text(workspace, account, client_of):
    log_activity(account, kind="note", text="<script>alert(1)</script>", by=workspace.owner)
    page = client_of(workspace, workspace.owner).get(f"/accounts/{account.pk}/").content
    assert b"<script>alert" not in page
    assert b"&lt;script&gt;alert" in page


def test_a_call_is_no_change_of_the_record(workspace, account, client_of):
    log_activity(account, kind="call", text="x", by=workspace.owner)
    page = client_of(workspace, workspace.owner).get(f"/accounts/{account.pk}/tab/changes/").content.decode()
    assert "Created account “Northgate”" in page
    assert "Added Call" not in page
