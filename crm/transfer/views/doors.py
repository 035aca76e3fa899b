"""Who comes into the pages of archives, and what the others are told."""

from typing import Any

from django.utils.translation import gettext as _

from core.errors import NotAllowed


def only_archivists(person: Any) -> None:
    """Raises NotAllowed for members: they export lists, not the whole workspace."""
    if not person.may_administer:
        raise NotAllowed(
            _("Only the owner and administrators can export the whole workspace. You can export any list.")
        )
