"""Settings → Roles: what each role may do, which fields it sees, and a look through its eyes."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.records.rights import (
    ACCESS_WORDS,
    ANY_TYPE,
    SCOPE_WORDS,
    VERB_WORDS,
    FieldAccess,
    Scope,
    Verb,
)
from core.records.types import RecordType
from tenants.people.forms import with_problems
from tenants.people.models import AccessRole, Role, User
from tenants.people.rights import require_administrator
from tenants.people.roles.ready import DEFAULT_ROLE
from tenants.people.roles.rights import scopes_of
from tenants.people.roles.services import (
    change_fields,
    change_scopes,
    copy_role,
    delete_role,
    guarded_types,
    reset_role,
)
from tenants.people.roles.viewing import VIEWING
from tenants.people.security.confirming import kept_values, needs_confirmation
from web.answers import go, show_form


@require_safe
@login_required
def roles_settings(request: HttpRequest) -> HttpResponse:
    """Every role with how many people have it."""
    require_administrator(request.user)  # type: ignore[arg-type]
    members = Q(people__is_active=True, people__role=Role.MEMBER)
    roles = list(AccessRole.objects.annotate(size=Count("people", filter=members)))
    active = User.objects.filter(is_active=True, is_placeholder=False)
    unassigned = active.filter(role=Role.MEMBER, access_role=None).count()
    rows = [
        (role, role.size + (unassigned if role.key == DEFAULT_ROLE else 0), _gist(role)) for role in roles
    ]
    context = {
        "title": _("Roles"),
        "administrators": active.filter(role__in=(Role.OWNER, Role.ADMIN)).count(),
        "rows": rows,
    }
    return render(request, "tenants/people/roles.html", context)


def _gist(role: AccessRole) -> str:
    """'sees all, edits own': of what is said of every type."""
    row = scopes_of(role).get(ANY_TYPE, {})
    words = {"see": _scope_word(row, Verb.SEE), "edit": _scope_word(row, Verb.EDIT)}
    return _("Sees: %(see)s · Edits: %(edit)s") % words


def _scope_word(row: dict[str, str], verb: Verb) -> str:
    given = row.get(verb, "")
    return str(SCOPE_WORDS[Scope(given)] if given in set(Scope) else SCOPE_WORDS[Scope.NONE])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@needs_confirmation()
def role_page(request: HttpRequest, role_id: UUID) -> HttpResponse:
    """Record types by verbs, a scope in each cell."""
    user: Any = request.user
    require_administrator(user)
    role = get_object_or_404(AccessRole, pk=role_id)
    if request.method == "POST":
        scopes = {
            key: {str(verb): request.POST.get(f"{key}.{verb}", "") for verb in Verb}
            for key, _kind in _matrix_types()
        }
        try:
            batch = change_scopes(role, scopes, name=request.POST.get("name", ""), by=user)
        except DomainError as error:
            return _show_role(request, role, problem=str(next(iter(error.fields.values()), error)))
        return go(request, request.path, _("Saved “%(title)s”") % {"title": role}, batch=batch)
    return _show_role(request, role)


def _show_role(request: HttpRequest, role: AccessRole, *, problem: str = "") -> HttpResponse:
    given = scopes_of(role)
    sent_before = kept_values(request)
    rows = []
    for key, kind in _matrix_types():
        row = given.get(key) or given.get(ANY_TYPE, {})
        label = str(kind.label_plural).capitalize() if kind else _("Everything else")
        sent = {
            verb: request.POST.get(f"{key}.{verb}")
            or sent_before.get(f"{key}.{verb}")
            or row.get(verb, "none")
            for verb in Verb
        }
        cells = [
            (f"{key}.{verb}", f"{label}: {VERB_WORDS[verb]}", VERB_WORDS[verb], _cell(kind, verb, sent[verb]))
            for verb in Verb
        ]
        held = role.fields.get(kind.key, {}) if kind else {}
        fields_url = reverse("role_fields", args=[role.pk, kind.key]) if kind else ""
        rows.append((label, cells, fields_url, len(held)))
    context = {
        "title": str(role),
        "role": role,
        "rows": rows,
        "verbs": list(VERB_WORDS.values()),
        "problem": problem,
        "wide": True,
    }
    return render(request, "tenants/people/role.html", context, status=422 if problem else 200)


def _matrix_types() -> list[tuple[str, RecordType | None]]:
    """(key, type) of each row; the last stands for the types that come later."""
    return [*((kind.key, kind) for kind in guarded_types()), (ANY_TYPE, None)]


def _cell(kind: RecordType | None, verb: Verb, given: str) -> list[tuple[str, Any, bool]]:
    """(value, label, chosen). What has no owner, and what is allowed or not, knows no scopes between."""
    if verb == Verb.CREATE or (kind is not None and not kind.owner):
        whole = verb not in (Verb.CREATE, Verb.SEE)
        allowed = given == Scope.ALL if whole else given not in ("", Scope.NONE)
        yes = _("Yes") if verb == Verb.CREATE else SCOPE_WORDS[Scope.ALL]
        no = _("No") if verb == Verb.CREATE else SCOPE_WORDS[Scope.NONE]
        return [(Scope.NONE, no, not allowed), (Scope.ALL, yes, allowed)]
    return [(scope, word, scope == given) for scope, word in SCOPE_WORDS.items()]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@needs_confirmation()
def role_fields(request: HttpRequest, role_id: UUID, key: str) -> HttpResponse:
    """Each field of a record type: hidden, read, or read and write."""
    user: Any = request.user
    require_administrator(user)
    role = get_object_or_404(AccessRole, pk=role_id)
    kind = next((each for each in guarded_types() if each.key == key), None)
    if kind is None:
        raise Http404
    problems: dict[str, Any] = {}
    if request.method == "POST":
        given = {
            each.name: request.POST.get(each.name, "") for each in kind.fields if each.name in request.POST
        }
        try:
            batch = change_fields(role, kind, given, by=user)
        except DomainError as error:
            problems = error.fields
        else:
            back = reverse("role", args=[role.pk])
            return go(request, back, _("Saved “%(title)s”") % {"title": role}, batch=batch)
    held = {**role.fields.get(kind.key, {}), **kept_values(request)}
    rows = []
    for each in kind.fields:
        chosen = request.POST.get(each.name) or held.get(each.name, FieldAccess.WRITE)
        must_show = each.required or each.name == kind.title
        choices = [
            (access, word, access == chosen)
            for access, word in ACCESS_WORDS.items()
            if not (must_show and access == FieldAccess.HIDDEN)
        ]
        rows.append((each.name, each.label, choices, problems.get(each.name, "")))
    title = _("%(role)s: fields of %(types)s") % {"role": role, "types": kind.label_plural}
    context = {"title": title, "role": role, "rows": rows}
    return render(request, "tenants/people/role_fields.html", context, status=422 if problems else 200)


class NewRoleForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    like = forms.ModelChoiceField(
        AccessRole.objects.none(), label=gettext_lazy("Begins as a copy of"), empty_label=None
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["like"].queryset = AccessRole.objects.all()  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def role_new(request: HttpRequest) -> HttpResponse:
    """A copy of another under a name of its own."""
    user: Any = request.user
    require_administrator(user)
    form = NewRoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            role = copy_role(form.cleaned_data["like"], name=form.cleaned_data["name"], by=user)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, reverse("role", args=[role.pk]), _("Saved “%(title)s”") % {"title": role})
    return _form(request, form, title=_("New role"), submit=_("Make the role"), back="roles_settings")


class ReplaceRoleForm(forms.Form):
    to = forms.ModelChoiceField(
        AccessRole.objects.none(), label=gettext_lazy("Its people get the role"), empty_label=None
    )

    def __init__(self, *args: Any, but: AccessRole, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["to"].queryset = AccessRole.objects.exclude(pk=but.pk)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@needs_confirmation()
def role_delete(request: HttpRequest, role_id: UUID) -> HttpResponse:
    """Of the workspace's own; its people get another."""
    user: Any = request.user
    require_administrator(user)
    role = get_object_or_404(AccessRole, pk=role_id)
    form = ReplaceRoleForm(request.POST or None, but=role)
    if request.method == "POST" and form.is_valid():
        try:
            delete_role(role, to=form.cleaned_data["to"], by=user)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, reverse("roles_settings"), _("Deleted “%(title)s”") % {"title": role})
    title = _("Delete “%(title)s”") % {"title": role}
    return _form(request, form, title=title, submit=_("Delete"), back="roles_settings")


@require_POST
@login_required
@needs_confirmation(back="role", same=True)
def role_reset(request: HttpRequest, role_id: UUID) -> HttpResponse:
    """A ready role as it was at the start."""
    role = get_object_or_404(AccessRole, pk=role_id)
    batch = reset_role(role, by=request.user)  # type: ignore[arg-type]
    back = reverse("role", args=[role.pk])
    return go(request, back, _("The role is as it was at the start."), batch=batch)


@require_POST
@login_required
def view_as(request: HttpRequest, role_id: UUID) -> HttpResponse:
    """See the workspace as somebody with this role would; nothing can be changed meanwhile."""
    require_administrator(request.user)  # type: ignore[arg-type]
    request.session[VIEWING] = str(get_object_or_404(AccessRole, pk=role_id).pk)
    return redirect("/")


@require_POST
@login_required
def view_as_oneself(request: HttpRequest) -> HttpResponse:
    """Back to what one is."""
    viewed = request.session.pop(VIEWING, "")
    known = AccessRole.objects.filter(pk=viewed).exists() if viewed else False
    return redirect(reverse("role", args=[viewed]) if known else reverse("roles_settings"))


def _form(request: HttpRequest, form: forms.Form, *, title: str, submit: str, back: str) -> HttpResponse:
    context = {
        "form": form,
        "action": request.path,
        "cancel_url": reverse(back),
        "title": title,
        "submit": submit,
        "wide": "name like to",
    }
    return show_form(request, context, refused=form.errors)
