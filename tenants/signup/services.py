"""Opening a workspace: claim, write inside, open; a reaper finishes or undoes each of the three commits."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.clock import now
from core.errors import DomainError
from core.history.context import change
from core.records.text import sort_key
from core.tenancy.addresses import address_of
from core.tenancy.scope import tenant_scope
from tenants.people.models import EntryCode, Role, User
from tenants.registry.models import Tenant
from tenants.registry.provisioning.claim import claim_workspace, open_workspace, release_workspace
from tenants.signup.rules import check_address

ENTRY_CODE_SECONDS = 60
# Filled by config: what a new workspace starts with (pipelines, picklists …), each called inside it.
_opening_steps: list[Callable[[User], None]] = []


def use_opening_steps(steps: Sequence[Callable[[User], None]]) -> None:
    """config's visible list of what rooms put into a new workspace."""
    _opening_steps[:] = steps


@dataclass(frozen=True, slots=True)
class Opened:
    """entry_url: enters the new workspace once, within ENTRY_CODE_SECONDS."""

    schema: str
    host: str
    entry_url: str


def sign_up(
    *,
    mail: str,
    name: str,
    workspace: str,
    address: str,
    password: str,
    language: str = "en",
    time_zone: str = "UTC",
    currency: str = "USD",
    country: str = "",
) -> Opened:
    """Open a workspace with its owner. Raises DomainError with messages by field, or PoolEmpty."""
    check_sign_up(mail=mail, name=name, workspace=workspace, address=address, password=password)
    host = f"{address}.{settings.GUANXI['BASE_HOST']}"
    tenant = claim_workspace(
        domain=host,
        name=workspace.strip(),
        language=language,
        time_zone=time_zone,
        currency=currency,
        country=country,
    )
    try:
        code = _write_inside(tenant, mail=mail, name=name, password=password)
    except BaseException:
        # Nothing of the second commit is there: give schema and address back at once.
        release_workspace(tenant)
        raise
    open_workspace(tenant)
    return Opened(tenant.schema_name, host, address_of(host, f"/enter/{code}/"))


def check_sign_up(*, mail: str, name: str, workspace: str, address: str, password: str) -> None:
    """Every rule at once, so that one answer names all that is wrong."""
    problems: dict[str, str] = {}
    try:
        EmailValidator()(mail.strip())
    except ValidationError:
        problems["mail"] = _("Give a mail address such as you@example.com.")
    if not name.strip():
        problems["name"] = _("This is needed.")
    if not workspace.strip():
        problems["workspace"] = _("This is needed.")
    elif len(workspace.strip()) > 120:
        problems["workspace"] = _("At most %(count)d characters.") % {"count": 120}
    try:
        check_address(address)
    except DomainError as error:
        problems.update(error.fields)
    try:
        validate_password(password, User(email=mail, name=name))
    except ValidationError as error:
        problems["password"] = " ".join(error.messages)
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)


def _write_inside(tenant: Tenant, *, mail: str, name: str, password: str) -> str:
    """Second commit: owner, settings and what the rooms bring. Returns the entry code."""
    with (
        tenant_scope(tenant.schema_name, switch=True),
        override(tenant.language),
        change(label=_("Opened the workspace"), via="request"),
    ):
        owner = User.objects.create_user(
            mail, password, name=name.strip()[:120], name_key=sort_key(name), role=Role.OWNER
        )
        # TOTP needs a verified address, and sign-in looks here for it.
        EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
        for step in _opening_steps:
            step(owner)
        return issue_entry_code(owner)


def issue_entry_code(user: User) -> str:
    """A one-time code for this workspace's /enter/ page; only its hash is kept."""
    code = secrets.token_urlsafe(32)
    EntryCode.objects.create(
        code_hash=hashlib.sha256(code.encode()).hexdigest(),
        user=user,
        expires_at=now() + dt.timedelta(seconds=ENTRY_CODE_SECONDS),
    )
    return code
