"""Money: exact decimals, rounded once, by the currency's own number of decimals."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats, translation

# ISO 4217: currencies whose minor unit is not a hundredth.
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_DECIMALS = {**dict.fromkeys(_WHOLE.split(), 0), **dict.fromkeys(_THOUSANDTHS.split(), 3)}
_SYMBOLS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "CNY": "¥",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "HKD": "HK$",
    "TWD": "NT$",
    "SGD": "S$",
    "AUD": "A$",
    "CAD": "CA$",
    "NZD": "NZ$",
    "BRL": "R$",
}
_OFFERED = (
    "USD EUR GBP CNY JPY HKD TWD SGD AUD CAD NZD CHF SEK NOK DKK PLN CZK HUF INR KRW THB MYR IDR PHP VND "
    "BRL MXN ZAR AED SAR TRY ILS KWD BHD"
)
CURRENCIES = tuple(_OFFERED.split())


def decimals_of(currency: str) -> int:
    """Decimals of the currency's minor unit (ISO 4217); 2 for most."""
    return _DECIMALS.get(currency, 2)


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Rounded half up to the minor unit: the one rounding rule of the product."""
    return amount.quantize(Decimal(1).scaleb(-decimals_of(currency)), rounding=ROUND_HALF_UP)


def symbol_of(currency: str) -> str:
    """The sign that stands before an amount; the code and a space where there is none."""
    return _SYMBOLS.get(currency, f"{currency} ")


def format_money(amount: Decimal | None, currency: str, *, trim: bool = False) -> str:
    """'$1,234.50'. trim: drop '.00', for pictures and cards. '' for None."""
    if amount is None:
        return ""
    places = decimals_of(currency)
    rounded = round_money(amount, currency)
    if trim and rounded == rounded.to_integral_value():
        places = 0
    number = formats.number_format(abs(rounded), places, use_l10n=True, force_grouping=True)
    return f"{'−' if rounded < 0 else ''}{symbol_of(currency)}{number}"


_SHORT = ((Decimal(10**9), "bn"), (Decimal(10**6), "m"), (Decimal(10**3), "k"))
_SHORT_CHINESE = ((Decimal(10**8), "亿"), (Decimal(10**4), "万"))


def short_money(amount: Decimal, currency: str) -> str:
    """'$1.2m', '$38k' for axes and column heads; Chinese counts in ten thousands: '¥3.8万'."""
    chinese = (translation.get_language() or "").startswith("zh")
    for size, mark in _SHORT_CHINESE if chinese else _SHORT:
        if abs(amount) >= size:
            value = (amount / size).quantize(Decimal("0.1")).normalize()
            return f"{symbol_of(currency)}{value:f}{mark}"
    return format_money(amount, currency, trim=True)


def from_minor(minor: int, currency: str) -> Decimal:
    """Minor units (ISO 4217) as an amount: 1234 of USD is 12.34, of JPY 1234."""
    return Decimal(minor).scaleb(-decimals_of(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount in minor units (ISO 4217), rounded as money is: 12.34 of USD is 1234."""
    return int(round_money(amount, currency).scaleb(decimals_of(currency)))


def format_minor(minor: int, currency: str, *, trim: bool = False) -> str:
    """Minor units as people read them: see format_money."""
    return format_money(from_minor(minor, currency), currency, trim=trim)
