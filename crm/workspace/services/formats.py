"""Choosing how the workspace writes, and which languages its people may choose."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.history.context import change
from core.tenancy.scope import current_snapshot
from crm.workspace.rules.formats import Formats, unknown
from crm.workspace.selectors.formats import KEY
from tenants.people.languages import KEY as LANGUAGES_KEY
from tenants.people.rights import require_administrator
from tenants.people.workspace_settings import keep_setting


def set_formats(chosen: Formats, *, languages: Sequence[str], by: Any) -> UUID:
    """languages: codes that people may choose; the workspace's own is always among them.

    Raises NotAllowed, DomainError by field; returns the batch.
    """
    require_administrator(by)
    problems = dict.fromkeys(unknown(chosen), _("Choose one of the list."))
    known = [code for code, _name in settings.LANGUAGES]
    if set(languages) - set(known):
        problems["languages"] = _("Choose one of the list.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    offered = [code for code in known if code in languages or code == current_snapshot().language]
    with change(label=_("Changed languages and formats"), by=by) as entry:
        keep_setting(KEY, asdict(chosen))
        keep_setting(LANGUAGES_KEY, offered)
    return entry.batch
