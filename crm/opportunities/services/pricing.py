"""Amounts in other currencies: what they are worth in the base currency, now and after a rate has changed."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.exchange import NoRate, RateBook
from core.history.context import change
from core.money import round_money
from core.outbox.sending import send_on_commit
from crm.opportunities.models import Opportunity
from crm.workspace.models import CurrencyRate
from crm.workspace.selectors.currencies import base_currency, rate_book
from crm.workspace.services.currencies import REPRICE

_CHUNK = 1_000


class Amounts(NamedTuple):
    """amount: in the base currency. currency: '' for none; currency_amount: in that."""

    amount: Decimal | None
    currency: str
    currency_amount: Decimal | None


def settle_amounts(given: Amounts, *, stored: tuple[Decimal | None, Decimal | None], day: dt.date) -> Amounts:
    """What is written. stored: amount and currency_amount as they were, None for a new opportunity.

    A currency without an amount of its own takes the amount that was given: a file says '100' and 'EUR' in two
    columns. Raises NoRate; DomainError when the amount was changed beside the one that it follows from.
    """
    amount, currency, foreign = given
    if not currency:
        return Amounts(amount, "", None)
    was, foreign_was = stored
    if (
        foreign is None and foreign_was is not None
    ):  # taken out: the amount is in the base currency from now on
        return Amounts(amount, "", None)
    if foreign is None and amount is None:
        return given
    if foreign is not None and foreign == foreign_was and amount != was:
        message = _("The amount follows from the amount in %(code)s: change that one.") % {"code": currency}
        raise DomainError(message, fields={"amount": message})
    foreign = round_money(amount if foreign is None else foreign, currency)  # type: ignore[arg-type]
    worth = rate_book([currency]).convert(foreign, currency, base_currency(), day)
    return Amounts(worth, currency, foreign)


def reprice(code: str) -> int:
    """All opportunities in this currency get what they are worth by the rates as they are now; how many changed.

    Those for whose day there is no rate keep their amount. A second run changes nothing.
    """
    book, base, count = rate_book([code]), base_currency(), 0
    with change(label=_("Amounts in %(code)s follow its rates") % {"code": code}):
        rows = Opportunity.everything.filter(currency=code, currency_amount__isnull=False).order_by("pk")
        ids = list(rows.values_list("pk", flat=True))
        for start in range(0, len(ids), _CHUNK):
            chunk = rows.filter(pk__in=ids[start : start + _CHUNK]).select_for_update()
            changed = [each for each in chunk if _is_worth_other(each, book, base)]
            Opportunity.everything.bulk_update(changed, ["amount"])
            count += len(changed)
    return count


def _is_worth_other(opportunity: Opportunity, book: RateBook, base: str) -> bool:
    """Sets its amount; whether that changed it."""
    day = opportunity.closed_on or opportunity.expected_on or opportunity.opened_on
    before = opportunity.amount
    try:
        opportunity.amount = book.convert(opportunity.currency_amount, opportunity.currency, base, day)
    except NoRate:
        return False
    return bool(opportunity.amount != before)


def follow_undone_rates(touched: Mapping[str, Any]) -> None:
    """After an undo that wrote rates: amounts follow them once more."""
    ids = touched.get(CurrencyRate._meta.db_table, ())
    if ids:
        for code in Opportunity.everything.exclude(currency="").values_list("currency", flat=True).distinct():
            send_on_commit(REPRICE, code)
