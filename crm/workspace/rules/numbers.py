"""Patterns of numbers: 'AN-{YYYY}{MM}-{0000}'. Pure."""

import datetime as dt
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.errors import DomainError

NEVER, YEARLY, MONTHLY = "never", "yearly", "monthly"
RESETS = (NEVER, YEARLY, MONTHLY)
LONGEST = 40
_PART = re.compile(r"\{(YYYY|YY|MM|DD|0{1,12})\}")
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Numbering:
    """How records of one type are numbered. reset: when the counter begins with 1 again. since: ISO moment (UTC) from
    which on new records get numbers."""

    pattern: str
    reset: str = NEVER
    on: bool = True
    since: str = ""


def check_pattern(pattern: str, reset: str) -> None:
    """Raises DomainError by field: pattern, reset."""
    parts = _PART.findall(pattern)
    counters = [part for part in parts if part.startswith("0")]
    rest = _PART.sub("", pattern)
    problem = ""
    if len(counters) != 1:
        problem = _("The pattern needs one counter, such as {0000}.")
    elif "{" in rest or "}" in rest:
        problem = _("In braces stand only YYYY, YY, MM, DD or zeros.")
    elif any(each.isspace() and each != " " for each in pattern) or pattern != " ".join(pattern.split()):
        problem = _("Spaces stand only between other characters, one at a time.")
    elif len(format_number(pattern, 10**_MOST_DIGITS - 1, dt.date(2026, 12, 31))) > LONGEST:
        problem = _("At most %(count)d characters.") % {"count": LONGEST}
    if problem:
        raise DomainError(problem, fields={"pattern": problem})
    has_year = "YYYY" in parts or "YY" in parts
    if reset not in RESETS:
        problem = _("Choose one of the list.")
    elif reset == YEARLY and not has_year:
        problem = _("To begin again each year, the year must be in the pattern.")
    elif reset == MONTHLY and not (has_year and "MM" in parts):
        problem = _("To begin again each month, year and month must be in the pattern.")
    if problem:
        raise DomainError(problem, fields={"reset": problem})


def format_number(pattern: str, counter: int, day: dt.date) -> str:
    """The number: zeros say how many digits the counter has at least."""

    def part(found: re.Match[str]) -> str:
        name = found[1]
        if name.startswith("0"):
            return str(counter).zfill(len(name))
        return {
            "YYYY": f"{day.year:04d}",
            "YY": f"{day.year % 100:02d}",
            "MM": f"{day.month:02d}",
            "DD": f"{day.day:02d}",
        }[name]

    return _PART.sub(part, pattern)


def period_of(reset: str, day: dt.date) -> str:
    """Which counter counts on this day: '', '2026' or '2026-11'."""
    if reset == YEARLY:
        return f"{day.year:04d}"
    return f"{day.year:04d}-{day.month:02d}" if reset == MONTHLY else ""
