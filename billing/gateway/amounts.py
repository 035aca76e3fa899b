"""Minor units: ours follow ISO 4217, Stripe's differ for some currencies.

Source: docs.stripe.com/currencies, "Zero-decimal currencies", "Special cases", "Three-decimal currencies".
"""

from core.money import decimals_of

# For Stripe these have no minor unit, whatever ISO 4217 says (MGA has two decimals there).
_WHOLE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())  # noqa: SIM905
# No minor unit in ISO 4217, but sent as if it had two decimals.
_TIMES_HUNDRED = frozenset(["ISK", "UGX"])
_THREE_DECIMALS = frozenset("BHD JOD KWD OMR TND".split())  # noqa: SIM905


class UnsendableAmount(ValueError):
    """An amount that Stripe cannot charge in this currency."""


def to_stripe(minor: int, currency: str) -> int:
    """Our minor units → Stripe's. Raises UnsendableAmount."""
    if currency in _TIMES_HUNDRED:
        return minor * 100
    if currency in _WHOLE and (places := decimals_of(currency)):
        whole, rest = divmod(minor, 10**places)
        if rest:
            raise UnsendableAmount(f"{currency} is charged in whole units, not {minor}")
        return whole
    if currency in _THREE_DECIMALS and minor % 10:
        raise UnsendableAmount(f"the last of the three decimals of {currency} must be 0: {minor}")
    return minor


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's minor units → ours. Raises UnsendableAmount for a fraction of a unit that has none."""
    if currency in _TIMES_HUNDRED:
        whole, rest = divmod(amount, 100)
        if rest:
            raise UnsendableAmount(f"{currency} has no minor unit: {amount}")
        return whole
    if currency in _WHOLE and (places := decimals_of(currency)):
        return int(amount * 10**places)
    return amount
