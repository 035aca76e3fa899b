"""A record's field as a form control: one mapping for forms, inline edit, filters and mass edits."""

import json
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.ids import read_uuid
from core.records.fields import (
    Choice,
    Choices,
    Date,
    Field,
    Group,
    Link,
    LongText,
    Mail,
    Moment,
    Number,
    Person,
    Phone,
    Reference,
    TimeOfDay,
    Web,
    YesNo,
)
from core.records.types import RecordType
from web.pickers import MOST_UNSEARCHED, SearchedMultiple, SearchedSelect

_TYPES: list[tuple[type[Field], str]] = [
    (Moment, "datetime-local"),
    (Date, "date"),
    (Mail, "email"),
    (Phone, "tel"),
    (Web, "url"),
    (TimeOfDay, "time"),
]


def form_field(field: Field, *, shown: str = "", chosen: str = "") -> forms.Field:
    """A CharField in the right dress: reading the text stays with `Field.parse`.

    shown: what the current value of a link, person or team is called. chosen: the current value of a choice.
    """
    made = forms.CharField(
        label=field.label,
        help_text=field.help,
        required=field.required,
        widget=_widget(field, shown, chosen),
        strip=False,
    )
    # Read by web/assets/js/shown.js; without scripts every field is there, and the service knows all the same.
    made.shown_if = json.dumps(field.shown_if) if field.shown_if else ""  # type: ignore[attr-defined]
    return made


def picker_url(field: Field) -> str:
    """Where a picker asks for records, people or teams; '' for other fields."""
    if isinstance(field, Link):
        return f"/{field.target().slug}/pick/"
    if isinstance(field, Person):
        return "/people/pick/"
    if isinstance(field, Group):
        return "/teams/pick/"
    return ""


def input_type(field: Field) -> str:
    """The `type` of an <input> for this field."""
    return next((html for kind, html in _TYPES if isinstance(field, kind)), "text")


def choices_of(field: Field, chosen: str | None = None) -> list[tuple[str, Any]]:
    """(value, label) of a choice or yes-no field, the empty one first.

    chosen: what stands there now; of the options that are no longer offered only this one is among them.
    None: all of them, for filters.
    """
    if isinstance(field, YesNo):
        return [("no", _("No")), ("yes", _("Yes"))]
    if isinstance(field, Choice):
        stands = None if chosen is None else set(chosen.split(","))
        offered = [each for each in field.options() if each.offered or stands is None or each.value in stands]
        return [("", "—"), *((option.value, option.label) for option in offered)]
    return []


def build_form(
    kind: RecordType,
    record: Any | None,
    texts: dict[str, str],
    problems: dict[str, Any] | None = None,
    hidden: dict[str, str] | None = None,
) -> tuple[forms.Form, list[tuple[Any, list[forms.BoundField]]]]:
    """(form, sections with their bound fields) over `texts`, with the sentences of a refused attempt.

    hidden: further texts that travel with the form.
    """
    texts = {**texts, **(hidden or {})}
    form = forms.Form(initial=texts, auto_id="id_%s")
    for name in hidden or {}:
        form.fields[name] = forms.CharField(required=False, widget=forms.HiddenInput)
    for section in kind.layout:
        for name in section.fields:
            field = kind.field(name)
            if not field.read_only:
                shown = _shown(field, record) or title_of_id(field, texts.get(name, ""))
                form.fields[name] = form_field(field, shown=shown, chosen=texts.get(name) or "")
    if problems is not None:
        form = _with_problems(form, texts, problems)
    sections = [
        (section.label, [form[name] for name in section.fields if name in form.fields])
        for section in kind.layout
    ]
    return form, sections


def _with_problems(form: forms.Form, texts: dict[str, str], problems: dict[str, Any]) -> forms.Form:
    form.data, form.is_bound = texts, True
    # Not full_clean: the sentences come from the service, in one place for pages and API.
    form._errors = forms.utils.ErrorDict()  # type: ignore[attr-defined]
    form.cleaned_data = {}
    for name, sentence in problems.items():
        form.add_error(name if name in form.fields else None, str(sentence))
    return form


def _shown(field: Field, record: Any | None) -> str:
    if record is None or not isinstance(field, Reference):
        return ""
    values = field.values_of(record)
    return str(values[1] or "")


def title_of_id(field: Field, record_id: str) -> str:
    """What a linked record, person or team is called that a form starts with; '' when it is gone."""
    known = read_uuid(record_id)
    if known is None or not isinstance(field, Reference):
        return ""
    found = field.referred()._default_manager.filter(pk=known).values_list(field.title, flat=True).first()
    return str(found or "")


def _widget(field: Field, shown: str, chosen: str) -> forms.Widget:
    if isinstance(field, LongText):
        return forms.Textarea(attrs={"rows": 3})
    if isinstance(field, Choices):
        return SeveralChoices(field.label, choices=choices_of(field, chosen)[1:])
    if isinstance(field, Choice | YesNo):
        choices = choices_of(field, chosen)
        if len(choices) > MOST_UNSEARCHED:
            return SearchedSelect(field.label, choices=choices)
        return forms.Select(choices=choices)
    if source := picker_url(field):
        return Picker(source=source, label=str(field.label), shown=shown)
    attrs = {"inputmode": "decimal"} if isinstance(field, Number) else {}
    return forms.TextInput(attrs={"type": input_type(field), "autocomplete": "off", **attrs})


class SeveralChoices(SearchedMultiple):
    """Several of the options; its text divides them by commas, as `Field.raw` does."""

    def format_value(self, value: Any) -> list[str]:
        return str(value or "").split(",") if isinstance(value, str | None) else list(map(str, value))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return text_in(data, name)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        # A browser sends nothing at all of a list without a choice: then nobody could take the last one away.
        nothing = format_html('<input type="hidden" name="{}" value="">', name)
        return nothing + super().render(name, value, attrs, renderer)


def text_in(data: Any, name: str) -> str:
    """What a form sent for a field, as one text: of a list of choices all, divided by commas."""
    several = data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]
    return several[0] if len(several) == 1 else ",".join(filter(None, several))


class Picker(forms.Select):
    """A select that asks the server for records as one types; works with its one option without scripts."""

    def __init__(self, *, source: str, label: str, shown: str) -> None:
        super().__init__(attrs={"data-picker": "", "data-label": label, "data-source": source})
        self.shown = shown

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        current = value[0] if value else ""
        self.choices = [("", "")] + ([(current, self.shown or current)] if current else [])
        return super().optgroups(name, value, attrs)
