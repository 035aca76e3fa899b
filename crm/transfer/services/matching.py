"""Which rows are records that exist, and which stand in the file twice."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from core.records.custom import COMPUTED
from core.records.types import RecordType

Key = tuple[Any, ...]


def alternatives_of(kind: RecordType) -> list[tuple[str, ...]]:
    """The duplicate key as attributes: ['mail', 'name_key+account_id'] → [('mail',), ('name_key', …)]."""
    has_sort_key = any(field.name == "name_key" for field in kind.model._meta.concrete_fields)
    renamed = {kind.title: "name_key"} if has_sort_key else {}
    return [tuple(renamed.get(name, name) for name in each.split("+")) for each in kind.duplicate_key]


def stored_columns(kind: RecordType) -> list[str]:
    """Attributes of the columns that can be written: all but generated ones, and what is worked out afterwards."""
    columns = kind.model._meta.concrete_fields
    return [field.attname for field in columns if not field.generated and field.attname != COMPUTED]


class Matcher:
    """Finds the record of a row by the alternatives in order.

    An empty value never matches. A later alternative counts only where the earlier ones do not
    contradict: two contacts of one name with different mail addresses are two contacts.
    """

    def __init__(self, kind: RecordType) -> None:
        self.kind = kind
        self.alternatives = alternatives_of(kind)
        self.columns = stored_columns(kind)
        self._rows_by_key: dict[int, tuple[int, tuple[int, ...]]] = {}
        self._row_of_record: dict[UUID, int] = {}

    def match(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
        """For each row (values by attribute) the stored values of its record, or None."""
        found: list[dict[str, Any] | None] = [None] * len(rows)
        for place, names in enumerate(self.alternatives):
            wanted = {
                index: key
                for index, row in enumerate(rows)
                if found[index] is None and (key := key_of(row, names)) is not None
            }
            stored = self._stored(names, set(wanted.values())) if wanted else {}
            for index, key in wanted.items():
                candidates = stored.get(key, ())
                found[index] = next(
                    (each for each in candidates if self._agrees(rows[index], each, place)), None
                )
        return found

    def seen_before(self, row: Mapping[str, Any], number: int, record_id: UUID | None) -> int | None:
        """The number of an earlier row that is the same record; remembers this one."""
        found = [key_of(row, names) for names in self.alternatives]
        # 0 stands for an empty key, which neither matches nor contradicts.
        keys = tuple(0 if key is None else hash((place, key)) for place, key in enumerate(found))
        for place, key in enumerate(keys):
            earlier = self._rows_by_key.get(key) if key else None
            if earlier and all(
                a == b or not a or not b for a, b in zip(keys[:place], earlier[1], strict=False)
            ):
                return earlier[0]
        if record_id is not None and record_id in self._row_of_record:
            return self._row_of_record[record_id]
        for key in filter(None, keys):
            self._rows_by_key.setdefault(key, (number, keys))
        if record_id is not None:
            self._row_of_record[record_id] = number
        return None

    def _stored(self, names: tuple[str, ...], keys: set[Key]) -> dict[Key, list[dict[str, Any]]]:
        """key → stored values of the records that have it, the oldest first."""
        wanted = {f"{name}__in": {key[place] for key in keys} for place, name in enumerate(names)}
        stored: dict[Key, list[dict[str, Any]]] = {}
        for each in self.kind.living().filter(**wanted).order_by("id").values(*self.columns):
            stored.setdefault(tuple(each[name] for name in names), []).append(each)
        return stored

    def _agrees(self, row: Mapping[str, Any], stored: Mapping[str, Any], place: int) -> bool:
        for names in self.alternatives[:place]:
            key = key_of(row, names)
            there = key_of(stored, names)
            if key is not None and there is not None and key != there:
                return False
        return True


def key_of(row: Mapping[str, Any], names: tuple[str, ...]) -> Key | None:
    """The row's values under these attributes; None when one of them is empty."""
    key = tuple(row.get(name) for name in names)
    return None if any(value in (None, "") for value in key) else key
