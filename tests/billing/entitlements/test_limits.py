"""Limits: what grows is refused, what exists is not, and everything unlocks by itself."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.entitlements.models import TemporaryGrant
from billing.entitlements.services import give_grant, withdraw_grant
from core.clock import now
from core.entitlements import AccessLimited, Entitlements, Feature, Limit, OverLimit, allows, limit_of
from core.errors import DomainError
from core.records.types import record_type
from core.records.undoing import undo_batch
from core.records.writing import bin_records, create_record, restore_records, update_record
from core.tenancy.scope import public_scope, tenant_scope
from core.tenancy.snapshot import Snapshot
from core.usage.counting import reconcile, remaining, require_room, spend, used
from core.usage.models import UsageCount
from crm.documents.services import attach_file
from crm.mail.services import send_mail
from tenants.people.invitations import accept_invitation, resend_invitation
from tenants.people.leaving.services import let_go
from tenants.people.membership import reactivate_person
from tenants.people.models import Invitation, User
from tenants.registry.hosts import forget_tenant, snapshot_of_schema
from tenants.registry.models import Tenant

pytestmark = pytest.mark.django_db


def limited(workspace, **limits) -> Snapshot:
    """The workspace's snapshot with these limits."""
    with public_scope(switch=True, reason="test"):
        tenant = Tenant.objects.get(schema_name=workspace.schema)
        tenant.entitlements = {**tenant.entitlements, "limits": {**tenant.entitlements["limits"], **limits}}
        tenant.save(update_fields=["entitlements"])
        forget_tenant(tenant)
        return snapshot_of_schema(workspace.schema)


def inside(workspace, **limits):
    cache.clear()
    return tenant_scope(workspace.schema, limited(workspace, **limits), switch=True)


def test_one_record_too_many_is_refused_and_one_in_the_bin_makes_room(workspace):
    account = record_type("account")
    with inside(workspace, records=2):
        first = create_record(account, {"name": "One"}, by=workspace.owner).record
        create_record(account, {"name": "Two"}, by=workspace.owner)
        assert (used(Limit.RECORDS), remaining(Limit.RECORDS)) == (2, 0)
        with pytest.raises(OverLimit) as refused:
            create_record(account, {"name": "Three"}, by=workspace.owner)
        assert "2" in str(refused.value)
        # What exists can be worked on; tasks and people are not counted.
        update_record(account, first, {"name": "Uno"}, by=workspace.owner)
        create_record(record_type("task"), {"title": "Call"}, by=workspace.owner)
        bin_records(account, [first.pk], by=workspace.owner)
        create_record(account, {"name": "Three"}, by=workspace.owner)
        with pytest.raises(OverLimit):
            restore_records(account, [first.pk], by=workspace.owner)


def test_seats_are_taken_by_active_people_only(workspace):
    colleague = User.objects.create_user("c@own.example", "x", name="Cleo")
    User.objects.create(name="Placeholder", is_placeholder=True)
    with inside(workspace, seats=2):
        assert used(Limit.SEATS) == 2
        let_go(colleague, wish=None, by=workspace.owner)
        assert remaining(Limit.SEATS) == 1
        reactivate_person(colleague, by=workspace.owner)
        late = User.objects.create_user("l@own.example", "x", name="Late", is_active=False)
        with pytest.raises(OverLimit):
            reactivate_person(late, by=workspace.owner)


def test_a_file_that_is_too_much_is_refused(workspace):
    account = create_record(record_type("account"), {"name": "One"}, by=workspace.owner).record
    with inside(workspace, storage_bytes=100):
        attach_file(account, upload=SimpleUploadedFile("a.txt", b"x" * 60), by=workspace.owner)
        with pytest.raises(OverLimit):
            attach_file(account, upload=SimpleUploadedFile("b.txt", b"x" * 60), by=workspace.owner)
        assert used(Limit.STORAGE_BYTES) == 60


def test_mails_count_their_recipients_with_the_mail_and_the_recount_agrees(workspace):
    User.objects.filter(pk=workspace.owner.pk).update(mail_confirmed_at=now())
    workspace.owner.refresh_from_db()
    account = create_record(record_type("account"), {"name": "One"}, by=workspace.owner).record
    with inside(workspace, mails=3):
        send_mail(account, to="a@b.example, c@d.example", cc="", subject="Hi", text="x", by=workspace.owner)
        assert used(Limit.MAILS) == 2
        with pytest.raises(OverLimit):
            send_mail(
                account, to="a@b.example, c@d.example", cc="", subject="Hi", text="x", by=workspace.owner
            )
        assert used(Limit.MAILS) == 2
        assert reconcile() == {}
        UsageCount.objects.filter(key=Limit.MAILS).update(used=9)
        assert reconcile() == {Limit.MAILS: -7}
        assert used(Limit.MAILS) == 2


def test_the_last_one_of_a_flow_is_taken_once(workspace):
    with inside(workspace, api_calls=2):
        spend(Limit.API_CALLS)
        spend(Limit.API_CALLS)
        with pytest.raises(OverLimit):
            spend(Limit.API_CALLS)
        assert (used(Limit.API_CALLS), remaining(Limit.API_CALLS)) == (2, 0)


def test_a_grant_counts_until_its_end_and_no_longer(workspace):
    with public_scope(switch=True, reason="test"):
        tenant = Tenant.objects.get(schema_name=workspace.schema)
        before = limit_of(snapshot_of_schema(workspace.schema), Limit.RECORDS)
        grant = give_grant(
            tenant=tenant,
            limit="records",
            amount=500,
            until=now() + dt.timedelta(days=2),
            reason="Move",
            by="Ines",
        )
        snapshot = snapshot_of_schema(workspace.schema)
        assert limit_of(snapshot, Limit.RECORDS) == before + 500
        entitlements = Entitlements.of(snapshot)
        assert entitlements.most(Limit.RECORDS, now() + dt.timedelta(days=3)) == before
        withdraw_grant(grant=grant)
        assert limit_of(snapshot_of_schema(workspace.schema), Limit.RECORDS) == before
        assert TemporaryGrant.objects.get().withdrawn_at is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": "", "feature": ""},
        {"limit": "records", "feature": "api"},
        {"limit": "records", "amount": 0},
        {"limit": "moons", "amount": 3},
        {"feature": "moons", "limit": ""},
        {"until": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"reason": " "},
    ],
)
def test_a_grant_that_says_nothing_is_refused(workspace, wrong):
    given = {
        "limit": "records",
        "amount": 5,
        "feature": "",
        "until": None,
        "reason": "Move",
        "by": "Ines",
        **wrong,
    }
    with public_scope(switch=True, reason="test"):
        with pytest.raises(DomainError):
            give_grant(tenant=Tenant.objects.get(schema_name=workspace.schema), **given)
        assert not TemporaryGrant.objects.filter(tenant__schema_name=workspace.schema).exists()


def test_a_feature_that_the_plan_lacks_is_refused_with_a_sentence(workspace, client_of):
    with public_scope(switch=True, reason="test"):
        tenant = Tenant.objects.get(schema_name=workspace.schema)
        tenant.entitlements = {**tenant.entitlements, "features": []}
        tenant.save(update_fields=["entitlements"])
        forget_tenant(tenant)
        assert not allows(snapshot_of_schema(workspace.schema), Feature.API)
    answer = client_of(workspace, workspace.owner).get("/api/v1/accounts/")
    assert (answer.status_code, answer.json()["code"]) == (402, "not_in_plan")


def test_a_limit_that_fills_up_is_told_on_every_page_to_who_can_buy_more(workspace, client_of):
    colleague = User.objects.create_user("c@own.example", "x", name="Cleo")
    with inside(workspace, records=5):
        for name in ("One", "Two", "Three", "Four"):
            create_record(record_type("account"), {"name": name}, by=workspace.owner)
    cache.clear()

    def page(person) -> str:
        return client_of(workspace, person).get("/accounts/").content.decode()

    assert "Records: 80% of what the plan has room for" in page(workspace.owner)
    assert "of what the plan has room for" not in page(colleague)
    # More room takes it away at once, though the count is a few minutes old.
    limited(workspace, records=50)
    assert "of what the plan has room for" not in page(workspace.owner)
    limited(workspace, records=4)
    assert "Records: full." in page(workspace.owner)


def test_a_workspace_that_billing_has_not_looked_at_has_no_limits():
    snapshot = Snapshot("1", "t_abcdef", "ready", "New", "new.localhost")
    assert limit_of(snapshot, Limit.RECORDS) is None
    assert allows(snapshot, Feature.API)
    assert require_room(Limit.RECORDS, 10**9) is None


def test_what_a_newer_release_stored_is_left_out():
    stored = {
        "limits": {"records": 5, "moons": 3}, "features": ["api", "warp"], "asked": sorted(Feature), "access": "full",
    }  # fmt: skip
    snapshot = Snapshot("1", "t_abcdef", "ready", "New", "new.localhost", entitlements=stored)
    assert Entitlements.of(snapshot).limits == {Limit.RECORDS: 5}
    assert Entitlements.of(snapshot).features == {Feature.API}


@pytest.mark.django_db(transaction=True)
def test_a_deletion_is_undone_though_there_is_no_room_while_nothing_took_its_place(live_workspace):
    """4 records of 2, as after a smaller plan: what was deleted by mistake comes back."""
    workspace = live_workspace
    account = record_type("account")
    with inside(workspace, records=None):
        made = [create_record(account, {"name": f"A{n}"}, by=workspace.owner).record for n in range(4)]
    with inside(workspace, records=2):
        gone = bin_records(account, [each.pk for each in made[:3]], by=workspace.owner)
        undo_batch(gone.batch, by=workspace.owner)
        assert used(Limit.RECORDS) == 4
        # What lies in the bin needs room, whoever takes it out.
        again = bin_records(account, [each.pk for each in made[:3]], by=workspace.owner)
        with pytest.raises(OverLimit):
            restore_records(account, [each.pk for each in made[:3]], by=workspace.owner)
        create_record(account, {"name": "In their place"}, by=workspace.owner)
        with pytest.raises(OverLimit):
            undo_batch(again.batch, by=workspace.owner)
        assert used(Limit.RECORDS) == 2
        # An edit is taken back however full it is.
        edited = update_record(account, made[3], {"name": "B"}, by=workspace.owner)
        undo_batch(edited.batch, by=workspace.owner)
        assert account.model.objects.get(pk=made[3].pk).name == "A3"


def test_with_room_a_deletion_is_undone_whatever_came_since(workspace):
    account = record_type("account")
    with inside(workspace, records=3):
        made = [create_record(account, {"name": f"A{n}"}, by=workspace.owner).record for n in range(2)]
        gone = bin_records(account, [each.pk for each in made], by=workspace.owner)
        create_record(account, {"name": "New"}, by=workspace.owner)
        undo_batch(gone.batch, by=workspace.owner)
        assert used(Limit.RECORDS) == 3


@pytest.mark.parametrize("access", ["limited", "read_only"])
def test_nobody_comes_in_while_something_is_long_unpaid(
    workspace, access, client_of, mailoutbox, django_capture_on_commit_callbacks, worker
):
    User.objects.filter(pk=workspace.owner.pk).update(mail_confirmed_at=now())
    workspace.owner.refresh_from_db()
    away = User.objects.create_user("c@own.example", "x", name="Cleo", is_active=False)
    form = {"mails": "new@own.example", "role": "member"}
    with django_capture_on_commit_callbacks(execute=True):
        client_of(workspace, workspace.owner).post("/settings/people/invite/", form)
    invitation = Invitation.objects.get(email="new@own.example")
    token = mailoutbox[-1].body.partition("/join/")[2].partition("/")[0]
    with public_scope(switch=True, reason="test"):
        tenant = Tenant.objects.get(schema_name=workspace.schema)
        tenant.entitlements = {**tenant.entitlements, "access": access}
        tenant.save(update_fields=["entitlements"])
        forget_tenant(tenant)
        locked = snapshot_of_schema(workspace.schema)
    with tenant_scope(workspace.schema, locked, switch=True):
        for act in (
            lambda: reactivate_person(away, by=workspace.owner),
            lambda: resend_invitation(invitation, by=workspace.owner),
            lambda: accept_invitation(token, name="New", password="correct horse battery"),
        ):
            with pytest.raises(AccessLimited):
                act()
    answer = client_of(workspace).post(
        f"/join/{token}/", {"name": "New", "password": "correct horse battery"}
    )
    assert answer.status_code == 422 and "until what is unpaid has been paid" in answer.content.decode()
    assert not User.objects.filter(email="new@own.example").exists()
