"""What is asked of a field: one form a kind, and one for what is said of a field in the layout."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.records.fields import Choice, Moment, Number, YesNo
from core.records.types import RecordType, incoming_links
from crm.fields.models import CustomField, FieldKind
from crm.fields.rules.definitions import COMPUTED_KINDS, RESULTS, SORTABLE_KINDS, TEXT_KINDS
from crm.fields.rules.layouts import Conditions, FieldRule
from crm.fields.selectors import linkable_types
from crm.fields.services.making import FieldForm
from web.pickers import SearchedMultiple, SearchedSelect

_OPTIONS = {
    FieldKind.NUMBER: ("decimals", "unit", "minimum", "maximum"),
    FieldKind.MONEY: ("minimum", "maximum"),
    FieldKind.PERCENT: ("decimals", "minimum", "maximum"),
    FieldKind.LINK: ("target", "related"),
    FieldKind.FORMULA: ("text", "result", "decimals"),
    FieldKind.ROLL_UP: ("through", "function", "field", "query"),
}
_FIXED_LATER = ("target", "result")
_RESULT_WORDS = {
    "number": FieldKind.NUMBER, "money": FieldKind.MONEY, "percent": FieldKind.PERCENT, "text": FieldKind.TEXT,
    "date": FieldKind.DATE, "yes_no": FieldKind.YES_NO,
}  # fmt: skip


class OwnFieldForm(forms.Form):
    """A field of the workspace's own. stored: the one that is changed, None for a new one."""

    label = forms.CharField(max_length=80)
    help = forms.CharField(max_length=200, required=False)
    required = forms.BooleanField(required=False)
    searched = forms.BooleanField(required=False)
    sorted = forms.BooleanField(required=False)

    def __init__(
        self, kind: RecordType, field_kind: FieldKind, data: Any = None, stored: CustomField | None = None
    ) -> None:
        decimals = 2 if field_kind == FieldKind.FORMULA else 0
        initial: dict[str, Any] = {"decimals": decimals, "related": True}
        if stored is not None:
            initial = {**stored.options, **_initial(stored)}
        super().__init__(data, initial=initial)
        self.kind, self.field_kind = kind, field_kind
        self.fields["label"].label = _("Name")
        self.fields["help"].label = _("Help")
        self.fields["help"].help_text = _("A sentence below the field, for whoever fills it in.")
        self.fields["required"].label = _("Needed")
        self.fields["searched"].label = _("Found by search")
        self.fields["sorted"].label = _("Lists can be sorted by it")
        self._leave_out()
        for name in _OPTIONS.get(field_kind, ()):
            self.fields[name] = _OPTION_FIELDS[name](kind)
            if stored is not None and name in _FIXED_LATER:
                self.fields[name].disabled = True
        if field_kind in (FieldKind.CHOICE, FieldKind.CHOICES) and stored is None:
            self.fields["choices"] = forms.CharField(
                label=_("Choices"),
                required=False,
                help_text=_("One a line."),
                widget=forms.Textarea(attrs={"rows": 5}),
            )
        self.order_fields(
            ["label", *_OPTIONS.get(field_kind, ()), "choices", "help", "required", "searched", "sorted"]
        )

    def _leave_out(self) -> None:
        if self.field_kind in (*COMPUTED_KINDS, FieldKind.YES_NO):
            del self.fields["required"]
        if self.field_kind not in TEXT_KINDS:
            del self.fields["searched"]
        if self.field_kind not in SORTABLE_KINDS:
            del self.fields["sorted"]

    def given(self) -> FieldForm:
        """What was said, for the service; texts as they were typed."""
        said: Mapping[str, Any] = self.cleaned_data
        options = {name: said.get(name, "") for name in _OPTIONS.get(self.field_kind, ())}
        return FieldForm(
            label=said["label"],
            help=said.get("help", ""),
            required=bool(said.get("required")),
            searched=bool(said.get("searched")),
            sorted=bool(said.get("sorted")),
            options=options,
        )

    def choice_labels(self) -> list[str]:
        """The choices that were typed, each once."""
        lines = (" ".join(line.split())[:80] for line in self.cleaned_data.get("choices", "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))


def _initial(stored: CustomField) -> dict[str, Any]:
    found = {
        "label": stored.label, "help": stored.help, "required": stored.required, "searched": stored.searched,
        "sorted": stored.ordering != "none",
    }  # fmt: skip
    if stored.kind == FieldKind.ROLL_UP:
        found["through"] = f"{stored.options['of']}.{stored.options['through']}"
    return found


def _decimals(kind: RecordType) -> forms.Field:
    return forms.CharField(
        label=_("Decimals"), required=False, widget=forms.TextInput({"inputmode": "numeric"})
    )


def _unit(kind: RecordType) -> forms.Field:
    return forms.CharField(label=_("Unit"), required=False, max_length=12, help_text=_("kg, m², hours …"))


def _minimum(kind: RecordType) -> forms.Field:
    return forms.CharField(
        label=_("Smallest"), required=False, widget=forms.TextInput({"inputmode": "decimal"})
    )


def _maximum(kind: RecordType) -> forms.Field:
    return forms.CharField(
        label=_("Largest"), required=False, widget=forms.TextInput({"inputmode": "decimal"})
    )


def _target(kind: RecordType) -> forms.Field:
    choices = [(each.key, str(each.label_plural).capitalize()) for each in linkable_types()]
    return forms.ChoiceField(label=_("Refers to"), choices=choices)


def _related(kind: RecordType) -> forms.Field:
    return forms.BooleanField(label=_("List these records on the other's page"), required=False)


def _text(kind: RecordType) -> forms.Field:
    named = ", ".join(each.name for each in kind.fields if not each.covers)
    help_text = _(
        "As in a spreadsheet, with fields by their names: a * 0.2, IF(a > 10, “large”, “small”), DAYS(TODAY(), a)."
        " Here are: %(fields)s."
    )
    return forms.CharField(
        label=_("Formula"),
        max_length=1000,
        help_text=help_text % {"fields": named},
        widget=forms.Textarea({"rows": 3}),
    )


def _result(kind: RecordType) -> forms.Field:
    return forms.ChoiceField(
        label=_("Gives"), choices=[(each, _RESULT_WORDS[each].label) for each in RESULTS]
    )


def _through(kind: RecordType) -> forms.Field:
    choices = [
        (f"{other.key}.{link.name}", f"{str(other.label_plural).capitalize()} ({link.label})")
        for other, link in incoming_links(kind)
    ]
    return forms.ChoiceField(label=_("Sums up"), choices=choices)


def _function(kind: RecordType) -> forms.Field:
    words = [
        ("count", pgettext("roll-up", "How many")), ("sum", pgettext("roll-up", "Sum")),
        ("average", pgettext("roll-up", "Average")), ("least", pgettext("roll-up", "Smallest")),
        ("most", pgettext("roll-up", "Largest")),
    ]  # fmt: skip
    return forms.ChoiceField(label=_("How"), choices=words)


def _field(kind: RecordType) -> forms.Field:
    groups = []
    for other in {other.key: other for other, _link in incoming_links(kind)}.values():
        numbers = [
            (each.name, str(each.label))
            for each in other.fields
            if isinstance(each, Number) and not each.covers
        ]
        if numbers:
            groups.append((str(other.label_plural).capitalize(), numbers))
    return forms.ChoiceField(label=_("Of the field"), required=False, choices=[("", "—"), *groups])


def _query(kind: RecordType) -> forms.Field:
    help_text = _("Filter the list of those records as you need it and paste its address here.")
    return forms.CharField(
        label=_("Only those of this list"), required=False, max_length=2000, help_text=help_text
    )


_OPTION_FIELDS = {
    "decimals": _decimals, "unit": _unit, "minimum": _minimum, "maximum": _maximum, "target": _target,
    "related": _related, "text": _text, "result": _result, "through": _through, "function": _function,
    "field": _field, "query": _query,
}  # fmt: skip


class RuleForm(forms.Form):
    """What is said of one field: needed, needed at stages, shown only if another has a value."""

    needed = forms.BooleanField(required=False)

    def __init__(self, kind: RecordType, name: str, rule: FieldRule, data: Any = None) -> None:
        other, values = rule.shown_if[0] if rule.shown_if else ("", ())
        initial = {
            "needed": rule.required, "stages": list(rule.stages), "if_field": other, "if_values": list(values),
        }  # fmt: skip
        super().__init__(data, initial=initial)
        self.kind = kind
        field = kind.field(name)
        self.fields["needed"].label = _("Needed")
        if field.path or field.read_only:
            del self.fields["needed"]  # an own field says so itself
        stage = kind.by_name.get("stage")
        if isinstance(stage, Choice) and not field.read_only and name != "stage":
            options = [(option.value, option.label) for option in stage.options()]
            self.fields["stages"] = forms.MultipleChoiceField(
                label=_("Needed at the stages"),
                required=False,
                choices=options,
                widget=SearchedMultiple(_("Needed at the stages")),
            )
        self.fields["if_field"] = forms.ChoiceField(
            label=_("Shown only if"),
            required=False,
            choices=[("", _("always")), *((each.name, each.label) for each in _deciding(kind, name))],
            widget=SearchedSelect(_("Shown only if")),
        )
        self.fields["if_values"] = forms.MultipleChoiceField(
            label=_("has one of"), required=False, choices=_values(kind, name),
            widget=SearchedMultiple(_("has one of")),
            help_text=_("None chosen: if it is filled at all."),
        )  # fmt: skip

    def conditions(self) -> Conditions:
        """As `Field.shown_if`: none, or the one that was chosen."""
        name = self.cleaned_data["if_field"]
        if not name:
            return ()
        known = {value for value, _label in _values_of(self.kind, name)}
        return ((name, tuple(each for each in self.cleaned_data["if_values"] if each in known)),)


def _deciding(kind: RecordType, name: str) -> list[Any]:
    return [
        each for each in kind.fields if each.name != name and not isinstance(each, Moment) and not each.covers
    ]


def _values(kind: RecordType, name: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The values of each field that can decide, grouped by the field."""
    groups = [(str(each.label), _values_of(kind, each.name)) for each in _deciding(kind, name)]
    return [group for group in groups if group[1]]


def _values_of(kind: RecordType, name: str) -> list[tuple[str, str]]:
    field = kind.by_name.get(name)
    if isinstance(field, YesNo):
        return [("yes", _("Yes")), ("no", _("No"))]
    if isinstance(field, Choice):
        return [(option.value, str(option.label)) for option in field.options()]
    return []
