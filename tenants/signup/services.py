"""Opening a workspace: claim, write inside, open; a reaper finishes or undoes each of the three commits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db.transaction import on_commit
from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.subscriptions.services.standing import start_trial
from core.errors import DomainError
from core.history.context import change
from core.records.search import index_records
from core.records.types import record_type
from core.tenancy.addresses import address_of
from core.tenancy.scope import public_scope, tenant_scope
from core.tenancy.tasks import send_named
from tenants.people.entrance import issue_entry_code
from tenants.people.models import Role, User
from tenants.registry.models import Tenant
from tenants.registry.provisioning.claim import claim_workspace, open_workspace, release_workspace
from tenants.signup.directory import list_mail
from tenants.signup.rules import check_address
from tenants.signup.site_pages import keep_agreement
from tenants.signup.trades import GENERAL

# Filled by config: what a new workspace starts with (pipelines, picklists …), each called inside it with its owner
# and the key of the trade that was chosen.
_opening_steps: list[Callable[[User, str], None]] = []


def use_opening_steps(steps: Sequence[Callable[[User, str], None]]) -> None:
    """config's visible list of what rooms put into a new workspace."""
    _opening_steps[:] = steps


@dataclass(frozen=True, slots=True)
class SignUp:
    """A checked form. address: the part before the base host. password_hash: never the password.

    agreed: which texts the person agreed to (site_pages.agreed_texts); {} where nobody was asked. trade: key of the
    template that was chosen (tenants.signup.trades).
    """

    mail: str
    name: str
    workspace: str
    address: str
    password_hash: str
    language: str = "en"
    time_zone: str = "UTC"
    currency: str = "USD"
    country: str = ""
    agreed: dict[str, Any] = field(default_factory=dict)
    trade: str = GENERAL

    @property
    def host(self) -> str:
        return f"{self.address}.{settings.GUANXI['BASE_HOST']}"


@dataclass(frozen=True, slots=True)
class Opened:
    """entry_url: enters the new workspace once, within tenants.people.entrance.ENTRY_CODE_SECONDS."""

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
    trade: str = GENERAL,
) -> Opened:
    """Open a workspace with its owner. Raises DomainError with messages by field, or PoolEmpty."""
    checked = check_sign_up(mail=mail, name=name, workspace=workspace, address=address, password=password)
    places: dict[str, Any] = {
        "language": language,
        "time_zone": time_zone,
        "currency": currency,
        "country": country,
        "trade": trade,
    }
    return open_checked(replace(checked, **places))


def check_sign_up(*, mail: str, name: str, workspace: str, address: str, password: str) -> SignUp:
    """Every rule at once, so that one answer names all that is wrong. Raises DomainError."""
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
    # Hashed before the claim: it takes its time, and no row need wait for it.
    return SignUp(
        mail=mail.strip().lower(),
        name=name.strip()[:120],
        workspace=workspace.strip(),
        address=address,
        password_hash=make_password(password),
    )


def open_checked(form: SignUp) -> Opened:
    """The three commits. Raises PoolEmpty, or Conflict when the address was taken in the meantime."""
    tenant = claim_workspace(
        domain=form.host,
        name=form.workspace,
        language=form.language,
        time_zone=form.time_zone,
        currency=form.currency,
        country=form.country,
    )
    try:
        owner_id, code = _write_inside(tenant, form)
    except BaseException:
        # Nothing of the second commit is there: give schema and address back at once.
        release_workspace(tenant)
        raise
    with public_scope(switch=True, reason="sign-up"):
        start_trial(tenant)
    open_workspace(tenant)
    list_mail(tenant, form.mail)
    # Not before: a worker that comes too early would find no such workspace.
    on_commit(lambda: send_named("people.send_confirmation", tenant.schema_name, owner_id), robust=True)
    return Opened(tenant.schema_name, form.host, address_of(form.host, f"/enter/{code}/"))


def _write_inside(tenant: Tenant, form: SignUp) -> tuple[str, str]:
    """Second commit: owner, settings and what the rooms bring. The owner's id and the entry code."""
    with (
        tenant_scope(tenant.schema_name, switch=True),
        override(tenant.language),
        change(label=_("Opened the workspace"), via="request"),
    ):
        owner = User.objects.create_user(
            form.mail, hashed=form.password_hash, name=form.name, role=Role.OWNER
        )
        index_records(record_type("person"), [owner.pk])
        # TOTP needs a verified address, and sign-in looks here for it.
        EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
        if form.agreed:
            keep_agreement(owner, form.agreed)
        for step in _opening_steps:
            step(owner, form.trade)
        return str(owner.pk), issue_entry_code(owner)
