"""The bar above every page of a support access."""

import math

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clock import now
from tenants.console.models import SupportAccess
from tenants.console.models.support import Mode
from web.shell import Notice


def support_notice(access: SupportAccess) -> Notice:
    """Who, why, how long still, and the way out."""
    assert access.ends_at is not None
    minutes = max(0, math.ceil((access.ends_at - now()).total_seconds() / 60))
    left = ngettext("%(minutes)d minute left", "%(minutes)d minutes left", minutes) % {"minutes": minutes}
    what = _("only looking") if access.mode == Mode.READ_ONLY else _("may change things")
    text = _("Support access of %(name)s (%(what)s): %(reason)s. %(left)s.") % {
        "name": access.operator_name,
        "what": what,
        "reason": access.reason.rstrip(".。"),
        "left": left,
    }
    return Notice(text, "life-buoy", "violet", action=_("End"), post="/support/leave/")
