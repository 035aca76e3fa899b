"""One action for several tenants: each is its own transaction with its own line in the access log. Public scope."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from billing.subscriptions.rules.standing import State
from core.errors import DomainError
from core.ids import read_uuid
from tenants.console import services
from tenants.console.announcing import announce
from tenants.console.selectors import opened_tenants
from tenants.registry.events import record_event
from tenants.registry.models import Tenant

MOST = 50
# Where a trial can be extended, or begun again: see subscriptions.rules.standing.
_TRYING = (State.TRIAL, State.READ_ONLY, State.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """done: for whom it was done; refused: (tenant, why)."""

    done: list[Tenant]
    refused: list[tuple[Tenant, str]]


def chosen_tenants(ids: Sequence[str]) -> list[Tenant]:
    """The tenants with these ids (text), MOST of them, by name; what is no id, or never was opened, is left out."""
    known = [found for each in list(dict.fromkeys(ids))[:MOST] if (found := read_uuid(each)) is not None]
    return list(opened_tenants().filter(pk__in=known).order_by("name", "pk"))


def has_trial(tenant: Tenant) -> bool:
    """Whether a longer trial would be taken, as far as its row says."""
    paid = getattr(tenant, "subscription", None)
    return paid is None or paid.state in _TRYING


def note_all(tenants: Sequence[Tenant], *, by: Any, **given: Any) -> Outcome:
    """See services.add_note."""
    return _for_each(tenants, lambda tenant: services.add_note(tenant, by=by, **given))


def grant_all(tenants: Sequence[Tenant], *, by: Any, **given: Any) -> Outcome:
    """See services.grant_more."""
    return _for_each(tenants, lambda tenant: services.grant_more(tenant, by=by, **given))


def extend_all(tenants: Sequence[Tenant], *, by: Any, **given: Any) -> Outcome:
    """See services.extend_trial. Who has subscribed is refused, the others are not held up by it."""
    return _for_each(tenants, lambda tenant: services.extend_trial(tenant, by=by, **given))


def announce_to(tenants: Sequence[Tenant], *, by: Any, **given: Any) -> Outcome:
    """One announcement for exactly these, with a line in each one's story. Raises DomainError by field."""
    with transaction.atomic():
        made = announce(tenants=[str(each.pk) for each in tenants], by=by, **given)
        for tenant in tenants:
            record_event(
                "announced",
                tenant=tenant,
                actor=by.name,
                operator_id=by.pk,
                title=made.title_en,
                title_zh=made.title_zh,
            )
    return Outcome(list(tenants), [])


def _for_each(tenants: Sequence[Tenant], act: Callable[[Tenant], Any]) -> Outcome:
    """A refusal that names a field is the form's: nothing is done then for anybody."""
    outcome = Outcome([], [])
    for tenant in tenants:
        try:
            act(tenant)
        except DomainError as error:
            if error.fields and not outcome.done:
                raise
            outcome.refused.append((tenant, str(error)))
        else:
            outcome.done.append(tenant)
    return outcome
