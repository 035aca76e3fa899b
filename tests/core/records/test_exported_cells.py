"""Files are made by COPY; each cell must be what the field itself makes of the value in Python."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import models
from django.utils import timezone, translation

from core.records.copying import FORMULA_STARTS, cells_of, copy_csv, csv_heading, guarded
from core.records.fields import Field, Showing
from core.records.types import RecordType, record_type, record_types
from crm.accounts.models import Account, Contact
from crm.activities.models import Task
from crm.customize.models import PicklistItem
from crm.customize.services.picklists import add_option
from crm.opportunities.models import Opportunity, Stage
from crm.products.models import Product
from crm.workspace.selectors.numbering import numbered_types
from crm.workspace.services.currencies import add_currency
from crm.workspace.services.numbering import set_numbering
from tenants.people.models import Team, User

pytestmark = pytest.mark.django_db

TEXTS = [
    "", "宁波 机械，有限公司", 'says "hello", twice', "two\nlines", "carriage\rreturn\r\n", "=cmd|' /C calc'!A0",
    "+44 113 496 0000", "-1", "@SUM(A1)", "\ttab", "\rstart", " =not at the start", "'quoted", "\\.", "NULL",
    "+44 113 call", "-5%", "Ünïcödé", "z%s %(x)s {y}", "0", "+", "A", "?", "９", "=",
]  # fmt: skip
MOMENTS = [
    None, dt.datetime(2026, 1, 5, 0, 0, tzinfo=dt.UTC), dt.datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
    dt.datetime(2024, 2, 29, 12, 5, tzinfo=dt.UTC), dt.datetime(1999, 7, 10, 9, 30, tzinfo=dt.UTC),
    *(dt.datetime(2026, month, 28, 16, 40, tzinfo=dt.UTC) for month in range(1, 13)),
]  # fmt: skip
DAYS = [None, dt.date(2026, 3, 1), dt.date(1931, 12, 31), dt.date(9999, 1, 1)]
AMOUNTS = [
    None,
    Decimal("0.00"),
    Decimal("-12.50"),
    Decimal("9999999999999999.99"),
    Decimal("0.01"),
    Decimal(7),
]
NUMBERS = [None, 0, -3, 30_000]
MODELS = (Account, Contact, Opportunity, Product, Task)


def _values(model: type[models.Model], number: int, options: dict[str, list[Any]]) -> dict[str, Any]:
    """Something strange in every column that takes it."""
    values: dict[str, Any] = {}
    for place, column in enumerate(model._meta.concrete_fields):
        turn = number + place
        if column.primary_key or getattr(column, "generated", False):
            continue
        if column.name in options:
            values[column.attname] = options[column.name][turn % len(options[column.name])]
        elif (
            column.is_relation or column.choices or column.name in {"deleted_at", "target_id", "target_type"}
        ):
            continue
        elif isinstance(column, models.CharField | models.TextField):
            text = TEXTS[turn % len(TEXTS)]
            values[column.name] = text[: column.max_length] if column.max_length else text
        elif isinstance(column, models.DateTimeField):
            values[column.name] = MOMENTS[turn % len(MOMENTS)]
        elif isinstance(column, models.DateField):
            values[column.name] = DAYS[turn % len(DAYS)]
        elif isinstance(column, models.DecimalField):
            values[column.name] = AMOUNTS[turn % len(AMOUNTS)]
        elif isinstance(column, models.BooleanField):
            values[column.name] = turn % 2 == 0
        elif isinstance(column, models.IntegerField):
            values[column.name] = NUMBERS[turn % len(NUMBERS)]
    return {name: value for name, value in values.items() if value is not None or _nullable(model, name)}


def _nullable(model: type[models.Model], name: str) -> bool:
    return model._meta.get_field(name.removesuffix("_id")).null


@pytest.fixture
def strange(workspace):
    """Records of every type with what files get wrong: formulas, quotes, lines, gaps, options out of use."""
    owner = workspace.owner
    User.objects.filter(pk=owner.pk).update(name='=Olive "O", 负责人')
    team = Team.objects.create(name="@North")
    User.objects.create(name="-Placeholder", is_placeholder=True, team=team, manager=owner)
    retired = add_option("trade", '=Retired, "still" shown')
    PicklistItem.objects.filter(pk=retired).update(retired=True)
    add_currency("EUR", rate="1.1", since="2026-01-01", by=owner)
    for kind in numbered_types():
        set_numbering(kind.key, on=True, pattern="N-{0000}", reset="never", by=owner)
    bad = Account.objects.create(name="=SUM(1)", name_key="sum", deleted_at=timezone.now())
    stage = Stage.objects.filter(outcome="open").first()
    Stage.objects.filter(pk=stage.pk).update(name="+Plus, 阶段")
    options: dict[str, list[Any]] = {
        "owner": [None, owner.pk], "team": [team.pk, None], "trade": [retired, None],
        "source": [None, add_option("source", "来源\nzwei")], "parent": [bad.pk, None],
        "account": [bad.pk, None, bad.pk],
        "stage": [stage.pk], "pipeline": [stage.pipeline_id], "outcome": ["open", "won"],
        "currency": ["EUR", "", "KWD"],
    }  # fmt: skip
    for model in MODELS:
        own = dict(options)
        if model is Account:
            own["stage"] = ["prospect", "gone", "customer"]
        model.objects.bulk_create(model(**_values(model, number, own)) for number in range(len(TEXTS)))


def _by_hand(
    kind: RecordType, columns: list[Field], rows: models.QuerySet[Any], guard: Any
) -> list[list[str]]:
    """Row by row in Python, as a list shows the values."""
    shown = Showing(currency="USD")
    lines = []
    for values in rows.order_by("pk").values_list(*(lookup for each in columns for lookup in each.select)):
        at, cells = 0, []
        for column in columns:
            taken = values[at : at + len(column.select)]
            at += len(column.select)
            exact = column.kind in {"number", "money", "percent", "date"}
            cells.append(column.raw(taken[0]) if exact else guard(column.told(shown)(taken)))
        lines.append(cells)
    return lines


def _always_guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _read(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode(), newline="")))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/St_Johns"])
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("key", [kind.key for kind in record_types()])
def test_every_cell_is_what_the_field_makes_of_the_value(strange, workspace, key, language, zone):
    kind = record_type(key)
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        for keep_numbers, guard in ((False, _always_guarded), (True, guarded)):
            body = io.BytesIO()
            rows = kind.visible(to=workspace.owner)
            copy_csv(rows, cells_of(kind.fields, keep_numbers=keep_numbers), body)
            wanted = _by_hand(kind, list(kind.fields), rows, guard)
            assert _read(body.getvalue()) == wanted
            assert len(wanted) > 1


@pytest.mark.parametrize("kind", record_types(), ids=lambda kind: kind.key)
def test_a_lists_file_holds_each_column_alone_too(strange, workspace, client_of, kind):
    client = client_of(workspace, workspace.owner)
    for column in kind.fields:
        answer = client.get(f"/{kind.slug}/export.csv?cols={column.name}")
        lines = _read(b"".join(answer.streaming_content).removeprefix(b"\xef\xbb\xbf"))
        with timezone.override(ZoneInfo(workspace.snapshot.time_zone)):
            wanted = _by_hand(kind, [column], kind.visible(to=workspace.owner), _always_guarded)
        assert lines == [[str(column.label)], *wanted], column.name


def test_options_out_of_use_and_records_in_the_bin_are_still_named(strange, workspace):
    body = io.BytesIO()
    kind = record_type("account")
    copy_csv(kind.visible(to=workspace.owner), cells_of([kind.field("trade"), kind.field("parent")]), body)
    trades, parents = (set(column) for column in zip(*_read(body.getvalue()), strict=True))
    assert ('\'=Retired, "still" shown' in trades, "'=SUM(1)" in parents) == (True, True)


def test_nothing_to_write_is_no_error(workspace):
    body = io.BytesIO()
    kind = record_type("account")
    copy_csv(kind.visible(to=workspace.owner).none(), cells_of(kind.fields), body)
    assert body.getvalue() == b""


def test_a_heading_is_marked_and_quoted():
    assert csv_heading(['a "b"', "名称"]) == '\ufeff"a ""b""",名称\n'.encode()
