"""Sign-ups that found the pool empty: kept for minutes, opened by the waiting page as soon as they can be."""

import datetime as dt
import hashlib
import secrets

from celery import current_app
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict
from core.tenancy.scope import public_scope
from tenants.registry.provisioning.claim import PoolEmpty
from tenants.signup.models import PendingSignUp
from tenants.signup.services import Opened, SignUp, open_checked

PENDING_SECONDS = 15 * 60
# A request that began to open one and was killed: after this long another may try.
_TAKEN_SECONDS = 30
_FIELDS = "mail name workspace address password_hash language time_zone currency country trade agreed".split()  # noqa: SIM905


class PendingGone(Conflict):
    """The waiting page's address is wrong, expired, or the workspace is open already."""

    code = "pending_gone"
    status = 410


def keep_pending(form: SignUp) -> str:
    """Keep a checked form and ask for a workspace; the secret of its waiting page.

    Raises Conflict when somebody waits for the same address.
    """
    token = secrets.token_urlsafe(32)
    row = PendingSignUp(
        token_hash=_hash(token),
        expires_at=now() + dt.timedelta(seconds=PENDING_SECONDS),
        **{name: getattr(form, name) for name in _FIELDS},
    )
    forget_expired()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        sentence = _("This address was taken a moment ago.")
        raise Conflict(sentence, fields={"address": sentence})
    transaction.on_commit(ask_for_workspaces)
    return token


def ask_for_workspaces() -> None:
    """Tell the provisioner that somebody waits; it also looks by itself every few seconds."""
    current_app.signature("registry.tend_pool").apply_async(expires=60)


def open_pending(token: str) -> Opened | None:
    """Open the workspace somebody waits for; None while there is none.

    Raises PendingGone, or Conflict when the address went to somebody else.
    """
    row = _take(token)
    if row is None:
        return None
    try:
        opened = open_checked(SignUp(**{name: getattr(row, name) for name in _FIELDS}))
    except PoolEmpty:
        PendingSignUp.objects.filter(pk=row.pk).update(taken_at=None)
        return None
    except Conflict:
        row.delete()
        raise
    row.delete()
    return opened


def _take(token: str) -> PendingSignUp | None:
    """The row for this request alone; None when another request has it in hand. Raises PendingGone."""
    at = now()
    row = PendingSignUp.objects.filter(token_hash=_hash(token), expires_at__gt=at).first()
    if row is None:
        raise PendingGone(_("This sign-up is no longer waiting. Sign in, or fill in the form again."))
    free = models.Q(taken_at=None) | models.Q(taken_at__lt=at - dt.timedelta(seconds=_TAKEN_SECONDS))
    taken = PendingSignUp.objects.filter(free, pk=row.pk).update(taken_at=at)
    return row if taken else None


def position_of(token: str) -> int:
    """How many wait before this one, itself included."""
    row = PendingSignUp.objects.filter(token_hash=_hash(token)).first()
    if row is None:
        raise PendingGone(_("This sign-up is no longer waiting. Sign in, or fill in the form again."))
    return PendingSignUp.objects.filter(created_at__lte=row.created_at, expires_at__gt=now()).count()


def count_pending() -> int:
    """How many workspaces are waited for."""
    with public_scope():
        return PendingSignUp.objects.filter(expires_at__gt=now()).count()


def forget_expired() -> int:
    """Delete what nobody came back for; how many."""
    return PendingSignUp.objects.filter(expires_at__lte=now()).delete()[0]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
