"""Django's TextChoices, told to the type checker: Django itself carries no types."""

import enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:

    class TextChoices(str, enum.Enum):
        """Members are (value, label); see Django's documentation of enumeration types."""

        label: Any
        choices: list[tuple[str, Any]]
        labels: list[Any]
        values: list[str]

        def __new__(cls, value: str, label: Any = "") -> "TextChoices": ...
else:
    from django.db.models import TextChoices

__all__ = ["TextChoices"]
