"""The demo workspace of a first start: a year of a small firm, and its logins."""

import datetime as dt
import secrets
from pathlib import Path

from django.conf import settings

from billing.subscriptions.services.standing import extend_trial
from core.clock import now
from core.tenancy.addresses import address_of
from core.tenancy.scope import public_scope, tenant_scope
from tenants.registry.hosts import snapshot_of_schema
from tenants.registry.models import Tenant, TenantState
from tenants.signup.services import sign_up

ADDRESS = "demo"
MAIL = "maya@demo.example"
_DEMO_DAYS = 365


def make_demo() -> str:
    """Open the demo workspace unless it is there; returns the lines that tell how to sign in."""
    told = settings.GUANXI["STATE"] / "demo.txt"
    if not _is_first_start():
        return told.read_text(encoding="utf-8") if told.exists() else ""
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    opened = sign_up(
        mail=MAIL,
        name="Maya Okafor",
        workspace="Brightwater Interiors",
        address=ADDRESS,
        password=password,
        currency="GBP",
        country="GB",
        time_zone="Europe/London",
    )
    _fill(opened.schema)
    _keep_open(opened.schema)
    lines = f"Demo workspace  {address_of(opened.host)}\n  sign in as    {MAIL}\n  password      {password}\n"
    _keep(told, lines)
    return lines


def _keep_open(schema: str) -> None:
    """A demonstration is not locked after two weeks."""
    with public_scope():
        tenant = Tenant.objects.get(schema_name=schema)
        extend_trial(tenant=tenant, until=now() + dt.timedelta(days=_DEMO_DAYS), by="demo")


def _is_first_start() -> bool:
    with public_scope():
        waiting = [TenantState.POOL, TenantState.BUILDING]
        return not Tenant.objects.exclude(state__in=waiting).exists()


def _fill(schema: str) -> None:
    from crm.samples.services import add_samples
    from tenants.people.confirmation import confirm_mail, confirmation_token
    from tenants.people.models import User

    with public_scope():
        snapshot = snapshot_of_schema(schema)
    with tenant_scope(schema, snapshot):
        owner = User.objects.get(email=MAIL)
        # Nobody reads this address, and only who has confirmed theirs may send mails.
        add_samples(by=confirm_mail(confirmation_token(owner, MAIL)))


def _keep(path: Path, lines: str) -> None:
    """Readable by the operator only: it is told again at every start."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(lines, encoding="utf-8")
