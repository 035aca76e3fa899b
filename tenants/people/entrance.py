"""One-time codes that carry somebody from the public host into a workspace."""

import datetime as dt
import hashlib
import secrets

from django.utils.translation import gettext as _

from core.clock import now
from core.errors import DomainError
from core.history.context import change
from tenants.people.models import EntryCode, User

ENTRY_CODE_SECONDS = 60


class EntryRefused(DomainError):
    """The code was used, has expired, or was never ours."""

    code = "entry_refused"
    status = 410


def issue_entry_code(user: User) -> str:
    """A one-time code for this workspace's /enter/ page; only its hash is kept."""
    code = secrets.token_urlsafe(32)
    EntryCode.objects.create(
        code_hash=_hash(code), user=user, expires_at=now() + dt.timedelta(seconds=ENTRY_CODE_SECONDS)
    )
    return code


def use_entry_code(code: str) -> User:
    """The person the code was made for; it works once. Raises EntryRefused."""
    with change(label=_("Entered by a one-time code"), via="request"):
        # The lock makes two requests with one code take turns: the second finds it used.
        row = EntryCode.objects.select_for_update().filter(code_hash=_hash(code)).first()
        if row is None or row.used_at is not None or row.expires_at <= now() or not row.user.is_active:
            raise EntryRefused(_("This link was used already or is older than a minute."))
        row.used_at = now()
        row.save(update_fields=["used_at"])
    return row.user


def forget_entry_codes() -> int:
    """Delete what nobody can use any more; how many."""
    return EntryCode.objects.filter(expires_at__lt=now() - dt.timedelta(hours=1)).delete()[0]


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
