"""Fields of every kind on accounts, and how each is written, read, shown and filtered."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from core.records.types import record_type
from crm.customize.models import PicklistItem
from crm.customize.services.picklists import forget_options
from crm.fields.models import CustomField, FieldKind
from crm.fields.rules.definitions import picklist_key
from crm.fields.services.making import FieldForm, make_field


@dataclass(frozen=True)
class Case:
    """typed: as on a form. value: as kept. shown: in English. matching, missing: filters (operator.value)."""

    kind: str
    typed: str
    value: Any
    shown: str
    matching: str
    missing: str
    options: dict | None = None
    api: Any = None


CASES = [
    Case("text", "  Size  L ", "Size L", "Size L", "contains.ize", "contains.xx"),
    Case("long_text", "one\r\ntwo", "one\ntwo", "one\ntwo", "contains.two", "contains.three"),
    Case("number", "1,234.50", Decimal("1234.50"), "1,234.50 kg", "gte.1234.5", "gte.1234.51",
         {"decimals": "2", "unit": "kg"}, "1234.50"),
    Case("money", "99999999999999.99", Decimal("99999999999999.99"), "$99,999,999,999,999.99",
         "is.99999999999999.99", "lte.5", None, "99999999999999.99"),
    Case("percent", "12.5", Decimal("12.5"), "12.5%", "lte.12.5", "gte.13", {"decimals": "1"}, "12.5"),
    Case("date", "2026-03-01", dt.date(2026, 3, 1), "1 Mar 2026", "gte.2026-03-01", "lte.2026-02-28",
         None, "2026-03-01"),
    Case("moment", "2026-03-01T08:30", dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC), "1 Mar 2026, 08:30",
         "gte.2026-03-01", "lte.2026-02-28", None, "2026-03-01T08:30:00+00:00"),
    Case("time", "9:30 pm", dt.time(21, 30), "21:30", "gte.21:00", "lte.9:30", None, "21:30"),
    Case("yes_no", "yes", True, "Yes", "is.yes", "is.no"),
    Case("phone", "+44 113 496 0000", "+44 113 496 0000", "+44 113 496 0000", "contains.113", "contains.999"),
    Case("mail", "Ada@Example.com", "ada@example.com", "ada@example.com", "is.ADA@example.com", "is.b@x.example"),
    Case("web", "example.com/x", "https://example.com/x", "https://example.com/x", "contains.example", "empty."),
    Case("address", "1 High St\nLeeds", "1 High St\nLeeds", "1 High St\nLeeds", "contains.leeds", "empty."),
]  # fmt: skip


def new_field(workspace, kind: str, label: str = "", *, on: str = "account", **given: Any) -> CustomField:
    """A field of the kind on a record type. given: parts of FieldForm."""
    form = FieldForm(label=label or f"My {kind}", **given)
    field, _batch = make_field(record_type(on), FieldKind(kind), given=form, by=workspace.owner)
    return field


def choices(field: CustomField, *labels: str) -> list[PicklistItem]:
    """Options of a choice field."""
    picklist = picklist_key(field.record_type, field.name)
    made = [
        PicklistItem.objects.create(picklist=picklist, label=label, position=n)
        for n, label in enumerate(labels)
    ]
    forget_options(picklist)
    return made


@pytest.fixture(params=CASES, ids=lambda case: case.kind)
def case(request) -> Case:
    return request.param


@pytest.fixture
def owner_client(workspace, client_of):
    return client_of(workspace, workspace.owner)
