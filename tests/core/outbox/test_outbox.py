"""A task that a committed transaction asked for is sent, and one of a transaction that failed is not."""

import datetime as dt

import pytest
from celery import current_app
from django.db import transaction
from kombu import pools
from kombu.exceptions import OperationalError

from core.clock import now
from core.outbox.models import WaitingTask
from core.outbox.sending import HINTS, send_late, send_on_commit


@pytest.fixture
def sent(monkeypatch):
    """What reached the queue; `down` makes it refuse."""

    class Queue(list):
        down = False

    queue = Queue()

    def apply_async(signature, *args, **kwargs):
        if queue.down:
            raise OperationalError("no connection")
        queue.append((signature.task, list(signature.args)))

    monkeypatch.setattr("celery.canvas.Signature.apply_async", apply_async)
    return queue


def _grow_late():
    WaitingTask.objects.update(created_at=now() - dt.timedelta(minutes=1))


def test_a_task_is_sent_with_the_commit_and_waits_no_longer(live_workspace, sent):
    with live_workspace.scope():
        with transaction.atomic():
            send_on_commit("people.send_confirmation", "somebody", "a@b.example")
            assert sent == []
        assert sent == [("people.send_confirmation", [live_workspace.schema, "somebody", "a@b.example"])]
        assert not WaitingTask.objects.exists()


def test_what_is_rolled_back_is_never_sent(live_workspace, sent):
    with live_workspace.scope():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            send_on_commit("people.send_confirmation", "somebody")
            raise ZeroDivisionError
        _grow_late()
        assert (send_late(), sent) == (0, [])


def test_a_queue_that_is_down_is_no_error_and_loses_nothing(live_workspace, sent):
    with live_workspace.scope():
        sent.down = True
        send_on_commit("people.send_confirmation", "somebody")
        assert WaitingTask.objects.count() == 1
        assert HINTS.due_among([live_workspace.schema]) == [live_workspace.schema]
        sent.down = False
        assert (send_late(), sent) == (0, []), "it may still be on its way"
        assert HINTS.due_among([live_workspace.schema]) == [live_workspace.schema]
        _grow_late()
        assert send_late() == 1
        assert sent == [("people.send_confirmation", [live_workspace.schema, "somebody"])]
        assert HINTS.due_among([live_workspace.schema]) == []
        assert send_late() == 0


def test_while_the_queue_stays_down_all_go_on_waiting(live_workspace, sent):
    with live_workspace.scope():
        sent.down = True
        for number in range(3):
            send_on_commit("people.send_confirmation", str(number))
        _grow_late()
        with pytest.raises(OperationalError):
            send_late()
        assert WaitingTask.objects.count() == 3


def test_a_broker_that_really_is_not_there_is_met_with_patience(live_workspace, monkeypatch):
    with live_workspace.scope(), current_app.connection_for_write("redis://127.0.0.1:1/0") as nowhere:
        monkeypatch.setattr(current_app.amqp, "_producer_pool", pools.producers[nowhere])
        send_on_commit("people.send_confirmation", "somebody")
        assert WaitingTask.objects.count() == 1


def test_the_sweep_reads_the_hints_of_all_workspaces_at_once(live_workspace, sent):
    from config.tasks import send_late_everywhere

    asked = ("outbox.send_late", [live_workspace.schema])
    with live_workspace.scope():
        HINTS.set(None)
    send_late_everywhere()
    assert asked not in sent
    with live_workspace.scope():
        send_on_commit("people.send_confirmation", "somebody")
    assert send_late_everywhere() >= 1
    assert asked in sent
