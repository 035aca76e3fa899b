"""Working hours as people write them: '9:00–12:30, 13:30–18:00'. Pure."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.records.parsing import Unreadable
from core.working_time import DAY_MINUTES, Span

_SPAN = re.compile(r"(\d{1,2})(?:[:.：](\d{2}))?\s*[-–—~～至到]+\s*(\d{1,2})(?:[:.：](\d{2}))?")
_BETWEEN = re.compile(r"[,;，；、]|\s{2,}")

OFFICE_WEEK: tuple[tuple[Span, ...], ...] = (*[(Span(9 * 60, 17 * 60),)] * 5, (), ())
"""What counts until a workspace says otherwise: Monday to Friday, 9 to 17."""


def read_spans(text: str) -> tuple[Span, ...]:
    """In order; () for an empty text. Raises Unreadable for what is no span, or when two overlap or touch."""
    parts = [part.strip() for part in _BETWEEN.split(text.strip()) if part.strip()]
    spans = sorted((_read_span(part) for part in parts), key=lambda span: span.start)
    for one, other in zip(spans, spans[1:], strict=False):
        if other.start <= one.end:
            raise Unreadable(_("%(one)s and %(other)s overlap.") % {"one": _text(one), "other": _text(other)})
    return tuple(spans)


def _read_span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if not found:
        raise Unreadable(_("“%(text)s” is not a time such as 9:00–12:30.") % {"text": text[:40]})
    hours, minutes = (int(found[1]), int(found[3])), (int(found[2] or 0), int(found[4] or 0))
    start, end = (hour * 60 + minute for hour, minute in zip(hours, minutes, strict=True))
    if max(minutes) > 59 or end > DAY_MINUTES:
        raise Unreadable(_("“%(text)s” is not a time of day.") % {"text": text[:40]})
    if start >= end:
        raise Unreadable(_("“%(text)s” ends before it begins. Split a night at 24:00.") % {"text": text[:40]})
    return Span(start, end)


def spans_text(spans: Sequence[Span]) -> str:
    """What `read_spans` reads back: '9:00–12:30, 13:30–18:00'."""
    return ", ".join(_text(span) for span in spans)


def clock(minute: int) -> str:
    """Minutes since midnight as a clock shows them: '9:00', '24:00'."""
    return f"{minute // 60}:{minute % 60:02d}"


def _text(span: Span) -> str:
    return f"{clock(span.start)}–{clock(span.end)}"


def hours_text(minutes: int) -> str:
    """'37.5': hours with a decimal where they are not whole."""
    return f"{minutes / 60:g}"
