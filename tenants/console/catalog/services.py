"""What operators do to the catalogue. Each writes its line into the access log; Stripe is told after the commit."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from billing.gateway.refusals import Refused, StripeAway
from billing.plans import drafting, taxes
from billing.plans.models import AddOn, Plan, PlanVersion, TaxRate
from billing.plans.rules import Content
from billing.plans.selectors import newest_prices
from tenants.console.catalog.syncing import synchronise_add_on, synchronise_rate, synchronise_version
from tenants.registry.events import record_event


def add_plan(*, key: str, name_en: str, name_zh: str, by: Any) -> Plan:
    """A plan to draft a first version for. Raises DomainError with messages by field."""
    with transaction.atomic():
        plan = drafting.make_plan(key=key, name_en=name_en, name_zh=name_zh)
        _log("plan_made", by, plan=plan.key)
    return plan


def save_draft(*, plan: Plan, content: Content, by: Any) -> PlanVersion:
    """In place of the former draft; nobody is offered it. Raises DomainError with messages by field."""
    with transaction.atomic():
        draft = drafting.draft_version(plan=plan, content=content)
        _log("plan_drafted", by, plan=plan.key, number=draft.number)
    return draft


def discard_draft(*, plan: Plan, by: Any) -> None:
    """Twice is once."""
    with transaction.atomic():
        drafting.discard_draft(plan=plan)
        _log("plan_draft_discarded", by, plan=plan.key)


def publish(*, draft_id: UUID, by: Any) -> tuple[PlanVersion, bool]:
    """(the version, whether Stripe has it already). Raises Conflict."""
    with transaction.atomic():
        version = drafting.publish_draft(draft_id=draft_id)
        _log("plan_published", by, plan=version.plan.name_en, number=version.number)
    return version, _told(lambda: synchronise_version(version))


def offer_plan(*, plan: Plan, is_public: bool, by: Any) -> None:
    """On sale or off it. Raises DomainError."""
    with transaction.atomic():
        drafting.offer_plan(plan=plan, is_public=is_public)
        _log("plan_on_sale" if is_public else "plan_retired", by, plan=plan.key)


def add_add_on(*, by: Any, **details: Any) -> AddOn:
    """See drafting.make_add_on."""
    with transaction.atomic():
        add_on = drafting.make_add_on(**details)
        _log("add_on_made", by, add_on=add_on.key)
    return add_on


def price_add_on(
    *, add_on: AddOn, prices: Mapping[tuple[str, str], int], seen: int, by: Any
) -> tuple[int, bool]:
    """(the version of its prices, whether Stripe has them already). Raises DomainError, Conflict."""
    with transaction.atomic():
        version = drafting.set_add_on_prices(add_on=add_on, prices=prices, seen=seen)
        _log("add_on_priced", by, add_on=add_on.key, number=version)
    return version, _told(lambda: synchronise_add_on(add_on, newest_prices(add_on)))


def offer_add_on(*, add_on: AddOn, is_public: bool, by: Any) -> None:
    """On sale or off it."""
    with transaction.atomic():
        drafting.offer_add_on(add_on=add_on, is_public=is_public)
        _log("add_on_on_sale" if is_public else "add_on_retired", by, add_on=add_on.key)


def set_tax_rate(
    *, country: str, name: str, percent: Decimal, inclusive: bool, not_with_tax_id: bool, by: Any
) -> tuple[TaxRate, bool]:
    """(the rate, whether Stripe has it already). Raises DomainError with messages by field."""
    with transaction.atomic():
        rate = taxes.set_tax_rate(
            country=country, name=name, percent=percent, inclusive=inclusive, not_with_tax_id=not_with_tax_id
        )
        _log("tax_rate_set", by, country=country, percent=f"{percent.normalize():f}")
    return rate, _told(lambda: synchronise_rate(rate))


def retire_tax_rate(*, rate_id: UUID, by: Any) -> None:
    """Raises Conflict when it was retired already."""
    with transaction.atomic():
        rate = taxes.retire_tax_rate(rate_id=rate_id)
        _log("tax_rate_retired", by, country=rate.country)


def _log(kind: str, by: Any, **facts: Any) -> None:
    record_event(kind, actor=by.name, operator_id=by.pk, **facts)


def _told(synchronise: Callable[[], None]) -> bool:
    # What was published stands whether Stripe answers or not: the first sale makes what is missing.
    try:
        synchronise()
    except (StripeAway, Refused):
        return False
    return True
