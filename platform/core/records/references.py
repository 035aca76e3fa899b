"""What a written record refers to must be there, and be seen by who writes it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.records.fields import Link, Reference
from core.records.types import RecordType


def refuse_unknown_references(record_type: RecordType, values: Mapping[str, Any], *, by: Any) -> None:
    """values: what is about to be written, by attribute. One query for each reference among them.

    by: None for writes of the product itself, which see every record that is not in the bin.
    Raises DomainError naming the fields; without it the database would refuse the commit, without a word.
    """
    problems = {
        field.name: _("There is no such record here.")
        for field in record_type.fields
        if isinstance(field, Reference)
        and values.get(field.attribute) is not None
        and not _targets(field, by).filter(pk=values[field.attribute]).exists()
    }
    if problems:
        raise DomainError(_("Something this refers to is not here."), fields=problems)


def _targets(field: Reference, by: Any) -> QuerySet[Any]:
    if isinstance(field, Link) and by is not None:
        return field.target().visible(to=by)
    model = field.referred()
    # People who left keep what they have, but are given nothing new.
    return getattr(model, "assignable", model._default_manager).all()
