"""Settings → Fields: what the records of a type hold, own fields made, changed and retired."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.records.fields import Field
from core.records.types import RecordType
from crm.customize.services.picklists import add_option
from crm.fields.forms import OwnFieldForm, RuleForm
from crm.fields.models import CustomField, FieldKind, Ordering
from crm.fields.rules.definitions import picklist_key
from crm.fields.rules.layouts import rule_of
from crm.fields.selectors import filled_count, layout_of, own_fields, shapeable_type, shapeable_types
from crm.fields.services.layouts import save_rule
from crm.fields.services.making import change_field, make_field, restore_field, retire_field
from crm.fields.views.preview import lines_of, preview_of
from tenants.people.forms import with_problems
from tenants.people.rights import require_administrator
from web.answers import go, show_form

_ICONS = {
    FieldKind.TEXT: "type", FieldKind.LONG_TEXT: "file-text", FieldKind.NUMBER: "hash",
    FieldKind.MONEY: "banknote", FieldKind.PERCENT: "percent", FieldKind.DATE: "calendar",
    FieldKind.MOMENT: "calendar-clock", FieldKind.TIME: "clock", FieldKind.YES_NO: "toggle-left",
    FieldKind.CHOICE: "circle-dot", FieldKind.CHOICES: "list-checks", FieldKind.LINK: "link-2",
    FieldKind.PERSON: "user", FieldKind.PHONE: "phone", FieldKind.MAIL: "mail", FieldKind.WEB: "globe",
    FieldKind.ADDRESS: "map-pin", FieldKind.FORMULA: "calculator", FieldKind.ROLL_UP: "sigma",
}  # fmt: skip


def home_of(key: str) -> str:
    return f"/settings/fields/{key}/"


def found_kind(request: HttpRequest, key: str) -> RecordType:
    """For administrators only. 404 for a type that takes no fields."""
    user: Any = request.user
    require_administrator(user)
    try:
        return shapeable_type(key)
    except KeyError:
        raise Http404


def found_field(request: HttpRequest, key: str, field_id: UUID) -> tuple[RecordType, CustomField]:
    """For administrators only. 404 for one that is not this type's."""
    kind = found_kind(request, key)
    stored = CustomField.objects.filter(record_type=key, pk=field_id).first()
    if stored is None:
        raise Http404
    return kind, stored


@require_safe
@login_required
def fields_home(request: HttpRequest) -> HttpResponse:
    """To the first record type."""
    user: Any = request.user
    require_administrator(user)
    return redirect(home_of(shapeable_types()[0].key))


@require_safe
@login_required
def type_fields(request: HttpRequest, key: str) -> HttpResponse:
    """The fields of one type in their layout, beside what the form looks like."""
    kind = found_kind(request, key)
    return render(request, "crm/fields/fields.html", page_of(kind))


def page_of(kind: RecordType, problem: str = "") -> dict[str, Any]:
    own = {each.name: each for each in own_fields(kind.key)}
    layout = layout_of(kind.key)
    return {
        "title": _("Fields"),
        "wide": True,
        "kind": kind,
        "tabs": [
            (str(each.label_plural).capitalize(), home_of(each.key), each.key == kind.key)
            for each in shapeable_types()
        ],
        "lines": [
            _described(kind, line, own, layout.rules if layout else {}) for line in lines_of(kind, layout)
        ],
        "is_changed": bool(layout and layout.sections),
        "retired": [(each, filled_count(kind, each)) for each in own_fields(kind.key, retired=True)],
        "preview": preview_of(kind),
        "problem": problem,
    }


def _described(
    kind: RecordType, line: Any, own: dict[str, CustomField], rules: dict[str, Any]
) -> dict[str, Any]:
    if not line.field:
        return {"line": line, "heading": True}
    field = kind.field(line.field)
    mine = own.get(field.name)
    return {
        "line": line,
        "field": field,
        "own": mine,
        "kind": mine.get_kind_display() if mine else "",  # type: ignore[attr-defined]
        "icon": _ICONS.get(mine.kind, "type") if mine else "lock",
        "marks": _marks(field, mine, rules),
    }


def _marks(field: Field, own: CustomField | None, rules: dict[str, Any]) -> list[Any]:
    rule = rule_of(rules, field)
    marks = [_("Needed")] if field.required else []
    marks += [_("Needed at stages")] if rule.stages else []
    marks += [_("Shown only if …")] if rule.shown_if else []
    if own is not None:
        marks += [_("Found by search")] if own.searched else []
        if own.kind != FieldKind.LINK and own.ordering != Ordering.NONE:
            marks.append(Ordering(own.ordering).label)
    return marks


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_field(request: HttpRequest, key: str) -> HttpResponse:
    """First which kind, then what it needs."""
    kind = found_kind(request, key)
    chosen = request.GET.get("kind", "")
    if chosen not in FieldKind.values:
        kinds = [(each.value, each.label, _ICONS[each]) for each in FieldKind]
        template = "crm/fields/_kinds.html" if getattr(request, "htmx", False) else "crm/fields/kinds.html"
        return render(request, template, {"title": _("New field"), "kind": kind, "kinds": kinds})
    field_kind = FieldKind(chosen)
    form = OwnFieldForm(kind, field_kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, batch = make_field(kind, field_kind, given=form.given(), by=request.user)
        except DomainError as error:
            with_problems(form, error.fields, error.message)
        else:
            for label in form.choice_labels():
                add_option(picklist_key(kind.key, made.name), label)
            return go(
                request, home_of(key), _("Made the field “%(name)s”") % {"name": made.label}, batch=batch
            )
    title = _("New field: %(kind)s") % {"kind": field_kind.label}
    return _form(request, form, title, _("Create"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_field(request: HttpRequest, key: str, field_id: UUID) -> HttpResponse:
    """Everything but its kind."""
    kind, stored = found_field(request, key, field_id)
    form = OwnFieldForm(kind, FieldKind(stored.kind), request.POST or None, stored)
    if request.method == "POST" and form.is_valid():
        try:
            batch = change_field(kind, stored.pk, given=form.given(), by=request.user)
        except DomainError as error:
            with_problems(form, error.fields, error.message)
        else:
            return go(request, home_of(key), _("Saved"), batch=batch)
    return _form(request, form, _("Change “%(title)s”") % {"title": stored.label}, _("Save"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def field_rule(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """When a field is needed, and when it is shown."""
    kind = found_kind(request, key)
    field = kind.by_name.get(name)
    if field is None:
        raise Http404
    layout = layout_of(key)
    form = RuleForm(kind, name, rule_of(layout.rules if layout else {}, field), request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            batch = save_rule(
                kind,
                name,
                required=said.get("needed", False),
                stages=said.get("stages", []),
                shown_if=form.conditions(),
                by=request.user,
            )
        except DomainError as error:
            with_problems(form, error.fields, error.message)
        else:
            return go(request, home_of(key), _("Saved"), batch=batch)
    return _form(request, form, _("When “%(title)s” is asked for") % {"title": field.label}, _("Save"))


def _form(request: HttpRequest, form: Any, title: str, submit: str) -> HttpResponse:
    wide = ("label", "help", "text", "choices", "query", "stages", "if_values", "through")
    context = {
        "title": title,
        "form": form,
        "submit": submit,
        "action": request.get_full_path(),
        "wide": wide,
        "cancel_url": "/settings/fields/",
    }
    return show_form(request, context, refused=form.errors)


@require_POST
@login_required
def field_retire(request: HttpRequest, key: str, field_id: UUID) -> HttpResponse:
    kind, _stored = found_field(request, key, field_id)
    batch = retire_field(kind, field_id, by=request.user)
    return go(request, home_of(key), _("Retired. Its values are kept."), batch=batch)


@require_POST
@login_required
def field_restore(request: HttpRequest, key: str, field_id: UUID) -> HttpResponse:
    kind, _stored = found_field(request, key, field_id)
    batch = restore_field(kind, field_id, by=request.user)
    return go(request, home_of(key), _("The field is back, with its values."), batch=batch)
