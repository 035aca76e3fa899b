"""Who has access is decided on the people's own pages, never by taking an old decision back."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import NotAllowed
from core.history.models import Change
from tenants.people.models import User

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
    if touched.filter(changed | made_or_removed).exists():
        raise NotAllowed(_("This changed who may sign in. Change it under Settings, People."))
