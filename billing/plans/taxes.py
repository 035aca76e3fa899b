"""Tax rates: set, replaced, retired. Public scope; for the operator."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.plans.models import TaxRate
from core.errors import Conflict, DomainError
from core.places import known_country


def set_tax_rate(
    *, country: str, name: str, percent: Decimal, inclusive: bool, not_with_tax_id: bool
) -> TaxRate:
    """The rate for a country from the next invoice on; the former one is kept for what was made with it.

    Raises DomainError with messages by field.
    """
    problems = {}
    if not 0 <= percent <= 100:
        problems["percent"] = _("A percentage lies between 0 and 100.")
    if not known_country(country):
        problems["country"] = _("There is no such country.")
    if not name.strip():
        problems["name"] = _("Give the name that stands on invoices.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    with transaction.atomic():
        TaxRate.objects.filter(country=country, is_active=True).update(is_active=False)
        return TaxRate.objects.create(
            country=country,
            name=name.strip()[:40],
            percent=percent,
            inclusive=inclusive,
            not_with_tax_id=not_with_tax_id,
        )


def retire_tax_rate(*, rate_id: UUID) -> TaxRate:
    """Nothing is added for its country from the next invoice on. Raises Conflict when it was retired already."""
    with transaction.atomic():
        found = TaxRate.objects.select_for_update().filter(pk=rate_id, is_active=True).first()
        if found is None:
            raise Conflict(_("This tax rate was retired already."))
        found.is_active = False
        found.save(update_fields=["is_active"])
    return found
