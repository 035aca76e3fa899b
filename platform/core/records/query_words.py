"""A question in words, for chips and titles."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.records.fields import Field
from core.records.queries import Group, Negation, Node, Referring, Test


def in_words(node: Node, name_of: Callable[[Field, str], str]) -> str:
    """'Stage is any of Customer or no opportunities (Amount at least 5)'. name_of: as in `Filter.describe`."""
    if isinstance(node, Test):
        before = "".join(f"{link.label}: " for link in node.links)
        return before + node.filter.describe(name_of)
    if isinstance(node, Negation):
        return pgettext("question", "not (%(part)s)") % {"part": in_words(node.part, name_of)}
    if isinstance(node, Group):
        between = pgettext("question", " and ") if node.join == "all" else pgettext("question", " or ")
        return between.join(_bracketed(part, name_of) for part in node.parts)
    return _referring(node, name_of)


def _bracketed(node: Node, name_of: Callable[[Field, str], str]) -> str:
    words = in_words(node, name_of)
    return f"({words})" if isinstance(node, Group) and len(node.parts) > 1 else words


def _referring(node: Referring, name_of: Callable[[Field, str], str]) -> str:
    words = {"types": str(node.other.label_plural)}
    said = _("some %(types)s") % words if node.wanted else _("no %(types)s") % words
    return f"{said} ({in_words(node.where, name_of)})" if node.where is not None else said
