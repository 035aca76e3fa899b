"""The people of a workspace. In the public schema the same user table holds operators."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.choices import TextChoices
from core.ids import uuid7
from core.records.text import sort_key
from core.tenancy.models import TenantModel

READY_NAMES = {
    "member": _("Member"),
    "executive": _("Executive"),
    "sales_manager": _("Sales manager"),
    "account_manager": _("Account manager"),
    "marketing": _("Marketing"),
    "service": _("Service agent"),
    "read_only": pgettext_lazy("role", "Read only"),
}


class Role(TextChoices):
    """Who runs the workspace: owner and administrators may everything. Members may what their access role says.

    SUPPORT is no role to give: an operator who was let in for support (tenants.console.support.person).
    """

    OWNER = "owner", pgettext_lazy("role", "Owner")
    ADMIN = "admin", _("Administrator")
    MEMBER = "member", _("Member")
    SUPPORT = "support", pgettext_lazy("role", "Support")


class AccessRole(TenantModel):
    """What members may do with records. key: of a ready role, '' for one that the workspace made itself.

    scopes: {record type or '*': {verb: scope}}, fields: {record type: {field: access}}, as in core.records.rights.
    Empty scopes of a ready role: nobody has changed it, it is what `tenants.people.roles.ready` says.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=30, blank=True)
    name = models.CharField(_("name"), max_length=60)
    scopes = models.JSONField(default=dict, blank=True)
    fields = models.JSONField(default=dict, blank=True)
    position = models.PositiveSmallIntegerField(default=100)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["position", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="role_name_unique"),
            models.UniqueConstraint(fields=["key"], condition=~models.Q(key=""), name="role_key_unique"),
        ]

    def __str__(self) -> str:
        return str(READY_NAMES.get(self.key, self.name))


def _role_name(role: str, access: AccessRole | None) -> str:
    return str(access) if role == Role.MEMBER and access is not None else str(Role(role).label)


class AssignableManager(models.Manager["User"]):
    """Whom a record may belong to: active people and placeholders."""

    def get_queryset(self) -> models.QuerySet["User"]:
        return super().get_queryset().filter(is_active=True)


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(
        self, email: str, password: str | None = None, *, hashed: str = "", **fields: Any
    ) -> "User":
        """A person who can sign in. email: stored in lower case, unique in the workspace.

        hashed: a password's hash made earlier, instead of the password.
        """
        user = self.model(email=email.strip().lower() or None, **fields)
        user.name_key = sort_key(user.name)
        if hashed:
            user.password = hashed
        else:
            user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username or "")


class User(TenantModel, AbstractBaseUser):
    """A person. A placeholder has no mail and takes no seat until invited.

    name_key: folded and romanised, for sorting and search. language, time_zone: '' means the workspace's.
    deactivated_at: when somebody took the person's access away (UTC).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("mail"), unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=120)
    name_key = models.CharField(max_length=240, db_index=True, blank=True, editable=False)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    access_role = models.ForeignKey(
        AccessRole, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("role")
    )
    team = models.ForeignKey(
        "people.Team", models.SET_NULL, null=True, blank=True, related_name="members", verbose_name=_("team")
    )
    manager = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="reports", verbose_name=_("manager")
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    avatar = models.FileField(_("picture"), upload_to="avatars/", blank=True)
    keyboard_shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_placeholder = models.BooleanField(default=False)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    mail_confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # While an administrator looks through a role's eyes; never stored.
    viewed_role: AccessRole | None = None

    objects = UserManager()
    assignable = AssignableManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        indexes = [models.Index(fields=["name_key", "id"], name="user_by_name")]
        constraints = [
            # Support takes no seat, signs in by no password and is assigned nothing.
            models.CheckConstraint(
                condition=~models.Q(role=Role.SUPPORT) | models.Q(is_active=False, email__isnull=True),
                name="support_takes_no_seat",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def may_administer(self) -> bool:
        """Owner or administrator: may invite, import, undo and change settings. Support sees what they see."""
        return (
            self.viewed_role is None
            and self.is_active
            and self.role in (Role.OWNER, Role.ADMIN, Role.SUPPORT)
        )

    @property
    def role_name(self) -> str:
        """What lists say: owner, administrator, or the access role."""
        return _role_name(self.role, self.access_role)

    def get_short_name(self) -> str:
        return self.name.split()[0] if self.name.isascii() and self.name else self.name


class Team(TenantModel):
    """A group of people; a regional office is a team. Teams form a tree; leader: who also sees what is theirs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    name_key = models.CharField(max_length=240, blank=True, editable=False)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    leader = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("team leader")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="team_name_unique")]

    def __str__(self) -> str:
        return self.name


class SalesTerritory(TenantModel):
    """A region, a trade, or one within the other; a part of `parent`. values: {field: [ids of options]}.

    Its people see its records beside what their role shows them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    values = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["name"], name="territory_name_unique")]

    def __str__(self) -> str:
        return self.name


class TerritoryMember(TenantModel):
    """Somebody who sees a territory, and those that are parts of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    territory = models.ForeignKey(SalesTerritory, models.CASCADE, related_name="memberships")
    person = models.ForeignKey(User, models.CASCADE, related_name="territories")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["territory", "person"], name="once_in_a_territory")]


class Invitation(TenantModel):
    """An offer to join, sent by mail. token_hash: SHA-256 of the secret in the link."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("mail"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    access_role = models.ForeignKey(
        AccessRole, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("role")
    )
    person = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="invitations")
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    @property
    def role_name(self) -> str:
        return _role_name(self.role, self.access_role)


class EntryCode(TenantModel):
    """A one-time code that carries somebody from sign-up into the workspace; stored hashed, 60 seconds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class WorkspaceSetting(TenantModel):
    """One setting of the workspace by its key, e.g. `onboarding`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=60, unique=True)
    value = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)
