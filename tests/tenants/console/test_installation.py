"""Announcements, switches, mail log, facts, queues, settings."""

import datetime as dt

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import translation

from core.clock import now
from core.errors import Conflict, DomainError
from core.features import Switch, is_on
from tenants.console.announcing import announce, notices_for, put_away, set_switch, withdraw_announcement
from tenants.console.facts import gather_facts
from tenants.console.models import Announcement, FeatureSwitch, SentMail, TenantFacts
from tenants.console.operators import switch_operator
from tenants.console.rules import in_percentage, is_switched_on, masked
from tenants.console.running import look_at_queues
from tenants.console.tasks import forget_mails
from tenants.people.models import User
from tenants.registry.hosts import snapshot_of_schema

pytestmark = pytest.mark.django_db
WORDS = {
    "title_en": "Maintenance",
    "title_zh": "维护",
    "text_en": "On Sunday",
    "text_zh": "星期日",
    "severity": "warning",
}


@pytest.fixture
def snapshot(workspace, in_public):
    """The workspace's snapshot as a request finds it now."""

    def now_():
        with in_public():
            return snapshot_of_schema(workspace.schema)

    return now_


def test_an_announcement_stands_above_every_page_until_it_is_put_away(
    workspace, operator, client_of, in_public
):
    member = User.objects.create_user("mo@firm.example", "a fine long phrase", name="Mo", language="zh-hans")
    mine, theirs = client_of(workspace, workspace.owner), client_of(workspace, member)
    with in_public():
        made = announce(starts_at=now(), by=operator, **WORDS)
    assert "Maintenance. On Sunday" in mine.get("/accounts/").content.decode()
    assert "维护。星期日" in theirs.get("/accounts/").content.decode()
    assert mine.post(f"/announcements/{made.pk}/away/").status_code == 302
    assert "Maintenance" not in mine.get("/accounts/").content.decode()
    assert "维护" in theirs.get("/accounts/").content.decode()
    with in_public():
        withdraw_announcement(made.pk, by=operator)
        with pytest.raises(Conflict):
            withdraw_announcement(made.pk, by=operator)
    assert "维护" not in theirs.get("/accounts/").content.decode()


def test_with_a_warm_cache_a_page_asks_public_for_nothing(workspace, operator, client_of, in_public):
    with in_public():
        announce(starts_at=now(), by=operator, **WORDS)
    member = client_of(workspace, workspace.owner)
    member.get("/accounts/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        assert "Maintenance" in member.get("/accounts/").content.decode()
    assert [each["sql"] for each in seen if "console_" in each["sql"] or "registry_" in each["sql"]] == []


def test_time_and_audience_decide(workspace, other_workspace, operator, tenant_of, snapshot, in_public):
    at, mine, other = now(), str(tenant_of(workspace).pk), str(tenant_of(other_workspace).pk)
    with in_public():
        for title, more in {
            "later": {"starts_at": at + dt.timedelta(hours=1)},
            "other": {"starts_at": at, "tenants": [other]},
            "plan": {"starts_at": at, "plans": ["nosuch"]},
            "mine": {"starts_at": at, "tenants": [mine], "ends_at": at + dt.timedelta(hours=2)},
        }.items():
            announce(by=operator, **{**WORDS, "title_en": title}, **more)
    found = lambda moment: {n.text.split(".")[0] for n in notices_for(workspace.owner, snapshot(), moment)}  # noqa: E731
    assert found(at + dt.timedelta(seconds=1)) == {"mine"}
    assert found(at + dt.timedelta(minutes=90)) == {"mine", "later"}
    assert found(at + dt.timedelta(hours=3)) == {"later"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"title_zh": " "}, "title_zh"), ({"text_en": ""}, "text_en"), ({"severity": "loud"}, "severity"),
     ({"ends_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "ends_at")],
)  # fmt: skip
def test_an_announcement_needs_both_languages_and_a_future(changed, field, operator, in_public):
    with in_public(), pytest.raises(DomainError) as refused:
        announce(**{**WORDS, "starts_at": now(), **changed}, by=operator)
    assert field in refused.value.fields


def test_markup_in_an_announcement_is_shown_as_it_is(workspace, operator, client_of, in_public):
    with in_public():
        announce(starts_at=now(), by=operator, **{**WORDS, "text_en": "<script>alert(1)</script>"})
    page = client_of(workspace, workspace.owner).get("/accounts/").content.decode()
    assert "&lt;script&gt;alert(1)" in page


def test_put_away_twice_is_once_and_the_list_stays_short(workspace):
    from uuid import uuid4

    one = uuid4()
    for each in (one, one, *[uuid4() for _number in range(120)]):
        put_away(workspace.owner, each)
    from tenants.people.models import WorkspaceSetting

    kept = WorkspaceSetting.objects.get(key=f"put_away:{workspace.owner.pk}").value
    assert len(kept) == 100
    assert str(one) not in kept


def test_a_switch_reaches_the_snapshot_and_silences_all_but_trouble(
    workspace, operator, snapshot, tenant_of, client_of, in_public
):
    with in_public():
        announce(starts_at=now(), by=operator, **WORDS)
        announce(starts_at=now(), by=operator, **{**WORDS, "title_en": "Outage", "severity": "trouble"})
    page = client_of(workspace, workspace.owner)
    assert "Maintenance" in page.get("/accounts/").content.decode()
    assert not is_on(snapshot(), Switch.QUIET)
    with in_public():
        set_switch(
            "quiet",
            percent=0,
            plans=[],
            tenants_on=[str(tenant_of(workspace).pk)],
            tenants_off=[],
            by=operator,
        )
    assert is_on(snapshot(), Switch.QUIET)
    shown = page.get("/accounts/").content.decode()
    assert ("Maintenance" in shown, "Outage" in shown) == (False, True)


def test_a_switch_that_no_code_asks_for_cannot_be_set(operator, in_public):
    with in_public(), pytest.raises(DomainError):
        set_switch("root_shell", percent=100, plans=[], tenants_on=[], tenants_off=[], by=operator)
    assert FeatureSwitch.objects.none().count() == 0


def test_a_percentage_is_stable_grows_and_is_about_right():
    ids = [f"tenant-{number}" for number in range(2000)]
    ten = {each for each in ids if in_percentage("quiet", each, 10)}
    thirty = {each for each in ids if in_percentage("quiet", each, 30)}
    assert ten < thirty
    assert 150 < len(ten) < 250
    assert ten == {each for each in ids if in_percentage("quiet", each, 10)}
    assert ten != {each for each in ids if in_percentage("other", each, 10)}
    assert not any(in_percentage("quiet", each, 0) for each in ids)
    assert all(in_percentage("quiet", each, 100) for each in ids)


def test_off_by_name_wins():
    rule = {"percent": 100, "plans": ["growth"], "tenants_on": ["a"], "tenants_off": ["a"]}
    assert not is_switched_on("quiet", tenant_id="a", plan="growth", **rule)
    assert is_switched_on("quiet", tenant_id="b", plan="starter", **rule)


@pytest.mark.parametrize(
    ("mail_address", "shown"),
    [
        ("olive@firm.example", "o…@f….example"),
        ("a@b.co", "a…@b….co"),
        ("broken", "…"),
        ("", "…"),
        ("x@y", "x…"),
    ],
)
def test_addresses_are_masked(mail_address, shown):
    assert masked(mail_address) == shown


@pytest.fixture
def logged(settings):
    settings.EMAIL_BACKEND = "tenants.console.mailing.LoggedBackend"
    settings.MAIL_SENDER = "django.core.mail.backends.locmem.EmailBackend"


def test_every_mail_is_logged_masked_and_found_by_the_whole_address(
    workspace, console, logged, tenant_of, in_public, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        EmailMessage("Hello", "Text", to=["olive@firm.example"], cc=["ann@other.example"]).send()
    assert len(mail.outbox) == 1
    with in_public():
        rows = list(SentMail.objects.order_by("id").values_list("recipient", "sent", "tenant_id"))
    mine = tenant_of(workspace).pk
    assert rows == [("o…@f….example", True, mine), ("a…@o….example", True, mine)]
    page = console.get("/console/mails/").content.decode()
    assert ("o…@f….example" in page, "olive@firm.example" in page) == (True, False)
    answer = console.post("/console/mails/", {"mail": "Olive@Firm.example"})
    assert [each.recipient for each in answer.context["rows"]] == ["o…@f….example"]
    assert console.post("/console/mails/", {"mail": "nobody"}).status_code == 422


def test_a_mail_that_fails_is_logged_and_still_an_error(
    workspace, logged, settings, in_public, worker, django_capture_on_commit_callbacks
):
    settings.MAIL_SENDER = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(OSError):
        EmailMessage("Hello", "Text", to=["olive@firm.example"]).send()
    with in_public():
        row = SentMail.objects.get()
        assert (row.sent, "refused" in row.error.lower()) == (False, True)
        SentMail.objects.update(at=now() - dt.timedelta(days=30, seconds=1))
        assert forget_mails() == 1


def test_facts_are_what_the_workspace_holds(workspace, tenant_of, client_of, in_public):
    client_of(workspace, workspace.owner).get("/accounts/")
    gather_facts()
    User.objects.create_user("mo@firm.example", "a fine long phrase", name="Mo")
    gather_facts()
    with in_public():
        facts = TenantFacts.objects.get(tenant=tenant_of(workspace))
    assert (facts.people, facts.records, facts.failed_jobs, facts.error) == (2, 0, 0, "")
    assert facts.last_active_at is not None
    assert facts.fullest_percent >= 0


def test_the_sweep_sends_each_workspace_its_own_look(workspace, other_workspace, worker, outside, in_public):
    from tenants.console.tasks import gather_all

    outside(gather_all.delay)
    with in_public():
        looked = set(TenantFacts.objects.values_list("tenant__schema_name", flat=True))
    assert {workspace.schema, other_workspace.schema} <= looked


def test_a_new_workspace_is_looked_at_before_the_hour_is_over(
    workspace, other_workspace, worker, outside, in_public
):
    from tenants.console.tasks import gather_all, gather_new

    outside(gather_all.delay)
    with in_public():
        TenantFacts.objects.filter(tenant__schema_name=other_workspace.schema).delete()
    assert outside(gather_new) == 1
    with in_public():
        assert TenantFacts.objects.filter(tenant__schema_name=other_workspace.schema).exists()
    assert outside(gather_new) == 0


def test_queues_are_read_from_the_broker_and_its_absence_is_told(console, monkeypatch):
    seen = look_at_queues()
    assert seen.broker_answers
    assert [name for name, count in seen.queues if count is not None] == ["default", "provision"]

    def away(*args, **kwargs):
        raise OSError("no route")

    monkeypatch.setattr("tenants.console.running.redis.Redis.from_url", away)
    assert "broker does not answer" in console.get("/console/jobs/").content.decode()


def test_settings_show_no_secret(console, settings):
    settings.BILLING = {**settings.BILLING, "STRIPE_SECRET_KEY": "sk_live_hidden", "STRIPE_API_BASE": ""}
    settings.EMAIL_HOST_PASSWORD = "hidden-too"
    page = console.get("/console/settings/").content.decode()
    assert "Stripe, live" in page
    for secret in ("sk_live_hidden", "hidden-too", settings.SECRET_KEY, settings.HISTORY_KEY):
        assert secret not in page


def test_an_operator_cannot_take_the_own_access_away_and_the_other_is_out(
    console, operator, make_operator, signed_in, in_public
):
    other = make_operator("Otto Other")
    client = signed_in(other)
    assert client.get("/console/").status_code == 200
    with in_public(), pytest.raises(DomainError):
        switch_operator(operator.pk, by=operator)
    assert console.post(f"/console/settings/operators/{other.pk}/").status_code == 302
    assert client.get("/console/").status_code == 302
    assert console.post(f"/console/settings/operators/{other.pk}/").status_code == 302
    with in_public():
        assert User.objects.get(pk=other.pk).is_active


def test_the_default_for_support_can_be_changed(console, workspace, tenant_of, in_public):
    from tenants.console.support.services import policy_of

    assert console.post("/console/settings/", {"policy": "forbid"}).status_code == 302
    with in_public():
        assert policy_of(tenant_of(workspace).pk) == "forbid"
    assert console.post("/console/settings/", {"policy": "everything"}).status_code == 422


def test_the_form_of_an_announcement_names_unknown_workspaces(console, workspace):
    words = {**WORDS, "tenants": f"{workspace.host} nosuchplace"}
    answer = console.post("/console/announcements/new/", words)
    assert answer.status_code == 422
    assert "nosuchplace" in answer.content.decode()
    assert (
        console.post("/console/announcements/new/", {**WORDS, "tenants": workspace.host}).status_code == 302
    )
    assert Announcement.objects.none().exists() is False
    with translation.override("en"):
        assert "Maintenance" in console.get("/console/announcements/").content.decode()
