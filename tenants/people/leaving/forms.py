"""How what somebody owns is to be handed over, asked of an administrator."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenants.people.leaving.owned import Owned, receivers_beside
from tenants.people.leaving.rules import AS_ALL, FOLLOW, Rule, Wish
from tenants.people.models import Team, User
from web.pickers import SearchedSelect

RULES = [
    (Rule.ONE, _("All to one person"), _("Whoever takes over gets everything.")),
    (
        Rule.LEADER,
        _("To the team's leader"),
        _("Of the team that a record belongs to, or of the team above it."),
    ),
    (Rule.TURNS, _("In turn over a team"), _("Everybody of the team gets as many, give or take one.")),
    (
        Rule.TERRITORY,
        _("By territory"),
        _("In turn to the people of the territory that a record lies in, the narrowest first."),
    ),
]


class LeavingForm(forms.Form):
    """Field names: rule, to, team, leave_finished, and `type_<key>` for each type that the person owns."""

    rule = forms.ChoiceField(
        label=_("Rule"), choices=[(rule, label) for rule, label, _help in RULES], initial=Rule.ONE
    )
    to = forms.ChoiceField(
        label=_("Takes over"),
        widget=SearchedSelect,
        help_text=_("Also gets what a rule does not settle, so that nothing is left without an owner."),
        error_messages={"required": _("Choose a person."), "invalid_choice": _("Choose a person.")},
    )
    team = forms.ChoiceField(label=_("Team"), required=False, widget=SearchedSelect)
    leave_finished = forms.BooleanField(
        label=_("What is over keeps the name"),
        help_text=_(
            "Won and lost opportunities and done tasks stay as they are, for the figures of the past."
        ),
        required=False,
    )

    def __init__(self, *args: Any, person: User, owned: list[Owned], **named: Any) -> None:
        super().__init__(*args, **named)
        people = [(str(each.pk), each.name) for each in receivers_beside(person)]
        to, team = self._choices("to", people), self._choices("team", _teams())
        to.widget.attrs["data-label"], team.widget.attrs["data-label"] = to.label, team.label
        self.keys = [each.kind.key for each in owned]
        for each in owned:
            ways = [(AS_ALL, gettext("By the rule"))]
            if each.kind.anchors:
                ways.insert(0, (FOLLOW, gettext("Goes with what it hangs on")))
            label = str(each.kind.label_plural).capitalize()
            field = forms.ChoiceField(label=label, choices=[*ways, *people], required=False)
            field.widget = SearchedSelect(label=label)
            field.widget.choices = field.choices
            field.initial = ways[0][0]
            self.fields[f"type_{each.kind.key}"] = field

    @property
    def exceptions(self) -> list[forms.BoundField]:
        """The fields by type."""
        return [self[f"type_{key}"] for key in self.keys]

    @property
    def rules(self) -> list[tuple[str, Any, Any, bool]]:
        """(value, label, help, chosen)"""
        chosen = self["rule"].value()
        return [(str(rule), label, text, rule == chosen) for rule, label, text in RULES]

    def wish(self) -> Wish:
        """Of a form that is valid."""
        given = self.cleaned_data
        return Wish(
            rule=Rule(given["rule"]),
            to=UUID(given["to"]),
            team=UUID(given["team"]) if given["team"] else None,
            by_type={key: way for key in self.keys if (way := given[f"type_{key}"])},
            leave_finished=given["leave_finished"],
        )

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> Any:
        field: Any = self.fields[name]
        field.choices = [("", "—"), *choices]
        return field


def _teams() -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in Team.objects.order_by("name_key", "id").values_list("pk", "name")]
