"""Which workspaces know a mail address: keyed hashes in public, so that "find my workspace" can answer.

Sign-up lists its owner at once. Every later change of who is there (a join, a deactivation, a new mail)
sends the task `signup.sync_mails`, which makes the tenant's entries equal to its people; the hourly sweep
sends it for every tenant, so that a lost message is made good.
"""

from collections.abc import Iterable

from django.db import transaction

from core.tenancy.scope import public_scope
from tenants.registry.mail_hash import mail_hash
from tenants.registry.models import Domain, MailDirectoryEntry, Tenant, TenantState


def list_mail(tenant: Tenant, mail: str) -> None:
    """Add one address of a tenant; listed already is fine."""
    with public_scope():
        MailDirectoryEntry.objects.get_or_create(mail_hash=mail_hash(mail), tenant=tenant)


def replace_mails(schema: str, mails: Iterable[str]) -> None:
    """Make the entries of the tenant exactly these addresses."""
    wanted = {mail_hash(mail) for mail in mails}
    with public_scope(reason="mail directory", switch=True), transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(schema_name=schema)
        listed = set(MailDirectoryEntry.objects.filter(tenant=tenant).values_list("mail_hash", flat=True))
        MailDirectoryEntry.objects.filter(tenant=tenant, mail_hash__in=listed - wanted).delete()
        MailDirectoryEntry.objects.bulk_create(
            [MailDirectoryEntry(mail_hash=each, tenant=tenant) for each in sorted(wanted - listed)],
            ignore_conflicts=True,
        )


def workspaces_of(mail: str) -> list[tuple[str, str]]:
    """(name, host) of the open workspaces that know the address, by name."""
    entries = MailDirectoryEntry.objects.filter(mail_hash=mail_hash(mail)).values("tenant")
    found = Domain.objects.filter(tenant__in=entries, tenant__state=TenantState.READY, is_primary=True)
    return list(found.order_by("tenant__name").values_list("tenant__name", "domain"))
