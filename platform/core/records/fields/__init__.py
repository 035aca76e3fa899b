"""The kinds of field a record type is declared with.

A field knows four things: how text becomes its value (`parse`), how its value is shown (`text`, `html`),
what a list must select for it (`select`), and which filters fit (`operators`). Everything shared (lists,
forms, inline edit, import, export, API, search, history) is built on those.
"""

from core.records.fields.base import Field, Option, Section, Showing, labels_of
from core.records.fields.references import Choice, Choices, Group, Link, Person, Reference
from core.records.fields.texts import LongText, Mail, Phone, Text, Web
from core.records.fields.values import Date, ForeignMoney, Moment, Money, Number, Percent, TimeOfDay, YesNo

__all__ = [
    "Choice", "Choices", "Date", "Field", "ForeignMoney", "Group", "Link", "LongText", "Mail", "Moment", "Money",
    "Number", "Option", "Percent", "Person", "Phone", "Reference", "Section", "Showing", "Text", "TimeOfDay", "Web",
    "YesNo", "labels_of",
]  # fmt: skip
