"""Selects that are searched by typing: their options are found by fragment, by pinyin and by initials."""

from typing import Any

from django import forms

from core.records.text import search_text

MOST_UNSEARCHED = 8  # options that one sees at a glance


class _Findable:
    """A select whose Chinese options carry how else they are called."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **kwargs)  # type: ignore[misc]
        if known_as := other_names(str(option["label"])):
            option["attrs"]["data-find"] = known_as
        return option


class SearchedSelect(_Findable, forms.Select):
    """label: names it where its own label is not seen."""

    def __init__(self, label: object = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.attrs |= {"data-picker": "", **({"data-label": str(label)} if label else {})}


class SearchedMultiple(_Findable, forms.SelectMultiple):
    """Several of many options. label: names it where the picker takes its own label away."""

    def __init__(self, label: object = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.attrs |= {"data-picker": "", **({"data-label": str(label)} if label else {})}


def other_names(text: str) -> str:
    """What finds a text besides the text itself: pinyin and initials of Chinese; '' for Latin."""
    return "" if text.isascii() else search_text(text)
