"""Reading the people of a workspace."""

from django.db.models import QuerySet

from core.clock import now
from tenants.people.models import Invitation, Role, Team, User


def has_owner() -> bool:
    """Whether sign-up's second commit happened in this workspace."""
    return User.objects.filter(role=Role.OWNER).exists()


def active_people() -> QuerySet[User]:
    """Everybody who can sign in; each takes a seat."""
    return User.objects.filter(is_active=True, is_placeholder=False)


def seats_in_use() -> int:
    """An invitation takes one when it is accepted; placeholders take none."""
    return active_people().count()


def mails_of_active_people() -> list[str]:
    """Addresses that can sign in here."""
    return list(active_people().exclude(email=None).values_list("email", flat=True))


def mails_of_owners() -> list[str]:
    """Where the installation writes to when it concerns the workspace as a whole."""
    owners = active_people().filter(role=Role.OWNER).exclude(email=None).order_by("created_at")
    return list(owners.values_list("email", flat=True))


def assignable_people() -> QuerySet[User]:
    """Whom a record may belong to: active people and placeholders."""
    return User.assignable.order_by("name_key", "id")


def visible_people(*, to: User) -> QuerySet[User]:
    """Everybody of the workspace, placeholders and former people included; support is nobody of it."""
    return User.objects.exclude(role=Role.SUPPORT)


def visible_teams(*, to: User) -> QuerySet[Team]:
    """Every team, by name."""
    return Team.objects.order_by("name_key", "id")


def open_invitations(*, to: User) -> QuerySet[Invitation]:
    """Sent and not yet answered, newest first; expired ones too, since they can be sent again."""
    if not to.may_administer:
        return Invitation.objects.none()
    waiting = Invitation.objects.filter(accepted_at=None, withdrawn_at=None)
    return waiting.select_related("invited_by", "person", "access_role").order_by("-created_at")


def is_expired(invitation: Invitation) -> bool:
    """Whether its link has stopped working."""
    return invitation.expires_at <= now()
