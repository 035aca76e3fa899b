"""Amounts of money as people type them, in the currency's own units. Pure."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.money import decimals_of, from_minor

_PLAIN = re.compile(r"(?:\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.(\d{1,6}))?", re.ASCII)
_WIDE = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


class NotAnAmount(DomainError):
    """What was typed is no amount of this currency."""

    code = "not_an_amount"


def read_amount(text: str, currency: str) -> int:
    """'1,234.50' of USD → 123450; '1800' of JPY → 1800: minor units (ISO 4217). Raises NotAnAmount.

    A comma only parts thousands: '12,50' could be twelve and a half or a slip, so it is asked about, not guessed.
    """
    typed = text.strip().translate(_WIDE).replace(" ", "")
    found = _PLAIN.fullmatch(typed)
    if found is None:
        raise NotAnAmount(_("Write an amount such as 1,234.50 or 1234.5."))
    places, fraction = decimals_of(currency), found[1] or ""
    if places == 0 and fraction.strip("0"):
        raise NotAnAmount(
            _("%(currency)s has no smaller unit: write a whole amount.") % {"currency": currency}
        )
    if len(fraction.rstrip("0")) > places:
        raise NotAnAmount(
            _("%(currency)s has %(places)d decimals at most.") % {"currency": currency, "places": places}
        )
    return int(Decimal(typed.replace(",", "")).scaleb(places))


def write_amount(minor: int, currency: str) -> str:
    """As read_amount reads it again: '39.00', '1800'."""
    return f"{from_minor(minor, currency):.{decimals_of(currency)}f}"
