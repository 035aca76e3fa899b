"""Countries, currencies and time zones by name, and what a browser's language says of them.

Source: Unicode CLDR, as Babel carries it.
"""

import zoneinfo
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies

from core.records.text import sort_key

_NOT_COUNTRIES = frozenset("EU EZ UN QO XA XB ZZ".split())  # noqa: SIM905
_DEFAULT_ZONES = {"US": "America/New_York", "CN": "Asia/Shanghai", "GB": "Europe/London"}
_LANGUAGE_COUNTRY = {"zh": "CN"}


@dataclass(frozen=True, slots=True)
class Guess:
    """Where a visitor may be. country: ISO 3166 alpha-2 or ''; currency: ISO 4217; time_zone: IANA."""

    country: str
    currency: str
    time_zone: str


def guess_place(accept_language: str) -> Guess:
    """From the first region in the Accept-Language header; the page's script betters it."""
    country = ""
    for tag in accept_language.split(","):
        parts = tag.split(";")[0].strip().replace("_", "-").split("-")
        region = parts[-1].upper() if len(parts) > 1 and len(parts[-1]) == 2 else ""
        country = region or _LANGUAGE_COUNTRY.get(parts[0].lower(), "")
        if country in _country_codes():
            break
        country = ""
    zones = get_global("territory_zones").get(country, [])
    zone = _DEFAULT_ZONES.get(country) or (zones[0] if zones else "UTC")
    return Guess(country, currency_of(country), zone if zone in _zone_names() else "UTC")


def currency_of(country: str) -> str:
    """The country's own currency; USD where none is known."""
    found = get_territory_currencies(country) if country else []
    return found[0] if found else "USD"


@lru_cache(maxsize=8)
def countries(language: str) -> list[tuple[str, str, str]]:
    """(code, name, currency), by name."""
    names = _locale(language).territories
    rows = [(code, names.get(code, code), currency_of(code)) for code in _country_codes()]
    return sorted(rows, key=lambda row: sort_key(row[1]))


@lru_cache(maxsize=8)
def currencies(language: str) -> list[tuple[str, str]]:
    """(code, 'code – name') of every currency in use, by code."""
    names = _locale(language).currencies
    used = sorted({currency_of(code) for code in _country_codes()})
    return [(code, f"{code} – {names.get(code, code)}") for code in used]


@lru_cache(maxsize=1)
def time_zones() -> list[tuple[str, str, str]]:
    """(IANA name, the same with spaces, country), by name."""
    territories = get_global("zone_territories")
    rows = [(name, name.replace("_", " "), territories.get(name, "")) for name in sorted(_zone_names())]
    return [("UTC", "UTC", ""), *(row for row in rows if row[0] != "UTC")]


def known_country(code: str) -> bool:
    return code in _country_codes()


def known_currency(code: str) -> bool:
    return any(code == each for each, _name in currencies("en"))


def known_time_zone(name: str) -> bool:
    return name in _zone_names()


@lru_cache(maxsize=1)
def _country_codes() -> frozenset[str]:
    names = (str(code) for code in Locale("en").territories)
    codes = (code for code in names if len(code) == 2 and code.isalpha())
    return frozenset(code for code in codes if code not in _NOT_COUNTRIES and get_territory_currencies(code))


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    """Places, not abbreviations or old names."""
    known = zoneinfo.available_timezones()
    return frozenset(
        {"UTC", *(name for name in get_global("zone_territories") if name in known and "/" in name)}
    )


def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"), sep="_") if language else Locale("en")
