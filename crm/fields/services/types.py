"""The record types that a workspace made, as the rooms' own are declared."""

from functools import partial
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core.records.fields import Choice, Field, Group, LongText, Moment, Person, Section, Text
from core.records.types import Preset, RecordType
from crm.customize.services.picklists import picklist_choices
from crm.fields.models import CustomRecord
from crm.fields.rules.definitions import TypeDefinition, stage_list
from crm.fields.selectors import visible_custom_records


def record_type_of(one: TypeDefinition) -> RecordType:
    """The type as lists, forms, files and the API know it, before its own fields are added."""
    stages = [_stage(one)] if one.has_stages else []
    return RecordType(
        key=one.key,
        slug=one.slug,
        model=CustomRecord,
        fixed={"record_type": one.key},
        label=one.label,
        label_plural=one.label_plural,
        icon=one.icon,
        title="name",
        order="name",
        owner="owner",
        team="team",
        fields=[*_first(one), *stages, *_LAST],
        columns=["name", *(["stage"] if stages else []), "owner", "updated_at"],
        layout=[
            Section(_("Details"), ("name", *(["stage"] if stages else []), "owner", "team", "description"))
        ],
        subtitle=["stage"] if stages else [],
        facts=[*(["stage"] if stages else []), "last_activity_at"],
        duplicate_key=["name_key"],
        presets=[Preset(format_lazy(_("My {types}"), types=one.label_plural), "f=owner.me.")],
        in_menu=one.in_menu,
        visible=partial(visible_custom_records, one.key),
    )


def _first(one: TypeDefinition) -> list[Field]:
    label: Any = one.title_label or _("Name")
    return [
        Text(name="name", label=label, required=True, search=True, sort="name_key", aliases=("name", "名称"))
    ]


def _stage(one: TypeDefinition) -> Choice:
    choices = picklist_choices(stage_list(one.key))
    return Choice(name="stage", label=_("Stage"), column="stage_id", aliases=("status", "阶段"), **choices)


_LAST: list[Field] = [
    Person(name="owner", label=_("Owner"), icon="user", aliases=("负责人",)),
    Group(name="team", label=_("Team"), aliases=("团队",)),
    LongText(name="description", label=_("Description"), width="wide", aliases=("notes", "备注")),
    Moment(
        name="last_activity_at",
        label=_("Last activity"),
        read_only=True,
        importable=False,
        sort="last_activity_at",
    ),
    Moment(name="updated_at", label=_("Changed"), read_only=True, importable=False, sort="updated_at"),
]
