"""Plans and add-ons made, drafted, published, taken off sale. Public scope; for the operator.

A draft is a version without a moment of publication, one a plan. It carries the number it will have, so that a
version that was published meanwhile makes it stale instead of being passed over.
"""

import re
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.plans.models import AddOn, AddOnPrice, Interval, Plan, PlanVersion
from billing.plans.rules import Content
from billing.plans.services import TRIAL_PLAN, can_be_charged, check_content, write_version
from core.clock import now
from core.entitlements import Feature, Limit
from core.errors import Conflict, DomainError
from core.places import known_currency

_KEY = re.compile(r"[a-z][a-z0-9-]{1,29}")
# Words of the console's addresses.
_RESERVED = frozenset({"new", "add-ons", "tax-rates"})


def make_plan(*, key: str, name_en: str, name_zh: str) -> Plan:
    """A plan without a version: offered from its first publication on. Raises DomainError by field, Conflict."""
    _check_names(key, name_en, name_zh)
    with transaction.atomic():
        if Plan.objects.filter(pk=key).exists():
            raise _taken(_("There is a plan with this key already."))
        last = Plan.objects.order_by("-position").values_list("position", flat=True).first()
        return Plan.objects.create(
            key=key,
            name_en=name_en.strip(),
            name_zh=name_zh.strip(),
            position=0 if last is None else last + 1,
        )


def draft_version(*, plan: Plan, content: Content) -> PlanVersion:
    """In place of the plan's former draft, if any. Raises DomainError with messages by field."""
    check_content(content)
    with transaction.atomic():
        plan = _held(plan.key)
        plan.versions.filter(published_at__isnull=True).delete()
        return write_version(plan, _newest(plan) + 1, content, published_at=None)


def publish_draft(*, draft_id: UUID) -> PlanVersion:
    """From now on new customers get it; who has an older version keeps that.

    Every saving makes a draft of its own, so the id is exactly what somebody looked at. Raises Conflict when it was
    drafted anew, discarded or published, or another version was published meanwhile.
    """
    stale = Conflict(_("This draft is not the present one any more. Look at the changes again."))
    plan_key = PlanVersion.objects.filter(pk=draft_id).values_list("plan_id", flat=True).first()
    if plan_key is None:
        raise stale
    with transaction.atomic():
        plan = _held(plan_key)
        draft = plan.versions.filter(pk=draft_id, published_at__isnull=True).first()
        if draft is None or draft.number != _newest(plan) + 1:
            raise stale
        draft.published_at = now()
        draft.save(update_fields=["published_at"])
    return draft


def discard_draft(*, plan: Plan) -> None:
    """Twice is once."""
    with transaction.atomic():
        _held(plan.key).versions.filter(published_at__isnull=True).delete()


def offer_plan(*, plan: Plan, is_public: bool) -> Plan:
    """On sale or off it; who has it keeps it. Raises DomainError for the plan that new workspaces try."""
    if not is_public and plan.key == TRIAL_PLAN:
        raise DomainError(_("New workspaces try this plan: it must stay on sale."))
    with transaction.atomic():
        plan = _held(plan.key)
        plan.is_public = is_public
        plan.save(update_fields=["is_public"])
    return plan


def make_add_on(
    *, key: str, name_en: str, name_zh: str, limit: str = "", amount: int = 0, feature: str = ""
) -> AddOn:
    """More of a limit by `amount` in its unit, or a feature; without a price it is not sold yet.

    Raises DomainError with messages by field, Conflict.
    """
    _check_names(key, name_en, name_zh)
    problems = {}
    if bool(limit) == bool(feature):
        problems["limit"] = _("Choose either a limit or a feature.")
    elif limit and (limit not in set(Limit) or limit == Limit.SEATS):
        problems["limit"] = _("One of the limits is not known.")
    elif feature and feature not in set(Feature):
        problems["feature"] = _("One of the features is not known.")
    if limit and not amount > 0:
        problems["amount"] = _("Say how much more of it.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    with transaction.atomic():
        if AddOn.objects.filter(pk=key).exists():
            raise _taken(_("There is an add-on with this key already."))
        last = AddOn.objects.order_by("-position").values_list("position", flat=True).first()
        return AddOn.objects.create(
            key=key,
            name_en=name_en.strip(),
            name_zh=name_zh.strip(),
            limit=limit,
            amount=amount if limit else 0,
            feature=feature,
            position=0 if last is None else last + 1,
        )


def set_add_on_prices(*, add_on: AddOn, prices: Mapping[tuple[str, str], int], seen: int) -> int:
    """A new version of its prices, {(currency, interval): minor units each}; who booked an older one keeps it.

    seen: the version that somebody looked at, 0 for none. The new version. Raises DomainError, Conflict.
    """
    known = all(known_currency(currency) and interval in Interval.values for currency, interval in prices)
    message = ""
    if not prices or not known or any(unit < 0 for unit in prices.values()):
        message = _("Give at least one price, and none below zero.")
    elif not all(can_be_charged(unit, currency) for (currency, _i), unit in prices.items()):
        message = _("One of the amounts cannot be charged in its currency.")
    if message:
        raise DomainError(message, fields={"prices": message})
    with transaction.atomic():
        add_on = AddOn.objects.select_for_update().get(pk=add_on.pk)
        newest = add_on.prices.order_by("-version").values_list("version", flat=True).first() or 0
        if newest != seen:
            raise Conflict(_("Somebody else has changed these prices meanwhile. Look at them again."))
        AddOnPrice.objects.bulk_create(
            AddOnPrice(
                add_on=add_on, version=newest + 1, currency=currency, interval=interval, unit_minor=unit
            )
            for (currency, interval), unit in prices.items()
        )
    return newest + 1


def offer_add_on(*, add_on: AddOn, is_public: bool) -> AddOn:
    """On sale or off it; who booked it keeps it."""
    with transaction.atomic():
        add_on = AddOn.objects.select_for_update().get(pk=add_on.pk)
        add_on.is_public = is_public
        add_on.save(update_fields=["is_public"])
    return add_on


def _held(key: str) -> Plan:
    return Plan.objects.select_for_update().get(pk=key)


def _newest(plan: Plan) -> int:
    """The number of the newest published version; 0 for none."""
    published = plan.versions.filter(published_at__isnull=False)
    return published.order_by("-number").values_list("number", flat=True).first() or 0


def _check_names(key: str, name_en: str, name_zh: str) -> None:
    problems = {}
    if not _KEY.fullmatch(key) or key in _RESERVED:
        problems["key"] = _("Two to thirty small letters, digits and hyphens, a letter first.")
    for field, name in (("name_en", name_en), ("name_zh", name_zh)):
        if not name.strip():
            problems[field] = _("This is needed.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)


def _taken(message: str) -> Conflict:
    return Conflict(message, fields={"key": message})
