"""The API's document tells of what is there: nothing of modules that are off."""

from typing import Any

from core.modules import off_module_of_type


def without_hidden_types(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """drf-spectacular's PREPROCESSING_HOOKS: (path, its pattern, method, view) of each endpoint."""
    return [each for each in endpoints if not off_module_of_type(_record_type(each[3]))]


def _record_type(view: Any) -> str:
    kind = getattr(getattr(view, "cls", None), "kind", None)
    return kind.key if kind is not None else ""
