"""What an unknown value probably meant: the most alike of the names there are."""

import difflib
from collections.abc import Sequence

from django.contrib.postgres.search import TrigramSimilarity

from core.records.fields import Choice, Field, Group, Link, Person
from core.records.text import sort_key
from tenants.people.models import Team, User

Suggestion = tuple[str, str]
_LEAST_ALIKE = 0.72
_SUGGESTED = 3
_LOOKED_UP = 60  # values a field; the rest is listed without suggestions
_CANDIDATES = 20
_SIMILARITY = 0.2


def suggestions_for(field: Field, texts: Sequence[str]) -> list[list[Suggestion]]:
    """For each text up to three (record id or choice, title), best first."""
    if isinstance(field, Link):
        return [_linked(field, text) if place < _LOOKED_UP else [] for place, text in enumerate(texts)]
    if isinstance(field, Choice):
        names = [(option.value, str(option.label)) for option in field.options()]
    elif isinstance(field, Person):
        names = [
            (str(pk), name) for pk, name in User.objects.filter(is_active=True).values_list("pk", "name")
        ]
    elif isinstance(field, Group):
        names = [(str(pk), name) for pk, name in Team.objects.values_list("pk", "name")]
    else:
        names = []
    return [_alike(text, names) if place < _LOOKED_UP else [] for place, text in enumerate(texts)]


def _linked(field: Link, text: str) -> list[Suggestion]:
    target = field.target()
    near = target.living().annotate(alike=TrigramSimilarity("name_key", sort_key(text)))
    near = near.filter(alike__gt=_SIMILARITY).order_by("-alike")
    return _alike(
        text, [(str(pk), title) for pk, title in near.values_list("pk", target.title)[:_CANDIDATES]]
    )


def _alike(text: str, names: Sequence[Suggestion]) -> list[Suggestion]:
    wanted = _compact(text)
    rated = [
        (difflib.SequenceMatcher(None, wanted, _compact(title)).ratio(), each, title) for each, title in names
    ]
    rated.sort(key=lambda row: -row[0])
    return [(each, title) for ratio, each, title in rated[:_SUGGESTED] if ratio >= _LEAST_ALIKE]


def _compact(text: str) -> str:
    return "".join(character for character in sort_key(text) if character.isalnum())
