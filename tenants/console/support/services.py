"""Asking for, allowing, opening and ending support access. Public scope."""

import datetime as dt
import hashlib
import secrets
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict, DomainError, NotAllowed
from core.tenancy.tasks import send_named
from tenants.console.models import ConsoleSetting, SupportAccess, SupportPolicy, SupportRequest
from tenants.console.models.support import AccessState, Mode, Policy
from tenants.people.models import User
from tenants.registry.events import record_event
from tenants.registry.models import Tenant, TenantState

CODE_SECONDS = 60
# So long an answer is waited for, and an allowed access waits to be opened.
WAITING = dt.timedelta(hours=24)
LONGEST_MINUTES = 60
OPEN_STATES = (AccessState.ASKED, AccessState.GRANTED, AccessState.RUNNING)
DEFAULT_POLICY_KEY = "support_policy"


class SupportOver(DomainError):
    """The access has ended, was never allowed, or its code was used."""

    code = "support_over"
    status = 410


class NoSuchAccess(SupportOver):
    """Another workspace's, or none at all."""

    code = "not_found"
    status = 404


def default_policy() -> str:
    """What counts for a workspace that said nothing."""
    kept = ConsoleSetting.objects.filter(key=DEFAULT_POLICY_KEY).values_list("value", flat=True).first()
    return kept if kept in Policy.values else settings.GUANXI["SUPPORT_POLICY"]


def policy_of(tenant_id: UUID | str) -> str:
    """What the workspace says to support."""
    own = SupportPolicy.objects.filter(pk=tenant_id).values_list("policy", flat=True).first()
    return own or default_policy()


def ask_access(
    tenant: Tenant, *, reason: str, ticket: str, minutes: int, mode: str = Mode.READ_ONLY, by: Any
) -> SupportAccess:
    """Allowed at once where the workspace lets support look whenever needed; to change things it is always asked.

    Raises DomainError with messages by field, NotAllowed where the workspace forbids it, Conflict while another
    access of the operator to it is open.
    """
    _check(reason, ticket, minutes, mode)
    with transaction.atomic():
        # The row is what two questions at once, and a change of the policy, wait for.
        tenant = Tenant.objects.select_for_update(of=("self",)).get(pk=tenant.pk)
        policy = policy_of(tenant.pk)
        if tenant.state != TenantState.READY:
            raise Conflict(_("Only an open workspace can be entered."))
        if policy == Policy.FORBID:
            raise NotAllowed(_("This workspace does not want support access."))
        if SupportAccess.objects.filter(tenant=tenant, operator_id=by.pk, state__in=OPEN_STATES).exists():
            raise Conflict(_("You have asked for this workspace already."))
        at_once = policy == Policy.ALLOW and mode == Mode.READ_ONLY
        access = SupportAccess.objects.create(
            tenant=tenant,
            operator_id=by.pk,
            operator_name=by.name,
            reason=reason.strip()[:300],
            ticket=ticket.strip()[:80],
            minutes=minutes,
            mode=mode,
            state=AccessState.GRANTED if at_once else AccessState.ASKED,
            answered_at=now() if at_once else None,
        )
        _tell("support_asked", access, actor=by.name, operator_id=by.pk)
        transaction.on_commit(
            lambda: send_named("console.tell_of_support", tenant.schema_name, str(access.pk)), robust=True
        )
    return access


def answer_access(access_id: UUID, *, tenant_id: UUID | str, allow: bool, by: str) -> SupportAccess:
    """by: whose answer it is, as text. Raises Conflict when it was answered or withdrawn in the meantime."""
    with transaction.atomic():
        access = _held(access_id, tenant_id=tenant_id)
        if access.state != AccessState.ASKED:
            raise Conflict(_("This question is no longer open."))
        access.state = AccessState.GRANTED if allow else AccessState.REFUSED
        access.answered_at, access.answered_by = now(), by[:120]
        access.save(update_fields=["state", "answered_at", "answered_by"])
        _tell("support_granted" if allow else "support_refused", access, actor=by)
    return access


def open_access(access_id: UUID, *, by: Any) -> str:
    """A one-time code for the workspace's own host, good for CODE_SECONDS. Raises SupportOver, NotAllowed."""
    code = secrets.token_urlsafe(32)
    with transaction.atomic():
        access = _held(access_id)
        if access.operator_id != by.pk:
            raise NotAllowed(_("Only who asked for this access may open it."))
        _require_openable(access)
        access.code_hash, access.code_expires_at = _hash(code), now() + dt.timedelta(seconds=CODE_SECONDS)
        access.save(update_fields=["code_hash", "code_expires_at"])
    return code


def enter_access(code: str, *, tenant_id: UUID | str) -> SupportAccess:
    """The code works once, in its own workspace. The clock starts with the first entry. Raises SupportOver."""
    with transaction.atomic():
        found = SupportAccess.objects.select_for_update().filter(code_hash=_hash(code), tenant_id=tenant_id)
        access = found.first()
        if access is None or access.code_expires_at is None or access.code_expires_at <= now():
            raise SupportOver(_("This link was used already or is older than a minute."))
        _require_openable(access)
        if access.state == AccessState.GRANTED:
            access.state, access.started_at = AccessState.RUNNING, now()
            access.ends_at = access.started_at + dt.timedelta(minutes=access.minutes)
            _tell("support_started", access, actor=access.operator_name, operator_id=access.operator_id)
        access.code_hash, access.code_expires_at = "", None
        access.save(update_fields=["state", "started_at", "ends_at", "code_hash", "code_expires_at"])
    return access


def running_access(access_id: str, *, tenant_id: UUID | str) -> SupportAccess | None:
    """The access if it may go on at this moment: asked at every request."""
    access = SupportAccess.objects.filter(
        pk=access_id, tenant_id=tenant_id, state=AccessState.RUNNING, ends_at__gt=now()
    ).first()
    if access is None or not _is_operator(access.operator_id) or policy_of(tenant_id) == Policy.FORBID:
        return None
    return access


def end_access(
    access_id: UUID, *, by: str, tenant_id: UUID | str | None = None, operator_id: UUID | None = None
) -> None:
    """Also takes back what was only asked or allowed. Twice is once. Raises SupportOver for another's."""
    with transaction.atomic():
        access = _held(access_id, tenant_id=tenant_id)
        if access.state in OPEN_STATES:
            _end(access, by=by, operator_id=operator_id)


def set_policy(tenant_id: UUID | str, *, policy: str, by: str) -> None:
    """The workspace's word; forbidding ends what is open at once. Raises DomainError for an unknown one."""
    if policy not in Policy.values:
        message = _("Choose one of the list.")
        raise DomainError(message, fields={"policy": message})
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(pk=tenant_id)
        SupportPolicy.objects.update_or_create(
            tenant=tenant, defaults={"policy": policy, "changed_by": by[:120]}
        )
        record_event("support_policy", tenant=tenant, actor=by, policy=policy)
        if policy == Policy.FORBID:
            for access in SupportAccess.objects.select_for_update().filter(
                tenant=tenant, state__in=OPEN_STATES
            ):
                _end(access, by=by)


def end_overdue() -> int:
    """Mark what ran out or was never answered; how many. A second run finds nothing. Nobody waits for it: see

    running_access.
    """
    at, count = now(), 0
    with transaction.atomic():
        late = SupportAccess.objects.select_for_update(skip_locked=True)
        for access in late.filter(state=AccessState.RUNNING, ends_at__lte=at):
            _end(access, by="", at=access.ends_at)
            count += 1
        waiting = late.filter(state__in=(AccessState.ASKED, AccessState.GRANTED), asked_at__lte=at - WAITING)
        for access in waiting:
            access.state, access.ended_at = AccessState.LAPSED, at
            access.save(update_fields=["state", "ended_at"])
            count += 1
    return count


def log_request(access: SupportAccess, *, method: str, path: str, status: int) -> None:
    """One line for both sides. path: without its query."""
    SupportRequest.objects.create(
        access=access, method=method[:8], path=path.replace("\0", "")[:500], status=status
    )


def _end(
    access: SupportAccess, *, by: str, at: dt.datetime | None = None, operator_id: UUID | None = None
) -> None:
    access.state, access.ended_at, access.ended_by = AccessState.ENDED, at or now(), by[:120]
    access.code_hash, access.code_expires_at = "", None
    access.save(update_fields=["state", "ended_at", "ended_by", "code_hash", "code_expires_at"])
    _tell("support_ended", access, actor=by, operator_id=operator_id)


def _require_openable(access: SupportAccess) -> None:
    running = access.state == AccessState.RUNNING and access.ends_at is not None and access.ends_at > now()
    granted = access.state == AccessState.GRANTED and access.asked_at > now() - WAITING
    if not (running or granted):
        raise SupportOver(_("This access has not been allowed, or is over."))
    if access.tenant.state != TenantState.READY or policy_of(access.tenant_id) == Policy.FORBID:
        raise SupportOver(_("The workspace no longer allows it."))
    if not _is_operator(access.operator_id):
        raise SupportOver(_("This access has not been allowed, or is over."))


def _is_operator(operator_id: UUID) -> bool:
    return User.objects.filter(pk=operator_id, is_active=True).exists()


def _held(access_id: UUID, *, tenant_id: UUID | str | None = None) -> SupportAccess:
    found = (
        SupportAccess.objects.select_for_update(of=("self",)).select_related("tenant").filter(pk=access_id)
    )
    access = (found.filter(tenant_id=tenant_id) if tenant_id else found).first()
    if access is None:
        raise NoSuchAccess(_("There is no such access."))
    return access


def _tell(kind: str, access: SupportAccess, **actor: Any) -> None:
    reason = {"reason": access.reason} if kind == "support_asked" else {}
    record_event(kind, tenant=access.tenant, ticket=access.ticket, access=str(access.pk), **reason, **actor)


def _check(reason: str, ticket: str, minutes: int, mode: str) -> None:
    problems = {}
    if not reason.strip():
        problems["reason"] = _("This is needed.")
    if not ticket.strip():
        problems["ticket"] = _("This is needed.")
    if not 1 <= minutes <= LONGEST_MINUTES:
        problems["minutes"] = _("An hour at most.")
    if mode not in Mode.values:
        problems["mode"] = _("Choose one of the list.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
