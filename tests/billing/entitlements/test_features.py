"""What a plan may leave out: each is refused at its door with the plans that have it, and unlocked by a grant."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from billing.entitlements.services import give_grant
from billing.plans.models import Plan, PlanVersion
from billing.plans.selectors import current_version
from core.clock import now
from core.entitlements import Entitlements, Feature, NotInPlan, require
from core.records.types import record_type
from core.records.writing import create_record
from core.tenancy.scope import public_scope, tenant_scope
from core.tenancy.snapshot import Snapshot
from crm.activities.models import Activity
from crm.transfer.models import ImportJob
from tenants.registry.hosts import forget_tenant, snapshot_of_schema
from tenants.registry.models import Tenant

pytestmark = pytest.mark.django_db
ROWS = b"name,industry\nNorthgate Fitouts,Retail\n"


def as_it_is_now(workspace: Any) -> Any:
    """The workspace's scope with the snapshot that the next request finds."""
    with public_scope(switch=True, reason="test"):
        snapshot = snapshot_of_schema(workspace.schema)
    return tenant_scope(workspace.schema, snapshot, switch=True)


@pytest.fixture
def leave_out(workspace) -> Any:
    """leave_out(feature): the workspace's plan brings all but that from now on."""

    def do(feature: Feature) -> None:
        with public_scope(switch=True, reason="test"):
            tenant = Tenant.objects.get(schema_name=workspace.schema)
            kept = sorted(set(Feature) - {feature})
            tenant.entitlements = {**tenant.entitlements, "features": kept, "asked": sorted(Feature)}
            tenant.save(update_fields=["entitlements"])
            forget_tenant(tenant)

    return do


@pytest.fixture
def grant(workspace) -> Any:
    def do(feature: Feature) -> None:
        with public_scope(switch=True, reason="test"):
            tenant = Tenant.objects.get(schema_name=workspace.schema)
            give_grant(tenant=tenant, feature=str(feature), until=None, reason="asked", by="Ines")

    return do


@pytest.fixture
def member(workspace, client_of) -> Any:
    workspace.owner.mail_confirmed_at = now()
    workspace.owner.save(update_fields=["mail_confirmed_at"])
    return client_of(workspace, workspace.owner)


def test_reports_are_refused_with_the_plans_that_have_them_and_unlocked(member, leave_out, grant):
    assert member.get("/reports/").status_code == 200
    leave_out(Feature.REPORTS)
    answer = member.get("/reports/")
    assert answer.status_code == 402
    assert "Reports. Growth or Scale does (Settings → Billing)" in answer.content.decode()
    # What they are drawn from is read and exported all the same.
    assert member.get("/opportunities/").status_code == 200
    assert member.get("/settings/export/").status_code == 200
    grant(Feature.REPORTS)
    assert member.get("/reports/").status_code == 200


def test_imports_are_refused_and_what_was_imported_stays(member, leave_out, grant, tmp_path, settings):
    storage = {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}

    def upload() -> Any:
        return member.post("/import/new/", {"type": "account", "file": SimpleUploadedFile("a.csv", ROWS)})

    assert upload().status_code == 302
    before = ImportJob.objects.get()
    leave_out(Feature.IMPORT)
    answer = upload()
    assert answer.status_code == 422
    assert "Starter or Growth or Scale does" in answer.content.decode()
    assert list(ImportJob.objects.all()) == [before]
    assert len(list(tmp_path.rglob("*.csv"))) == 1
    assert member.get(f"/import/{before.pk}/").status_code == 200
    grant(Feature.IMPORT)
    assert upload().status_code == 302


def test_mails_are_refused_and_those_that_were_written_stay(workspace, member, leave_out, grant):
    from crm.mail.services import retry_mail, send_mail

    values = {"name": "Lena Voss", "mail": "lena@northgate.example"}
    contact = create_record(record_type("contact"), values, by=workspace.owner).record

    def write() -> Activity:
        words = {"to": contact.mail, "cc": "", "subject": "Your layout", "text": "Dear Lena"}
        return send_mail(contact, **words, by=workspace.owner).record

    sent = write()
    Activity.objects.filter(pk=sent.pk).update(details={**sent.details, "state": "failed"})
    leave_out(Feature.MAIL)
    for refused in (write, lambda: retry_mail(sent.pk, by=workspace.owner)):
        with as_it_is_now(workspace), pytest.raises(NotInPlan):
            refused()
    assert Activity.objects.filter(kind="mail").count() == 1
    assert "Your layout" in member.get(f"/contacts/{contact.pk}/").content.decode()
    grant(Feature.MAIL)
    with as_it_is_now(workspace):
        assert write().details["state"] == "queued"


def test_a_feature_of_no_plan_on_offer_is_said_to_be_of_none(workspace, leave_out):
    with public_scope(switch=True, reason="test"):
        PlanVersion.objects.update(features=[])
    leave_out(Feature.REPORTS)
    with as_it_is_now(workspace), translation.override("zh-hans"), pytest.raises(NotInPlan) as refused:
        require(Feature.REPORTS)
    assert "目前在售的套餐都不包含此功能" in str(refused.value)


def test_plans_of_a_new_installation_hold_features_that_are_known(workspace):
    with public_scope(switch=True, reason="test"):
        held = {plan.key: set(current_version(plan.key).features) for plan in Plan.objects.all()}
    assert held["starter"] == {Feature.IMPORT, Feature.MAIL}
    assert held["growth"] == held["scale"] == set(Feature)


def test_what_was_stored_before_more_could_be_left_out_lacks_nothing_of_it():
    old = {"features": [Feature.API], "access": "full"}
    stored = Snapshot("1", "t_abcdef", "ready", "New", "new.localhost", entitlements=old)
    assert Entitlements.of(stored).features == set(Feature) - {Feature.PIPELINES}
