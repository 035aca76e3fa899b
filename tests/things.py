"""One of everything that a route's address may name, in one workspace."""

import datetime as dt
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from core.clock import now
from core.records.types import record_type
from core.tenancy.scope import public_scope
from crm.activities.services.activities import log_activity
from crm.activities.services.notifications import notify
from crm.customize.models import PicklistItem
from crm.documents.services import attach_file
from crm.fields.models import FieldKind
from crm.fields.services.making import FieldForm, make_field
from crm.fields.services.making_types import TypeForm, make_type
from crm.opportunities.models import Pipeline, Stage
from crm.workspace.models import CurrencyRate, SpecialDay
from crm.workspace.services.currencies import add_currency, keep_rate
from crm.workspace.services.hours import add_special_day
from tenants.console.support.services import ask_access
from tenants.people.invitations import invite_people
from tenants.people.models import AccessRole, HandOver, Role, SalesTerritory, Team, User
from tenants.registry.models import Tenant
from tests.importing import jobs_of


def _own_field(owner: Any) -> Any:
    made, _batch = make_field(
        record_type("account"), FieldKind.TEXT, given=FieldForm(label="Canary field"), by=owner
    )
    return made.pk


def things_of(place: Any, records: dict[str, Any]) -> dict[str, Any]:
    """Ids of one workspace that routes ask for: a record of each type, and what else there is."""
    with place.scope():
        # Who has not confirmed may not send mail.
        User.objects.filter(pk=place.owner.pk).update(mail_confirmed_at=now())
        stage = Stage.objects.filter(outcome="open").first()
        return {
            **{key: written.record.pk for key, written in records.items()},
            "batch": records["account"].batch,
            "stage": stage.pk,
            "pipeline": stage.pipeline_id,
            "archived_pipeline": Pipeline.objects.create(name="Formerly", archived=True).pk,
            **dict(zip(("choice", "other_choice"), _trades(), strict=True)),
            **people_of(place, records["account"].record.name),
            **_work_on(records["account"].record, place.owner),
            **jobs_of(place.owner),
            "support": _asked_by_support(place),
            "field": _own_field(place.owner),
            "own_type": make_type(given=TypeForm("Canary", "Canaries"), by=place.owner)[0].pk,
            **_shaped_by(place.owner),
        }


def _shaped_by(owner: Any) -> dict[str, Any]:
    """What settings of a workspace are made of: rates of a currency, special days."""
    add_currency("CHF", rate="1.1", since="2026-01-01", by=owner)
    keep_rate("CHF", rate="1.2", since="2026-02-01", by=owner)
    add_special_day(name="Fair", first=dt.date(2026, 3, 2), last=None, by=owner)
    return {"rate": CurrencyRate.objects.first().pk, "special_day": SpecialDay.objects.first().pk}


def _asked_by_support(place: Any) -> Any:
    """An access that an operator has asked for and nobody has answered."""
    with public_scope(switch=True, reason="test"):
        tenant = Tenant.objects.get(schema_name=place.schema)
        operator = User.objects.create(name="Ines Duarte", role=Role.OWNER)
        return ask_access(tenant, reason="A word", ticket="T-1", minutes=15, by=operator).pk


def _trades() -> Any:
    return PicklistItem.objects.filter(picklist="trade").values_list("pk", flat=True)[:2]


def people_of(place: Any, name: str) -> dict[str, Any]:
    """Ids of a colleague, a placeholder, somebody with a picture, an invitation and a team."""
    colleague = User.objects.create_user(f"c@{place.host}", "x", name=name)
    placeholder = User.objects.create(name=name, is_placeholder=True)
    pictured = User.objects.create(name=name, is_placeholder=True)
    pictured.avatar.save("picture.png", ContentFile(b"picture"))
    gone = User.objects.create(name=name, is_placeholder=True)
    invitation, *_rest = invite_people(mails=f"i@{place.host}", role="member", by=place.owner)
    return {
        "colleague": colleague.pk,
        "placeholder": placeholder.pk,
        "pictured": pictured.pk,
        "hand_over": HandOver.objects.create(
            person=gone,
            state="done",
            wish={},
            created_by=place.owner,
            given={str(colleague.pk): 3},
            total=3,
            done=3,
        ).pk,
        "invitation": invitation.pk,
        "team": Team.objects.create(name=name).pk,
        "territory": SalesTerritory.objects.create(name=name).pk,
        "role": AccessRole.objects.create(name=name[:60]).pk,
    }


def _work_on(account: Any, owner: Any) -> dict[str, Any]:
    """What people leave on an account: a note, a mail that failed, a picture, and what they are told."""
    note = log_activity(account, kind="note", text=str(account), by=owner).record
    details = {"to": ["a@b.example"], "cc": [], "state": "failed", "reason": ""}
    mail = log_activity(account, kind="mail", text=str(account), details=details, by=owner).record
    told = notify(person=owner, kind="mention", text=str(account), url="/accounts/")
    return {
        "activity": note.pk,
        "mail": mail.pk,
        "notification": told.pk,
        "file": attach_file(account, upload=picture(), by=owner).record.pk,
    }


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
