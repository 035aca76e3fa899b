"""What time does: reminders, steps down, and an end that was announced."""

import datetime as dt

import pytest
from django.core import mail

from billing.subscriptions.models import SentNotice, Subscription
from billing.subscriptions.services.passing import pass_time_for
from billing.subscriptions.services.standing import extend_trial, start_missing_trials, subscription_of
from core.clock import now
from core.entitlements import Access, access_of
from core.errors import DomainError
from core.tenancy.scope import public_scope
from tenants.registry.hosts import snapshot_of_host, snapshot_of_schema
from tenants.registry.models import Tenant, TenantState

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscription(workspace):
    with public_scope(switch=True, reason="test"):
        yield subscription_of(workspace.snapshot.tenant_id)


def at_end_of(subscription: Subscription, **values) -> Subscription:
    """The deadline lies a minute back."""
    values = {"deadline_at": now() - dt.timedelta(minutes=1), **values}
    Subscription.objects.filter(pk=subscription.pk).update(**values)
    return pass_time_for(subscription.pk)


def subjects() -> list[str]:
    return [each.subject for each in mail.outbox]


def test_a_trial_reminds_once_and_then_ends(subscription, workspace):
    soon = now() + dt.timedelta(days=2, hours=12)
    Subscription.objects.filter(pk=subscription.pk).update(
        deadline_at=soon, since=now() - dt.timedelta(days=11)
    )
    pass_time_for(subscription.pk)
    pass_time_for(subscription.pk)
    assert subjects() == ["Test Works: the trial ends in 3 days"]
    after = at_end_of(subscription)
    assert (after.state, after.reason) == ("read_only", "trial_ended")
    assert subjects()[1:] == ["Test Works can only be read now"]
    assert "“Test Works” has ended" in mail.outbox[1].body
    assert access_of(snapshot_of_schema(workspace.schema)) == Access.READ_ONLY


def test_long_neglected_it_takes_every_step_that_is_due_but_the_last(subscription):
    after = at_end_of(
        subscription, deadline_at=now() - dt.timedelta(days=90), since=now() - dt.timedelta(days=104)
    )
    assert after.state == "suspended"
    # Nobody was told yet: the end is moved.
    assert after.deadline_at > now() + dt.timedelta(days=6)


def test_a_workspace_is_closed_only_a_week_after_it_was_announced(subscription, workspace):
    entered = now() - dt.timedelta(days=24)
    Subscription.objects.filter(pk=subscription.pk).update(
        state="suspended", reason="unpaid", since=entered, deadline_at=now() + dt.timedelta(days=6)
    )
    pass_time_for(subscription.pk)
    assert "Test Works is closed in 7 days" in subjects()
    Subscription.objects.filter(pk=subscription.pk).update(deadline_at=now() - dt.timedelta(minutes=1))
    assert pass_time_for(subscription.pk).state == "suspended"
    SentNotice.objects.filter(tenant_id=subscription.pk).update(at=now() - dt.timedelta(days=8))
    Subscription.objects.filter(pk=subscription.pk).update(deadline_at=now() - dt.timedelta(minutes=1))
    assert pass_time_for(subscription.pk).state == "closed"
    assert Tenant.objects.get(pk=subscription.pk).state == TenantState.CLOSED
    assert snapshot_of_host(workspace.host).state == TenantState.CLOSED


def test_a_mail_server_that_is_away_is_asked_again(subscription, monkeypatch):
    def refuse(*_args: object, **_named: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr("billing.subscriptions.services.mailing.send_mail_in", refuse)
        with pytest.raises(ConnectionRefusedError):
            at_end_of(subscription)
    assert not SentNotice.objects.filter(tenant_id=subscription.pk).exists()
    pass_time_for(subscription.pk)
    assert subjects() == ["Test Works can only be read now"]


def test_a_longer_trial_opens_the_workspace_again(subscription, workspace):
    at_end_of(subscription)
    until = now() + dt.timedelta(days=10)
    extend_trial(tenant=subscription.tenant, until=until, by="Ines")
    again = subscription_of(subscription.pk)
    assert (again.state, again.reason, again.deadline_at) == ("trial", "", until)
    assert access_of(snapshot_of_schema(workspace.schema)) == Access.FULL
    with pytest.raises(DomainError):
        extend_trial(tenant=subscription.tenant, until=now() - dt.timedelta(days=1), by="Ines")


def test_a_workspace_that_is_older_than_billing_is_not_locked_when_it_comes(subscription):
    tenant = subscription.tenant
    Subscription.objects.filter(pk=tenant.pk).delete()
    Tenant.objects.filter(pk=tenant.pk).update(
        opened_at=now() - dt.timedelta(days=400), trial_ends_at=now() - dt.timedelta(days=386)
    )
    assert start_missing_trials() == 1
    begun = pass_time_for(tenant.pk)
    assert begun.state == "trial"
    assert begun.deadline_at > now() + dt.timedelta(days=13)
