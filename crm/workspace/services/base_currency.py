"""Another base currency for the whole workspace."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from core.clock import today
from core.errors import DomainError
from core.exchange import RateBook
from core.history.context import change
from core.ids import uuid7
from core.outbox.sending import send_on_commit
from core.places import known_currency
from core.records.custom import COMPUTED, column_of, read_attribute, write_attribute
from core.records.fields import ForeignMoney, Money
from core.records.types import RecordType, record_types
from core.tenancy.scope import peek, workspace_zone
from crm.workspace.selectors.currencies import TOPIC, base_currency, rate_book
from crm.workspace.services.currencies import REPRICE
from tenants.people.rights import require_administrator
from tenants.people.workspace_settings import keep_setting, setting, settings_under
from tenants.signup.workspace import set_base_currency

CHANGED = "base_currency_changed"
_CHUNK = 1_000


def ask_for_base_currency(code: str, *, convert: bool, by: Any) -> None:
    """Have all amounts brought into another currency, or only called by it.

    convert: amounts are multiplied by today's rate and rounded; else their numbers stay, since they were in that
    currency all along. Raises NotAllowed, DomainError, NoRate; the work is a job.
    """
    require_administrator(by)
    if not known_currency(code) or code == base_currency():
        raise DomainError(_("Choose another currency of the list."))
    if convert:
        rate_book([code]).factor(base_currency(), code, today(workspace_zone()))
    with change(label=_("Asked for %(code)s as the base currency") % {"code": code}, by=by):
        send_on_commit("workspace.change_base_currency", str(uuid7()), code, int(convert))


def change_base_currency(code: str, *, convert: bool, change_id: str) -> int:
    """How many records got other amounts. Called again with the same change_id it converts nothing a second time."""
    before = base_currency()
    count = 0
    if before != code and setting(CHANGED) != change_id:
        with change(label=_("Made %(code)s the base currency") % {"code": code}):
            if convert:
                count = _convert_everything(rate_book([code]), before, code)
            keep_setting(f"{TOPIC}.{before}", True)
            keep_setting(CHANGED, change_id)
    set_base_currency(code)
    send_on_commit("workspace.reprice_everything")
    return count


def reprice_everything() -> list[str]:
    """Amounts in each known currency follow what they are worth in the base currency as it is now."""
    codes = sorted(settings_under(TOPIC))
    for code in codes:
        send_on_commit(REPRICE, code)
    return codes


def _convert_everything(book: RateBook, before: str, code: str) -> int:
    day, count = today(workspace_zone()), 0
    if scope := peek():
        scope.memo.clear()
    for kind in record_types():
        if attributes := _amounts_of(kind):
            for ids in _chunks(kind, attributes):
                _convert_chunk(kind, ids, attributes, lambda amount: book.convert(amount, before, code, day))
                count += len(ids)
    return count


def _amounts_of(kind: RecordType) -> list[str]:
    """Attributes with amounts in the base currency that people entered, own fields of the workspace among them."""
    columns = {column.attname for column in kind.model._meta.concrete_fields} - {COMPUTED}
    return [
        field.attribute
        for field in kind.fields
        if type(field) is Money and column_of(field.attribute) in columns
    ]


def _chunks(kind: RecordType, attributes: list[str]) -> Iterable[list[Any]]:
    """All records with an amount, the bin included, without those whose amount follows from another currency."""
    filled = models.Q()
    for attribute in attributes:
        filled |= models.Q(**{f"{attribute}__isnull": False})
    rows = kind.everything().filter(filled)
    for field in kind.fields:
        if isinstance(field, ForeignMoney):
            rows = rows.exclude(**{f"{field.attribute}__isnull": False})
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def _convert_chunk(
    kind: RecordType, ids: list[Any], attributes: list[str], worth: Callable[[Decimal], Decimal]
) -> None:
    found = list(kind.everything().select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    for record in found:
        for attribute in attributes:
            amount = read_attribute(record, attribute)
            if amount is not None:
                write_attribute(record, attribute, worth(Decimal(amount)))
    kind.model._base_manager.bulk_update(found, sorted({column_of(each) for each in attributes}))
    kind.derive_many(ids)
