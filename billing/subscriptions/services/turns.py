"""One change of a subscription at a time, though nobody holds its row while Stripe is asked. Public scope."""

import contextlib
import datetime as dt
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.subscriptions.models import Subscription
from billing.subscriptions.services.standing import held
from core.clock import now
from core.errors import Conflict

# Longer than the calls of one change can take with all their retries; a turn whose process died is over then.
TURN = dt.timedelta(minutes=4)
_COMPARED = (
    "plan_version_id", "interval", "currency", "seats", "subscription_id", "stripe_status", "period_start",
    "trial_until", "cancel_at", "pending_at", "coupon_id",
)  # fmt: skip


class Busy(Conflict):
    """Another change is under way."""

    code = "subscription_busy"


@dataclass(frozen=True, slots=True)
class Turn:
    """subscription: as it was when the turn began."""

    subscription: Subscription
    key: str
    before: tuple[object, ...]

    def is_unchanged(self) -> bool:
        """Whether what the turn began with still stands, and the turn too: asked before something is done."""
        with transaction.atomic():
            present = held(self.subscription.pk)
            return present.turn_key == self.key and _signature(present) == self.before


@contextlib.contextmanager
def turn_at(tenant_id: UUID | str) -> Iterator[Turn]:
    """Lock, read, note whose turn it is, release. Raises Busy while it is another's."""
    key = secrets.token_hex(8)
    with transaction.atomic():
        subscription = held(tenant_id)
        if subscription.turn_until is not None and subscription.turn_until > now():
            raise Busy(_("Somebody is changing this subscription at this moment. Please look again shortly."))
        _note(tenant_id, key=key, until=now() + TURN)
    try:
        yield Turn(subscription, key, _signature(subscription))
    finally:
        _note(tenant_id, key="", until=None, of=key)


def _note(tenant_id: UUID | str, *, key: str, until: dt.datetime | None, of: str | None = None) -> None:
    """of: only where this turn is still the one."""
    found = Subscription.objects.filter(pk=tenant_id)
    (found if of is None else found.filter(turn_key=of)).update(turn_key=key, turn_until=until)


def _signature(subscription: Subscription) -> tuple[object, ...]:
    add_ons = sorted(subscription.add_ons.values_list("add_on_id", "quantity"))
    return (*(getattr(subscription, name) for name in _COMPARED), tuple(add_ons))
