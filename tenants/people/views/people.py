"""Settings → People: who is here, who is invited, and what may be done about it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.entitlements import Limit, against_growth, limit_of
from core.errors import DomainError
from core.tenancy.scope import current_snapshot
from tenants.people.forms import InviteForm, PlaceholderForm, RoleForm, ToPersonForm, with_problems
from tenants.people.invitations import (
    invite_people,
    invite_placeholder,
    resend_invitation,
    withdraw_invitation,
)
from tenants.people.membership import (
    change_role,
    hand_over_workspace,
    reactivate_person,
)
from tenants.people.models import Invitation, Role, User
from tenants.people.pictures import picture_url
from tenants.people.rights import require_administrator, require_owner
from tenants.people.roles.services import value_of
from tenants.people.security.confirming import kept_values, needs_confirmation
from tenants.people.selectors import is_expired, open_invitations, visible_people
from web.answers import go

_SHOWN = 500


@require_safe
@login_required
def settings_home(request: HttpRequest) -> HttpResponse:
    """The first page of settings that the person may see."""
    user: Any = request.user
    return redirect("workspace_settings" if user.may_administer else "profile")


@require_safe
@login_required
def people_settings(request: HttpRequest) -> HttpResponse:
    """Everybody of the workspace with their state."""
    user: Any = request.user
    require_administrator(user)
    people = (
        visible_people(to=user).select_related("team", "access_role").order_by("-is_active", "name_key", "id")
    )
    invitations = list(open_invitations(to=user))
    invited = {each.person_id for each in invitations}
    context = {
        "title": _("People"),
        "people": [_row(person, user, person.pk in invited) for person in people[:_SHOWN]],
        "invitations": [(each, is_expired(each)) for each in invitations],
        "active_count": sum(1 for each in people if each.is_active and not each.is_placeholder),
        # Why nobody can be invited or let in again now; '' when they can.
        "locked": against_growth(),
        "seats": limit_of(current_snapshot(), Limit.SEATS),
        "may_own": user.role == Role.OWNER,
    }
    return render(request, "tenants/people/people.html", context)


def _row(person: User, user: User, invited: bool) -> dict[str, Any]:
    within_power = person.role != Role.OWNER or user.role == Role.OWNER
    other = person.pk != user.pk
    return {
        "person": person,
        "picture": picture_url(person),
        "invited": invited,
        "may_change": within_power and other and not person.is_placeholder,
        "is_self": not other,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invite(request: HttpRequest) -> HttpResponse:
    """One or several people by mail."""
    require_administrator(request.user)  # type: ignore[arg-type]

    def send(form: forms.Form) -> HttpResponse:
        sent = invite_people(by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        text = ngettext("%(count)d invitation sent", "%(count)d invitations sent", len(sent))
        return go(request, _list_url(), text % {"count": len(sent)})

    form = InviteForm(request.POST or None, initial={"role": value_of(None)})
    words = {"title": _("Invite people"), "submit": _("Send invitations")}
    return _dialog(request, form, send, **words)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invite_person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """A placeholder gets a mail address and a link."""
    require_administrator(request.user)  # type: ignore[arg-type]
    person = _person(request, person_id)

    def send(form: forms.Form) -> HttpResponse:
        invite_placeholder(person, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        return go(request, _list_url(), _("Invitation sent to %(name)s") % {"name": person.name})

    form = PlaceholderForm(request.POST or None, initial={"role": value_of(None)})
    words = {
        "title": _("Invite %(name)s") % {"name": person.name},
        "intro": _("All records that stand under this name stay with the person."),
        "submit": _("Send invitation"),
    }
    return _dialog(request, form, send, **words)


@require_POST
@login_required
def resend(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    invitation = _invitation(request, invitation_id)
    resend_invitation(invitation, by=request.user)  # type: ignore[arg-type]
    return go(request, _list_url(), _("Sent again to %(mail)s") % {"mail": invitation.email})


@require_POST
@login_required
def withdraw(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    invitation = _invitation(request, invitation_id)
    withdraw_invitation(invitation, by=request.user)  # type: ignore[arg-type]
    return go(request, _list_url(), _("Invitation of %(mail)s withdrawn") % {"mail": invitation.email})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@needs_confirmation()
def set_role(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """What somebody may do, from the next request on."""
    require_administrator(request.user)  # type: ignore[arg-type]
    person = _person(request, person_id)

    def give(form: forms.Form) -> HttpResponse:
        change_role(person, role=form.cleaned_data["role"], by=request.user)  # type: ignore[arg-type]
        return go(request, _list_url(), _("Role of %(name)s changed") % {"name": person.name})

    held = person.role if person.role != Role.MEMBER else value_of(person.access_role)
    form = RoleForm(request.POST or None, initial={"role": held} | kept_values(request))
    words = {"title": _("Role of %(name)s") % {"name": person.name}, "submit": _("Save")}
    return _dialog(request, form, give, **words)


@require_POST
@login_required
def reactivate(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = _person(request, person_id)
    reactivate_person(person, by=request.user)  # type: ignore[arg-type]
    return go(request, _list_url(), _("%(name)s can sign in again") % {"name": person.name})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@needs_confirmation()
def hand_over_ownership(request: HttpRequest) -> HttpResponse:
    """The workspace itself to somebody else."""
    require_owner(request.user)  # type: ignore[arg-type]

    def give(form: forms.Form) -> HttpResponse:
        to = _chosen(request, form)
        hand_over_workspace(to=to, by=request.user)  # type: ignore[arg-type]
        return go(request, _list_url(), _("%(name)s owns the workspace now") % {"name": to.name})

    words = {
        "title": _("Hand over the workspace"),
        "intro": _("The chosen person becomes the owner, you become an administrator."),
        "submit": _("Hand over"),
    }
    form = ToPersonForm(request.POST or None, initial=kept_values(request))
    return _dialog(request, form, give, **words)


def _dialog(
    request: HttpRequest, form: Any, send: Callable[[Any], HttpResponse], **words: Any
) -> HttpResponse:
    """A form in the dialog, or on a page of its own where scripts are off."""
    if request.method == "POST" and form.is_valid():
        try:
            return send(form)
        except DomainError as error:
            with_problems(form, error.fields, error)
    context = {"form": form, "action": request.path, "cancel_url": _list_url(), "wide": "mails to", **words}
    template = "web/_form_dialog.html" if request.htmx else "web/form.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=422 if form.errors else 200)


def _chosen(request: HttpRequest, form: forms.Form) -> User:
    """The person picked in a form. Raises DomainError."""
    try:
        found = visible_people(to=request.user).filter(pk=UUID(form.cleaned_data["to"])).first()  # type: ignore[arg-type]
    except ValueError:
        found = None
    if found is None:
        message = _("Choose a person.")
        raise DomainError(message, fields={"to": message})
    return found


def _person(request: HttpRequest, person_id: UUID) -> User:
    return get_object_or_404(visible_people(to=request.user), pk=person_id)  # type: ignore[arg-type]


def _invitation(request: HttpRequest, invitation_id: UUID) -> Invitation:
    require_administrator(request.user)  # type: ignore[arg-type]
    return get_object_or_404(open_invitations(to=request.user), pk=invitation_id)  # type: ignore[arg-type]


def _list_url() -> str:
    return reverse("people_settings")
