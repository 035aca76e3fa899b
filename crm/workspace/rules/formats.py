"""Ways to write dates and numbers that a workspace may choose. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

# Only letters that core.records.fields.written knows: files are written by the database.
DATES = {
    "iso": "Y-m-d",
    "day": "d/m/Y",
    "dots": "d.m.Y",
    "month": "m/d/Y",
    "chinese": "Y年n月j日",
    "words": "j M Y",
}
# The point stays the decimal mark: what people type is read with it.
NUMBERS = {"comma": ",", "space": "\u202f", "apostrophe": "’"}
WEEK_STARTS = {"monday": 1, "sunday": 0, "saturday": 6}
NAME_ORDERS = ("given", "family")


@dataclass(frozen=True, slots=True)
class Formats:
    """Keys of the tables above; '' leaves it to the language of who reads. names: how a file's first and last name
    become one: the given or the family name first."""

    dates: str = ""
    numbers: str = ""
    week: str = ""
    names: str = ""


def unknown(chosen: Formats) -> list[str]:
    """Names of the choices that are none of the tables'."""
    tables: dict[str, Collection[str]] = {
        "dates": DATES,
        "numbers": NUMBERS,
        "week": WEEK_STARTS,
        "names": NAME_ORDERS,
    }
    return [
        name for name, table in tables.items() if getattr(chosen, name) and getattr(chosen, name) not in table
    ]


def django_formats(chosen: Formats) -> dict[str, Any]:
    """By the names of Django's format settings; only what was chosen."""
    found: dict[str, Any] = {}
    if chosen.dates in DATES:
        date = DATES[chosen.dates]
        found |= {"SHORT_DATE_FORMAT": date, "SHORT_DATETIME_FORMAT": f"{date} H:i"}
    if chosen.numbers in NUMBERS:
        found["THOUSAND_SEPARATOR"] = NUMBERS[chosen.numbers]
    if chosen.week in WEEK_STARTS:
        found["FIRST_DAY_OF_WEEK"] = WEEK_STARTS[chosen.week]
    return found
