"""Which currencies the workspace deals in, and their rates."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language

from core.clock import today
from core.exchange import Rate, RateBook
from core.places import currencies
from core.records.fields import Option
from core.tenancy.scope import current_snapshot, remember
from crm.workspace.models import CurrencyRate
from tenants.people.workspace_settings import settings_under

TOPIC = "currency"


@dataclass(frozen=True, slots=True)
class CurrencyRow:
    """A further currency. rate: what counts today; None where nothing does yet. days: how many rates it has."""

    code: str
    name: str
    rate: CurrencyRate | None
    days: int


def base_currency() -> str:
    """ISO 4217 of the currency that all amounts are in which say nothing else."""
    return current_snapshot().currency


def further_currencies() -> list[str]:
    """Codes of the other currencies that are offered, in the order of the alphabet."""
    base = base_currency()
    return sorted(code for code, on in settings_under(TOPIC).items() if on and code != base)


def knows_other_currencies() -> bool:
    """Whether anything is or was in another currency than the base."""
    return bool(settings_under(TOPIC))


def currency_options() -> list[Option]:
    """For a Choice: the further currencies by code; retired ones, and one that became the base, only for showing."""
    offered = set(further_currencies())
    known = sorted(settings_under(TOPIC), key=lambda code: (code not in offered, code))
    return [Option(code, code, offered=code in offered) for code in known]


def currency_names() -> dict[str, str]:
    """code → 'code – name' in the reader's language."""
    return dict(currencies(get_language() or "en"))


def rate_book(codes: Iterable[str]) -> RateBook:
    """The rates of these currencies and of the base; read once a request or job and set of codes."""
    wanted = sorted({*codes, base_currency()})

    def read() -> RateBook:
        rows = CurrencyRate.objects.filter(currency__in=wanted).values_list(
            "currency", "base", "since", "rate"
        )
        return RateBook(Rate(code, base, since, Decimal(rate)) for code, base, since, rate in rows)

    book: RateBook = remember(f"rates:{','.join(wanted)}", read)
    return book


def currency_rows(on: dt.date | None = None) -> list[CurrencyRow]:
    """The further currencies with what counts today."""
    day, base, names = on or today(), base_currency(), currency_names()
    codes = further_currencies()
    rates: dict[str, list[CurrencyRate]] = {}
    for rate in CurrencyRate.objects.filter(currency__in=codes, base=base):
        rates.setdefault(rate.currency, []).append(rate)
    return [
        CurrencyRow(
            code,
            names.get(code, code),
            next((rate for rate in rates.get(code, []) if rate.since <= day), None),
            len(rates.get(code, [])),
        )
        for code in codes
    ]


def rates_of(code: str) -> list[CurrencyRate]:
    """All rates of a currency in the present base, the newest first."""
    return list(CurrencyRate.objects.filter(currency=code, base=base_currency()))
