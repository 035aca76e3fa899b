"""Who has access is decided on the people's own pages, never by taking an old decision back."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import NotAllowed
from core.history.models import Change
from core.records.types import record_types
from tenants.people.models import User, WorkspaceSetting
from tenants.people.security.policy import SETTING

# Columns that say who may sign in, as what.
_ACCESS = (
    "role",
    "access_role_id",
    "is_active",
    "email",
    "is_placeholder",
    "deactivated_at",
    "mail_confirmed_at",
)


def refuse_undo_of_access(batch: UUID, by: Any) -> None:
    """Raises NotAllowed when the batch gave, changed or took access; placeholders come and go freely."""
    changed = Q(op="U", new__has_any_keys=list(_ACCESS)) | Q(op="U", old__has_any_keys=list(_ACCESS))
    made_or_removed = Q(op="I", new__is_placeholder=False) | Q(op="D", old__is_placeholder=False)
    touched = Change.objects.filter(tx__batch=batch, relation=User._meta.db_table)
    policy = Change.objects.filter(tx__batch=batch, relation=WorkspaceSetting._meta.db_table)
    kept = Q(new__key=SETTING) | Q(old__key=SETTING)
    ids = WorkspaceSetting.objects.filter(key=SETTING).values("pk")
    if policy.filter(kept | Q(record_id__in=ids)).exists():
        raise NotAllowed(_("This changed what is asked of sign-in. Change it under Settings, Security."))
    if touched.filter(changed | made_or_removed).exists():
        raise NotAllowed(_("This changed who may sign in. Change it under Settings, People."))


def refuse_undo_to_leavers(batch: UUID, by: Any) -> None:
    """Raises NotAllowed when the undo would give records back to somebody who can no longer sign in."""
    owners = {kind.table: f"{kind.owner}_id" for kind in record_types() if kind.owner}
    for column in sorted(set(owners.values())):
        tables = [table for table, owner in owners.items() if owner == column]
        given = Change.objects.filter(tx__batch=batch, relation__in=tables, op__in=["U", "D"])
        held = given.filter(**{f"old__{column}__isnull": False})
        ids = set(held.values_list(f"old__{column}", flat=True).distinct())
        leaver = User.objects.filter(pk__in=ids, is_active=False).order_by("name_key").first()
        if leaver is not None:
            message = _(
                "This would give records back to %(name)s, who can no longer sign in. Let them in again first."
            )
            raise NotAllowed(message % {"name": leaver.name})
