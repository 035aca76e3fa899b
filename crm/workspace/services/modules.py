"""Switching modules on and off: what is off hides, nothing is deleted."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.history.context import change
from core.modules import module, modules
from crm.workspace.selectors.modules import TOPIC
from tenants.people.rights import require_administrator
from tenants.people.workspace_settings import keep_setting


def switch_module(key: str, *, on: bool, by: Any) -> UUID:
    """Seen from the next request on; returns the batch, which can be undone. Raises NotAllowed, DomainError.

    What needs it keeps its own switch: it comes back with this one.
    """
    require_administrator(by)
    if key not in {each.key for each in modules()}:
        raise DomainError(_("There is no such module."))
    words = {"module": module(key).label}
    label = _("Switched on the module “%(module)s”") if on else _("Switched off the module “%(module)s”")
    with change(label=label % words, by=by) as entry:
        keep_setting(f"{TOPIC}.{key}", on)
    return entry.batch
