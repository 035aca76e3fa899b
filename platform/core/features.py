"""Switches of the operator: what code may ask for, and what each turns on. Evaluated into the host snapshot."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from core.tenancy.snapshot import Snapshot


class Switch(StrEnum):
    """The allow-list: a key that does not stand here cannot be switched.

    QUIET: of the operator's announcements only trouble is shown.
    """

    QUIET = "quiet"


SWITCH_WORDS = {Switch.QUIET: _("Quiet: of the announcements only trouble is shown")}


def is_on(tenant: Snapshot, switch: Switch) -> bool:
    """Whether the operator has turned it on for this tenant; off when nothing was said."""
    return bool(tenant.features.get(switch, False))
