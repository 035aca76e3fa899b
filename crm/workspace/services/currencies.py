"""The currencies a workspace deals in, and their rates by day."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.history.context import change
from core.outbox.sending import send_on_commit
from core.places import known_currency
from core.records.parsing import Unreadable, read_date
from core.tenancy.scope import peek
from crm.workspace.models import CurrencyRate
from crm.workspace.rules.rates import TypedRate, read_lines, read_rate
from crm.workspace.selectors.currencies import TOPIC, base_currency, further_currencies
from tenants.people.rights import require_administrator
from tenants.people.workspace_settings import keep_setting

REPRICE = "opportunities.reprice"


def add_currency(code: str, *, rate: str, since: str, by: Any) -> UUID:
    """Offer a further currency with its first rate. Raises NotAllowed, DomainError by field; returns the batch."""
    require_administrator(by)
    problems = {}
    if not known_currency(code):
        problems["currency"] = _("Choose one of the list.")
    elif code == base_currency():
        problems["currency"] = _("This is the base currency.")
    typed = _typed(code, since, rate, problems)
    with change(label=_("Added the currency %(code)s") % {"code": code}, by=by) as entry:
        keep_setting(f"{TOPIC}.{code}", True)
        _write([typed])
    return entry.batch


def keep_rate(code: str, *, rate: str, since: str, by: Any) -> UUID:
    """A rate from a day on; one that the day has already is replaced. Raises NotAllowed, DomainError by field."""
    require_administrator(by)
    _require_offered(code)
    typed = _typed(code, since, rate, {})
    with change(label=_("Set a rate of %(code)s") % {"code": code}, by=by) as entry:
        _write([typed])
    return entry.batch


def paste_rates(text: str, *, currency: str = "", by: Any) -> tuple[UUID, int]:
    """All lines or none; (batch, how many). currency: for lines that name none. Raises DomainError with the lines."""
    require_administrator(by)
    rates, problems = read_lines(text, currency)
    offered = set(further_currencies())
    unknown = sorted({each.currency for each in rates} - offered)
    if unknown:
        problems.append(_("Not among your currencies: %(codes)s") % {"codes": ", ".join(unknown)})
    if not rates and not problems:
        problems.append(_("There is nothing to read."))
    if problems:
        shown = problems[:8] + (
            [_("… and %(count)d more") % {"count": len(problems) - 8}] if problems[8:] else []
        )
        raise DomainError(" ".join(shown), fields={"rates": " ".join(shown)})
    with change(label=_("Pasted %(count)d rates") % {"count": len(rates)}, by=by) as entry:
        _write(rates)
    return entry.batch, len(rates)


def remove_rate(code: str, rate_id: UUID, *, by: Any) -> UUID:
    """What it said is said by the one before it.

    Raises CurrencyRate.DoesNotExist; DomainError for the last rate of an offered currency.
    """
    require_administrator(by)
    with change(label=_("Removed a rate"), by=by) as entry:
        rate = CurrencyRate.objects.select_for_update().get(pk=rate_id, currency=code)
        others = CurrencyRate.objects.filter(currency=rate.currency, base=rate.base).exclude(pk=rate.pk)
        if rate.currency in further_currencies() and not others.exists():
            raise DomainError(
                _("A currency that is offered needs a rate. Retire it, or set another rate first.")
            )
        rate.delete()
        _follow([rate.currency])
    return entry.batch


def retire_currency(code: str, *, by: Any) -> UUID:
    """No longer offered; its rates stay, and so do amounts that are in it. Returns the batch."""
    require_administrator(by)
    _require_offered(code)
    with change(label=_("Retired the currency %(code)s") % {"code": code}, by=by) as entry:
        keep_setting(f"{TOPIC}.{code}", False)
    return entry.batch


def _require_offered(code: str) -> None:
    if code not in further_currencies():
        raise DomainError(_("This currency is not among yours."))


def _typed(code: str, since: str, rate: str, problems: dict[str, str]) -> TypedRate:
    day, plain = None, ""
    try:
        day = read_date(since)
    except Unreadable as error:
        problems["since"] = str(error)
    try:
        plain = read_rate(rate)
    except Unreadable as error:
        problems["rate"] = str(error)
    if problems or day is None:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    return TypedRate(code, day, plain)


def _write(rates: Sequence[TypedRate]) -> None:
    base = base_currency()
    CurrencyRate.objects.bulk_create(
        [CurrencyRate(currency=each.currency, base=base, since=each.since, rate=each.rate) for each in rates],
        update_conflicts=True,
        unique_fields=["currency", "base", "since"],
        update_fields=["rate"],
    )
    _follow(sorted({each.currency for each in rates}))


def _follow(codes: Sequence[str]) -> None:
    """Amounts in these currencies get their new worth, soon after the commit."""
    if scope := peek():
        scope.memo.clear()
    for code in codes:
        send_on_commit(REPRICE, code)
