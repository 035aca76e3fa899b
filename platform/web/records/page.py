"""The page of one record: head, tabs, next step, fields, and what refers to it."""

from collections import Counter
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.clock import now
from core.records.fields import Field
from core.records.models import Visit
from core.records.rights import Verb, as_seen_by, is_offered_new, may
from core.records.types import RecordType, incoming_links
from web.faces import picture_of
from web.records.access import showing, visible_record
from web.records.inline import field_line
from web.records.parts import actions_of, sides, tabs_of
from web.shell import Place

_RELATED_SHOWN = 5
_RELATED_COUNT_CAP = 100


@require_safe
@login_required
def record_page(request: HttpRequest, kind: RecordType, record_id: UUID, tab: str = "") -> HttpResponse:
    """`tab`: key of a part; '' opens the first."""
    record = visible_record(request, kind, record_id)
    tabs = tabs_of(kind)
    chosen = next((each for each in tabs if each.key == tab), tabs[0] if tabs and not tab else None)
    if tab and chosen is None:
        raise Http404
    context = _context(request, kind, record)
    context["tabs"] = [
        (each.label, _tab_url(kind, record, each.key, tabs[0].key), each.count(kind, record), each is chosen)
        for each in tabs
    ]
    if chosen is not None:
        context["tab_template"] = chosen.template
        context.update(chosen.context(request, kind, record))
    for side in sides():
        context.update(side.context(request, kind, record))
    context.update(kind.page_context(request, record))
    if getattr(request, "support", None) is None:  # who only looks leaves no trace in "recent"
        _remember_visit(request.user, kind, record)
    return render(request, kind.page_template, context)


def _context(request: HttpRequest, kind: RecordType, record: Any) -> dict[str, Any]:
    user = request.user
    editable = may(user, kind, Verb.EDIT, record) and kind.may_change(user, record)
    deletable = may(user, kind, Verb.DELETE, record) and kind.may_change(user, record)
    return {
        "kind": kind,
        "object": record,
        "crumb": Place(str(kind.label_plural).capitalize(), kind.list_url, kind.icon),
        "record": _head(kind, record),
        "primary": None,
        "actions": [*actions_of(request, kind, record), *_edit(kind, record, editable)],
        "menu": _menu(kind, record, editable, deletable),
        "facts": _facts(kind, record),
        "fields": [
            field_line(kind, record, field, editable=editable)
            for section in kind.layout
            for field in map(kind.field, section.fields)
            if field.value_of(record) not in (None, "", []) or field.is_shown(partial(kind.raw_of, record))
        ],
        "related": related_blocks(request, kind, record),
    }


def _edit(kind: RecordType, record: Any, editable: bool) -> list[Place]:
    if not (kind.creatable and editable):
        return []
    return [Place(_("Edit"), f"{kind.url_of(record.pk)}edit/", "pencil")]


def _head(kind: RecordType, record: Any) -> dict[str, Any]:
    title = kind.title_of(record)
    words = [
        text
        for name in kind.subtitle
        if (text := kind.field(name).text(kind.field(name).values_of(record), showing()))
    ]
    return {
        "title": title,
        "status": "",
        "status_tone": "",
        "sub": " · ".join(words),
        "avatar": title,
        "picture": picture_of(record.pk),
    }


def _facts(kind: RecordType, record: Any) -> list[tuple[Any, str, str]]:
    facts = []
    for name in kind.facts:
        field = kind.field(name)
        facts.append((field.label, field.text(field.values_of(record), showing()) or "—", ""))
    return facts


def _menu(kind: RecordType, record: Any, editable: bool, deletable: bool) -> list[Any]:
    menu: list[Any] = [
        {"label": verb.label, "icon": verb.icon, "post": reverse(verb.url_name, args=[record.pk])}
        for verb in kind.verbs
        if editable and verb.only_if(record)
    ]
    url = kind.url_of(record.pk)
    if kind.owner and kind.guarded and editable:
        menu.append(Place(_("Share…"), f"{url}share/", "users"))
    if kind.creatable and deletable:
        menu.append({"label": _("Delete"), "icon": "trash-2", "post": f"{url}delete/"})
    return menu


def related_blocks(request: HttpRequest, kind: RecordType, record: Any) -> list[dict[str, Any]]:
    """For each type that refers to this one: its newest records, how many, and a way to add one."""
    links = [
        (as_seen_by(other, request.user), link)
        for other, link in incoming_links(kind)
        if may(request.user, other, Verb.SEE)
    ]
    # Whoever may not see which record it refers to is not told by the block either.
    links = [(other, link) for other, link in links if link.name in other.by_name]
    found = [other.visible(to=request.user).filter(**{link.attribute: record.pk}) for other, link in links]
    shown = [_related_facts(other, link.name) for other, link in links]
    newest = [
        list(rows.order_by("-updated_at").values_list(*_lookups(other, facts))[: _RELATED_SHOWN + 1])
        for rows, (other, _link), facts in zip(found, links, shown, strict=True)
    ]
    counts = _counts(found, [len(rows) for rows in newest])
    blocks = []
    for (other, link), facts, rows, count in zip(links, shown, newest, counts, strict=True):
        blocks.append(
            {
                "label": str(other.label_plural).capitalize(),
                "count": f"{_RELATED_COUNT_CAP}+" if count > _RELATED_COUNT_CAP else count,
                "href": f"{other.list_url}?f={link.name}.any.{record.pk}",
                "create_url": f"/{other.slug}/new/?{link.name}={record.pk}"
                if is_offered_new(request.user, other)
                else "",
                "html": _related_html(other, facts, rows[:_RELATED_SHOWN]),
            }
        )
    return blocks


def _counts(found: list[QuerySet[Any]], read: list[int]) -> list[int]:
    """How many records each block has, up to the cap and one more: one query for those that have more than shown."""
    long = [
        rows.order_by().annotate(block=Value(number)).values_list("block")[: _RELATED_COUNT_CAP + 1]
        for number, rows in enumerate(found)
        if read[number] > _RELATED_SHOWN
    ]
    if not long:
        return read
    first, *rest = long
    counted = Counter(number for (number,) in (first.union(*rest, all=True) if rest else first))
    return [counted.get(number, few) for number, few in enumerate(read)]


def _related_facts(other: RecordType, through: str) -> list[Field]:
    """The two fields that stand below a related record's title."""
    return [other.field(name) for name in (*other.facts[:2], *other.subtitle) if name != through][:2]


def _lookups(other: RecordType, facts: list[Field]) -> list[str]:
    return ["pk", other.title, *(lookup for field in facts for lookup in field.select)]


def _related_html(other: RecordType, facts: list[Field], rows: list[tuple[Any, ...]]) -> SafeString:
    """rows: as `_lookups` reads them."""
    how = showing()

    def line(row: tuple[Any, ...]) -> tuple[str, str, str]:
        record_id, title, *values = row
        words, at = [], 0
        for field in facts:
            words.append(field.text(values[at : at + len(field.select)], how))
            at += len(field.select)
        return other.url_of(record_id), str(title), " · ".join(word for word in words if word)

    items = format_html_join(
        "",
        '<li class="py-1"><a class="link block truncate text-sm" href="{}"><bdi>{}</bdi></a>'
        '<p class="truncate text-xs text-muted"><bdi>{}</bdi></p></li>',
        map(line, rows),
    )
    return format_html("<ul>{}</ul>", items)


def _tab_url(kind: RecordType, record: Any, key: str, first: str) -> str:
    base = kind.url_of(record.pk)
    return base if key == first else f"{base}tab/{key}/"


def _remember_visit(user: Any, kind: RecordType, record: Any) -> None:
    """For "recent": one row a person and record, not part of any history."""
    Visit.objects.bulk_create(
        [Visit(person=user, record_id=record.pk, record_type=kind.key, at=now())],
        update_conflicts=True,
        unique_fields=["person", "record_id"],
        update_fields=["record_type", "at"],
    )
