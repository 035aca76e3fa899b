"""Planning, doing, moving; reminders once each; notifications."""

import datetime as dt
import smtplib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.clock import now, today
from core.errors import DomainError
from core.history.undo import undo
from core.records.types import record_type
from core.records.writing import create_record, update_record, update_records
from core.working_time import next_working_day
from crm.activities.forms import TaskForm
from crm.activities.models import Notification, Task
from crm.activities.rules import Due, agenda, due_of
from crm.activities.selectors.activities import unread_count
from crm.activities.services.activities import complete_task, plan_task, reopen_task, snooze_task
from crm.activities.services.notifications import mark_read, notify
from crm.activities.services.reminders import HINTS, remind_due
from crm.activities.tasks import mail_notification
from crm.workspace.selectors.hours import working_hours
from tenants.people.models import User

DAY = dt.date(2026, 11, 20)  # a Friday


@pytest.mark.parametrize(
    ("due_on", "due"),
    [
        (DAY - dt.timedelta(days=1), Due.OVERDUE),
        (DAY, Due.TODAY),
        (DAY + dt.timedelta(days=1), Due.SOON),
        (DAY + dt.timedelta(days=7), Due.SOON),
        (DAY + dt.timedelta(days=8), Due.LATER),
        (None, Due.LATER),
    ],
)
def test_a_day_decides_the_group(due_on, due):
    assert due_of(due_on, DAY) is due


def test_an_agenda_is_in_order_of_groups_days_and_times():
    at = dt.datetime.combine(DAY, dt.time(9), tzinfo=dt.UTC)
    tasks = [
        Task(title="later"),
        Task(title="nine", due_on=DAY, due_at=at),
        Task(title="soon", due_on=DAY + dt.timedelta(days=2)),
        Task(title="any time", due_on=DAY),
        Task(title="late", due_on=DAY - dt.timedelta(days=9)),
    ]
    found = [(group.due.value, [task.title for task in group.tasks]) for group in agenda(tasks, DAY)]
    assert found == [
        ("overdue", ["late"]),
        ("today", ["any time", "nine"]),
        ("soon", ["soon"]),
        ("later", ["later"]),
    ]


@pytest.fixture
def colleague(workspace):
    return User.objects.create_user("tom@test.example", "x" * 12, name="Tom Reyes")


@pytest.mark.django_db
def test_a_task_is_done_once_and_opened_again(workspace):
    task = plan_task(title="  Ring \n Priya ", by=workspace.owner).record
    assert (task.title, task.owner) == ("Ring Priya", workspace.owner)
    first = complete_task(task.pk, by=workspace.owner).record.done_at
    assert complete_task(task.pk, by=workspace.owner).record.done_at == first
    assert reopen_task(task.pk, by=workspace.owner).record.done_at is None


@pytest.mark.django_db
def test_an_undo_opens_a_task_again(workspace):
    task = plan_task(title="Ring", by=workspace.owner).record
    undo(complete_task(task.pk, by=workspace.owner).batch, by=workspace.owner)
    task.refresh_from_db()
    assert task.done_at is None


@pytest.mark.django_db
def test_a_task_without_words_is_refused(workspace):
    with pytest.raises(DomainError):
        plan_task(title=" \n", by=workspace.owner)


@pytest.mark.django_db
def test_a_snoozed_task_keeps_its_time_and_its_reminder_before_it(workspace):
    with timezone.override("Asia/Shanghai"):
        due = timezone.localtime(now()).replace(hour=10, minute=0, second=0, microsecond=0)
        remind = due - dt.timedelta(minutes=10)
        task = plan_task(title="Ring", due_at=due, remind_at=remind, by=workspace.owner).record
        assert task.due_on == due.date()
        moved = snooze_task(task.pk, by=workspace.owner).record
    assert moved.due_on == next_working_day(max(today(), due.date()), working_hours())
    assert timezone.localtime(moved.due_at, due.tzinfo).time() == due.time()
    assert moved.due_at - moved.remind_at == dt.timedelta(minutes=10)


@pytest.mark.django_db
def test_the_form_reads_times_in_the_persons_zone(workspace):
    data = {"title": "x", "due_on": "2026-12-01", "due_time": "09:30", "reminder": "60", "owner": ""}
    with timezone.override("Asia/Shanghai"):
        form = TaskForm(data, by=workspace.owner)
        assert form.is_valid(), form.errors
        assert form.planned["due_at"] == dt.datetime(2026, 12, 1, 1, 30, tzinfo=dt.UTC)
        assert form.planned["remind_at"] == dt.datetime(2026, 12, 1, 0, 30, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_ticking_on_the_page_and_its_undo(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    client.post(
        "/tasks/new/", {"title": "Ring Priya", "due_on": str(today()), "owner": str(workspace.owner.pk)}
    )
    task = Task.objects.get()
    assert b"Ring Priya" in client.get("/tasks/").content
    answer = client.post(f"/tasks/{task.pk}/tick/", HTTP_HX_REQUEST="true")
    assert (answer.status_code, "/undo/" in answer.headers["HX-Trigger"]) == (204, True)
    assert b"Ring Priya" not in client.get("/tasks/").content
    assert b"Ring Priya" in client.get("/tasks/?done=1").content


@pytest.mark.django_db
def test_the_page_of_tasks_costs_few_queries_however_many_there_are(workspace, client_of, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    account = create_record(record_type("account"), {"name": "N"}, by=workspace.owner).record
    for number in range(40):
        plan_task(title=f"t{number}", target=account, due_on=today(), by=workspace.owner)
    client = client_of(workspace, workspace.owner)
    client.get("/tasks/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/tasks/").content.count(b'class="task"') == 40
    assert len([each for each in queries if each["sql"].startswith("SELECT")]) <= 6


@pytest.mark.django_db
def test_a_task_list_with_filters_is_the_table(workspace, client_of):
    plan_task(title="Ring", by=workspace.owner)
    page = client_of(workspace, workspace.owner).get("/tasks/?sort=due_on").content
    assert b"data-row" in page


@pytest.mark.django_db
def test_a_reminder_arrives_once_with_its_mail(workspace, worker):
    past = now() - dt.timedelta(minutes=1)
    plan_task(title="Ring Priya", remind_at=past, remind_by_mail=True, by=workspace.owner)
    plan_task(title="Later", remind_at=now() + dt.timedelta(hours=1), by=workspace.owner)
    done = plan_task(title="Done", remind_at=past, by=workspace.owner).record
    complete_task(done.pk, by=workspace.owner)
    assert (remind_due(), remind_due()) == (1, 0)
    told = Notification.objects.get()
    assert (told.person, told.kind) == (workspace.owner, "reminder")
    for _again in range(2):
        mail_notification.delay(workspace.schema, str(told.pk))
    [sent] = mail.outbox
    assert sent.to == [workspace.owner.email]
    assert f"{workspace.host}" in sent.body


@pytest.mark.django_db
def test_a_reminder_outlives_a_hiccup_of_the_mail_server(workspace, worker, monkeypatch):
    past = now() - dt.timedelta(minutes=1)
    plan_task(title="Ring Priya", remind_at=past, remind_by_mail=True, by=workspace.owner)
    remind_due()
    told = Notification.objects.get()
    send, failures = mail.EmailMessage.send, [smtplib.SMTPServerDisconnected()]

    def hiccup(message):
        if failures:
            raise failures.pop()
        return send(message)

    monkeypatch.setattr(mail.EmailMessage, "send", hiccup)
    mail_notification.apply([workspace.schema, str(told.pk)], throw=False)
    assert (len(mail.outbox), failures) == (1, [])
    told.refresh_from_db()
    assert told.mailed_at is not None


@pytest.mark.django_db
def test_a_reminder_that_is_moved_ahead_is_given_again(workspace):
    task = plan_task(title="x", remind_at=now() - dt.timedelta(minutes=1), by=workspace.owner).record
    remind_due()
    later = now() + dt.timedelta(seconds=1)
    moved = update_record(record_type("task"), task, {"remind_at": later}, by=workspace.owner).record
    assert moved.reminded_at is None


@pytest.mark.django_db
def test_only_workspaces_with_a_reminder_due_are_looked_into(workspace, django_capture_on_commit_callbacks):
    schema = workspace.schema
    assert HINTS.due_among([schema]) == [schema]
    remind_due()
    assert HINTS.due_among([schema]) == []
    with django_capture_on_commit_callbacks(execute=True):
        plan_task(title="x", remind_at=now() + dt.timedelta(hours=1), by=workspace.owner)
    assert HINTS.due_among([schema]) == [schema]
    remind_due()
    assert HINTS.due_among([schema]) == []
    caches["registry"].set(f"reminders:{schema}", now().timestamp() - 1, 60)
    assert HINTS.due_among([schema]) == [schema]


@pytest.mark.django_db
def test_a_thousand_workspaces_cost_one_question_to_the_cache(workspace):
    schemas = [f"t_{number:06}" for number in range(1000)]
    for schema in schemas:
        caches["registry"].set(f"reminders:{schema}", 0, 60)
    with CaptureQueriesContext(connection) as queries:
        assert HINTS.due_among(schemas) == []
    assert len(queries) == 0


@pytest.mark.django_db
def test_whoever_is_given_a_record_by_another_learns_of_it(workspace, colleague):
    kind = record_type("account")
    made = [create_record(kind, {"name": f"N{n}"}, by=workspace.owner).record for n in range(3)]
    assert not Notification.objects.exists()
    update_record(kind, made[0], {"owner_id": colleague.pk}, by=workspace.owner)
    update_records(kind, [each.pk for each in made], {"owner_id": colleague.pk}, by=workspace.owner)
    one, many = Notification.objects.order_by("created_at", "id")
    assert "N0" in one.text
    assert "3" in many.text
    assert {one.person, many.person} == {colleague}
    plan_task(title="x", owner=colleague, by=workspace.owner)
    assert Notification.objects.filter(kind="assignment").count() == 3


@pytest.mark.django_db
def test_nobody_is_told_who_cannot_sign_in(workspace):
    placeholder = User.objects.create(name="Placeholder", is_placeholder=True)
    assert notify(person=placeholder, kind="job", text="x") is None


@pytest.mark.django_db
def test_the_bell_counts_what_is_unread(workspace, client_of, django_capture_on_commit_callbacks):
    client = client_of(workspace, workspace.owner)
    with django_capture_on_commit_callbacks(execute=True):
        told = notify(person=workspace.owner, kind="job", text="The import is done", url="/accounts/")
    assert unread_count(workspace.owner) == 1
    page = client.get("/notifications/").content
    assert b"Notifications: 1" in page
    assert unread_count(workspace.owner) == 1  # looking marks nothing
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(f"/notifications/{told.pk}/open/")
    assert answer.url == "/accounts/"
    assert unread_count(workspace.owner) == 0


@pytest.mark.django_db
def test_what_others_were_told_is_theirs(workspace, colleague, client_of):
    told = notify(person=colleague, kind="job", text="Secret", url="/accounts/")
    client = client_of(workspace, workspace.owner)
    assert b"Secret" not in client.get("/notifications/").content
    assert client.post(f"/notifications/{told.pk}/open/").status_code == 404
    mark_read(person=workspace.owner)
    told.refresh_from_db()
    assert told.read_at is None


@pytest.mark.django_db
def test_a_notification_leads_nowhere_else(workspace):
    told = notify(person=workspace.owner, kind="job", text="x", url="https://evil.example/")
    assert told.url == ""


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "found"), [("to", True), ("Rey", True), ("zz", False), ("", True)])
def test_at_offers_people(query, found, workspace, colleague, client_of):
    page = client_of(workspace, workspace.owner).get("/people/mentions/", {"q": query}).content
    assert (b"Tom Reyes" in page) is found


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["wxm", "xiaoming", "小明"])
def test_at_offers_people_by_pinyin_and_initials(query, workspace, client_of):
    User.objects.create_user("w@x.example", "x", name="王小明")
    page = client_of(workspace, workspace.owner).get("/people/mentions/", {"q": query}).content.decode()
    assert ("王小明" in page, "Olive Owner" in page) == (True, False)


def test_two_workers_at_once_remind_each_person_once(live_workspace):
    with live_workspace.scope():
        for number in range(30):
            plan_task(title=str(number), remind_at=now() - dt.timedelta(minutes=1), by=live_workspace.owner)
    together = threading.Barrier(3)

    def work(_number: int) -> int:
        with live_workspace.scope():
            together.wait(timeout=10)
            try:
                return remind_due()
            finally:
                connection.close()

    with ThreadPoolExecutor(max_workers=3) as workers:
        assert sum(workers.map(work, range(3))) == 30
    with live_workspace.scope():
        assert Notification.objects.filter(kind="reminder").count() == 30


@pytest.mark.django_db
def test_a_tick_on_a_tasks_own_page_loads_it_again(workspace, client_of):
    task = plan_task(title="Ring", by=workspace.owner).record
    client = client_of(workspace, workspace.owner)
    here = f"http://{workspace.host}/tasks/{task.pk}/"
    answer = client.post(f"/tasks/{task.pk}/tick/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=here)
    assert answer.headers["HX-Redirect"] == f"/tasks/{task.pk}/"
