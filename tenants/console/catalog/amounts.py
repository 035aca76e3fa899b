"""Amounts of money and of limits as people type them. No database."""

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.money import decimals_of, from_minor
from core.records.parsing import read_number

_PLAIN = re.compile(r"(?:\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.\d{1,6})?", re.ASCII)


class NotAnAmount(DomainError):
    """What was typed is no amount of this currency."""

    code = "not_an_amount"


def read_amount(text: str, currency: str) -> int:
    """'1,234.50' of USD → 123450; '1800' of JPY → 1800: minor units (ISO 4217). Raises NotAnAmount.

    A comma only parts thousands: '12,50' could be twelve and a half or a slip, so it is asked about, not guessed.
    """
    typed = unicodedata.normalize("NFKC", text).strip().replace(" ", "")
    if not _PLAIN.fullmatch(typed):
        raise NotAnAmount(_("Write an amount such as 1,234.50 or 1234.5."))
    minor = read_number(typed).scaleb(places := decimals_of(currency))
    if minor == minor.to_integral_value():
        return int(minor)
    if places == 0:
        raise NotAnAmount(
            _("%(currency)s has no smaller unit: write a whole amount.") % {"currency": currency}
        )
    raise NotAnAmount(
        _("%(currency)s has %(places)d decimals at most.") % {"currency": currency, "places": places}
    )


def write_amount(minor: int, currency: str) -> str:
    """As read_amount reads it again: '39.00', '1800'."""
    return f"{from_minor(minor, currency):.{decimals_of(currency)}f}"


class AmountField(forms.CharField):
    """An amount of one currency, cleaned to its minor units (ISO 4217)."""

    def __init__(self, *, currency: str, **options: Any) -> None:
        super().__init__(max_length=30, **options)
        self.currency = currency
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return read_amount(text, self.currency) if text else None
        except NotAnAmount as error:
            raise forms.ValidationError(str(error)) from error
