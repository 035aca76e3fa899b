"""From the question to the end of a support access."""

import datetime as dt
import re
import threading

import pytest
from django.db import IntegrityError, transaction

from core.clock import now
from core.errors import Conflict, DomainError, NotAllowed
from core.history.models import Change
from crm.accounts.models import Account
from crm.activities.models import Notification
from tenants.console.models import SupportAccess
from tenants.console.support.services import (
    SupportOver,
    answer_access,
    ask_access,
    end_access,
    end_overdue,
    enter_access,
    open_access,
    running_access,
    set_policy,
)
from tenants.people.models import Role, User
from tenants.people.selectors import active_people, assignable_people, visible_people

pytestmark = pytest.mark.django_db
ASKED = {"reason": "The board stays empty", "ticket": "T-42", "minutes": 15, "mode": "read_only"}


@pytest.fixture
def tenant(workspace, tenant_of):
    return tenant_of(workspace)


def _state(access):
    return SupportAccess.objects.get(pk=access.pk).state


def test_the_workspace_is_asked_says_yes_and_sees_what_was_done(
    workspace, tenant, console, client_of, committing, mailoutbox, in_public
):
    with committing():
        answer = console.post(f"/console/tenants/{tenant.pk}/support/", ASKED)
    path = answer.url
    with in_public():
        access = SupportAccess.objects.get()
    assert access.state == "asked"
    assert console.post(f"{path}open/").status_code == 410
    assert mailoutbox[-1].to == [workspace.owner.email]
    assert "The board stays empty" in mailoutbox[-1].body
    assert Notification.objects.filter(person=workspace.owner, url="/settings/support/").count() == 1

    owner = client_of(workspace, workspace.owner)
    assert "The board stays empty" in owner.get("/settings/support/").content.decode()
    assert owner.post(f"/settings/support/{access.pk}/answer/", {"answer": "allow"}).status_code == 302
    link = console.post(f"{path}open/").url
    assert link.startswith(f"http://{workspace.host}")

    support = client_of(workspace)
    entrance = "/support/" + link.split("/support/")[1]
    assert support.get(entrance).status_code == 200
    assert support.get("/accounts/").status_code == 302
    assert support.post(entrance).url == "/"
    page = support.get("/accounts/").content.decode()
    assert "Support access of Ines Duarte (only looking): The board stays empty. 15 minutes left." in page
    assert 'action="/support/leave/"' in page
    assert client_of(workspace).post(entrance).status_code == 410

    seen = owner.get(f"/settings/support/{access.pk}/").content.decode()
    assert "/accounts/" in seen
    assert "/accounts/" in console.get(path).content.decode()
    assert owner.post(f"/settings/support/{access.pk}/end/").status_code == 302
    assert support.get("/accounts/").url == "/support/over/"
    assert "/account/login" in support.get("/accounts/").url


def test_a_code_works_once_in_its_own_workspace_within_a_minute(
    workspace, other_workspace, tenant, tenant_of, operator, in_public, monkeypatch
):
    with in_public():
        access = ask_access(tenant, by=operator, **ASKED)
        with pytest.raises(SupportOver):
            open_access(access.pk, by=operator)
        answer_access(access.pk, tenant_id=tenant.pk, allow=True, by="Olive")
        with pytest.raises(NotAllowed):
            open_access(access.pk, by=User(pk=tenant.pk, name="Another"))
        code = open_access(access.pk, by=operator)
        with pytest.raises(SupportOver):
            enter_access(code, tenant_id=tenant_of(other_workspace).pk)
        assert enter_access(code, tenant_id=tenant.pk).state == "running"
        with pytest.raises(SupportOver):
            enter_access(code, tenant_id=tenant.pk)
        late = open_access(access.pk, by=operator)
        SupportAccess.objects.update(code_expires_at=now() - dt.timedelta(seconds=1))
        with pytest.raises(SupportOver):
            enter_access(late, tenant_id=tenant.pk)
        assert late not in str(SupportAccess.objects.values().get())


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"reason": "  "}, "reason"), ({"ticket": ""}, "ticket"), ({"minutes": 61}, "minutes"),
     ({"minutes": 0}, "minutes"), ({"mode": "root"}, "mode")],
)  # fmt: skip
def test_reason_ticket_and_an_hour_at_most(changed, field, tenant, operator, in_public):
    with in_public(), pytest.raises(DomainError) as refused:
        ask_access(tenant, by=operator, **{**ASKED, **changed})
    assert field in refused.value.fields


def test_the_database_holds_the_hour_too(tenant, operator, in_public):
    with in_public():
        access = ask_access(tenant, by=operator, **ASKED)
        for values in (
            {"minutes": 61},
            {"started_at": now(), "ends_at": now() + dt.timedelta(minutes=61)},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                SupportAccess.objects.filter(pk=access.pk).update(**values)


def test_it_ends_by_itself_at_the_minute(workspace, inside, in_public):
    support = inside(workspace)
    assert support.get("/accounts/").status_code == 200
    with in_public():
        SupportAccess.objects.update(
            started_at=now() - dt.timedelta(minutes=15), ends_at=now() - dt.timedelta(milliseconds=1)
        )
    assert support.get("/accounts/").url == "/support/over/"
    with in_public():
        assert end_overdue() == 1
        assert SupportAccess.objects.get().state == "ended"
        assert end_overdue() == 0


def test_htmx_is_sent_away_as_a_whole_page(workspace, inside, in_public):
    support = inside(workspace)
    with in_public():
        end_access(SupportAccess.objects.get().pk, by="Olive")
    answer = support.get("/palette?q=a", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/support/over/")


@pytest.mark.parametrize("how", ["forbid", "suspend", "deactivate", "leave"])
def test_it_ends_at_once_when_somebody_says_so(how, workspace, inside, in_public, tenant, operator):
    support = inside(workspace)
    assert support.get("/accounts/").status_code == 200
    if how == "leave":
        assert support.post("/support/leave/").url == "/support/over/"
    with in_public():
        if how == "forbid":
            set_policy(tenant.pk, policy="forbid", by="Olive")
        if how == "suspend":
            type(tenant).objects.filter(pk=tenant.pk).update(state="suspended")
            from tenants.registry.hosts import forget_tenant

            forget_tenant(tenant)
        if how == "deactivate":
            User.objects.filter(name="Ines Duarte").update(is_active=False)
    assert support.get("/accounts/").status_code in (302, 403)
    if how == "forbid":
        with in_public():
            assert SupportAccess.objects.get().state == "ended"
            with pytest.raises(NotAllowed):
                ask_access(tenant, by=operator, **ASKED)


def test_where_it_is_allowed_looking_needs_no_answer_and_changing_does(tenant, make_operator, in_public):
    with in_public():
        set_policy(tenant.pk, policy="allow", by="Olive")
        assert ask_access(tenant, by=make_operator("A"), **ASKED).state == "granted"
        assert ask_access(tenant, by=make_operator("B"), **{**ASKED, "mode": "may_write"}).state == "asked"


def test_a_question_is_answered_once_and_asked_once(tenant, operator, in_public):
    with in_public():
        access = ask_access(tenant, by=operator, **ASKED)
        with pytest.raises(Conflict):
            ask_access(tenant, by=operator, **ASKED)
        answer_access(access.pk, tenant_id=tenant.pk, allow=False, by="Olive")
        with pytest.raises(Conflict):
            answer_access(access.pk, tenant_id=tenant.pk, allow=True, by="Olive")
        with pytest.raises(SupportOver):
            open_access(access.pk, by=operator)


def test_a_question_nobody_answers_lapses_after_a_day(tenant, operator, in_public):
    with in_public():
        access = ask_access(tenant, by=operator, **ASKED)
        SupportAccess.objects.update(asked_at=now() - dt.timedelta(hours=24, seconds=1))
        assert end_overdue() == 1
        assert _state(access) == "lapsed"


def test_only_owner_and_administrators_see_and_answer(
    workspace, other_workspace, tenant, client_of, operator, in_public
):
    member = User.objects.create_user("mo@firm.example", "a fine long phrase", name="Mo")
    with in_public():
        access = ask_access(tenant, by=operator, **ASKED)
    for client in (client_of(workspace, member), client_of(other_workspace, other_workspace.owner)):
        assert client.post(f"/settings/support/{access.pk}/answer/", {"answer": "allow"}).status_code in (
            403,
            404,
        )
        assert client.get(f"/settings/support/{access.pk}/").status_code in (403, 404)
    with in_public():
        assert _state(access) == "asked"


def test_support_is_nobody_of_the_workspace(workspace, inside):
    before = active_people().count()
    inside(workspace)
    person = User.objects.get(role=Role.SUPPORT)
    assert person.name == "Support (Ines Duarte)"
    assert active_people().count() == before
    assert person not in assignable_people()
    assert person not in visible_people(to=workspace.owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=person.pk).update(is_active=True)


def test_what_support_changes_stands_in_the_history_under_its_name(workspace, inside, client_of):
    support = inside(workspace, mode="may_write")
    assert "may change things" in support.get("/accounts/").content.decode()
    answer = support.post("/accounts/new/", {"name": "Made by support", "currency": "USD"})
    assert answer.status_code in (302, 204), answer.content[:500]
    account = Account.objects.get(name="Made by support")
    entry = Change.objects.select_related("tx").filter(record_id=account.pk).first()
    assert entry.tx.actor == User.objects.get(role=Role.SUPPORT).pk
    owner = client_of(workspace, workspace.owner)
    page = owner.get(f"/accounts/{account.pk}/tab/changes/").content.decode()
    assert "Support (Ines Duarte)" in page


def test_a_support_session_is_worth_nothing_elsewhere(
    workspace, other_workspace, inside, client_of, new_visitor
):
    from django.conf import settings

    cookie = inside(workspace).cookies[settings.SESSION_COOKIE_NAME].value
    for client in (client_of(other_workspace), new_visitor()):
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert "/account/login" in client_of(other_workspace).get("/accounts/").url


def test_two_browsers_with_one_code(live_workspace, live_operator):
    """The lock makes them take turns: one is in, the other is told."""
    from core.tenancy.scope import public_scope
    from tenants.registry.models import Tenant

    with public_scope(reason="test", switch=True):
        tenant = Tenant.objects.get(schema_name=live_workspace.schema)
        operator = live_operator
        access = ask_access(tenant, by=operator, **ASKED)
        answer_access(access.pk, tenant_id=tenant.pk, allow=True, by="Olive")
        code = open_access(access.pk, by=operator)
    ends: list[str] = []

    def enter() -> None:
        from django.db import connections

        with public_scope():
            try:
                ends.append(enter_access(code, tenant_id=tenant.pk).state)
            except SupportOver:
                ends.append("over")
        connections.close_all()

    threads = [threading.Thread(target=enter) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["over", "over", "over", "running"]
    with public_scope(reason="test", switch=True):
        assert running_access(str(access.pk), tenant_id=tenant.pk) is not None
        User.objects.filter(pk=operator.pk).update(is_active=False)
        assert running_access(str(access.pk), tenant_id=tenant.pk) is None
    assert re.fullmatch(r"[\w-]{43}", code)
