"""Reading the people of a workspace."""

from django.db.models import QuerySet

from tenants.people.models import Role, User


def has_owner() -> bool:
    """Whether sign-up's second commit happened in this workspace."""
    return User.objects.filter(role=Role.OWNER).exists()


def active_people() -> QuerySet[User]:
    """Everybody who can sign in; each takes a seat."""
    return User.objects.filter(is_active=True, is_placeholder=False)


def assignable_people() -> QuerySet[User]:
    """Whom a record may belong to: active people and placeholders."""
    return User.objects.filter(is_active=True).order_by("name_key", "id")


def visible_people(*, to: User) -> QuerySet[User]:
    """Everybody of the workspace, placeholders and former people included."""
    return User.objects.all()
