"""Currencies and what amounts of them look like. Source: docs.stripe.com/currencies."""

from billing.devstripe.errors import invalid

NO_MINOR_UNIT = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()  # noqa: SIM905
)
THREE_DECIMALS = frozenset("bhd jod kwd omr tnd".split())  # noqa: SIM905
# Without a minor unit by law, but sent as if there was one: amounts end in 00.
SENT_AS_HUNDREDS = frozenset(("isk", "ugx"))
_TWO_DECIMALS = """
aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve
czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr jmd kes kgs khr kyd kzt lak
lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar
ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd yer
zar zmw
"""
KNOWN = NO_MINOR_UNIT | THREE_DECIMALS | SENT_AS_HUNDREDS | frozenset(_TWO_DECIMALS.split())
MOST = 99_999_999
"""Eight digits (docs.stripe.com/currencies, minimum and maximum charge amounts)."""


def known_currency(code: str, *, param: str = "currency") -> str:
    """In small letters. Raises Refusal."""
    small = code.lower()
    if small not in KNOWN:
        raise invalid(f"Invalid currency: {code[:20]}.", param=param)
    return small


def whole_amount(amount: int, currency: str, *, param: str) -> int:
    """Raises Refusal for what an amount of this currency cannot be. amount: in minor units as Stripe counts them."""
    if amount < 0:
        raise invalid(
            "This value must be greater than or equal to 0.", param=param, code="parameter_invalid_integer"
        )
    if amount > MOST:
        raise invalid(f"Amount must be no more than {MOST}.", param=param, code="amount_too_large")
    if currency in THREE_DECIMALS and amount % 10:
        raise invalid(f"Amounts in {currency} must end in 0.", param=param)
    if currency in SENT_AS_HUNDREDS and amount % 100:
        raise invalid(f"Amounts in {currency} must end in 00.", param=param)
    return amount


def places(currency: str) -> int:
    """Decimal places between Stripe's whole number and the amount that people read."""
    return 0 if currency in NO_MINOR_UNIT else 3 if currency in THREE_DECIMALS else 2
