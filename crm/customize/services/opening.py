"""The picklists a new workspace starts with."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from crm.customize.models import PicklistItem


def make_picklists(wanted: Mapping[str, Sequence[tuple[Any, str]]]) -> None:
    """In a new workspace. wanted: (label, tone) of the choices in order, by the list's key."""
    PicklistItem.objects.bulk_create(
        PicklistItem(picklist=picklist, label=str(label), position=position, tone=tone)
        for picklist, items in wanted.items()
        for position, (label, tone) in enumerate(items)
    )


def first_picklists() -> dict[str, Sequence[tuple[Any, str]]]:
    """Few and plain choices, in the language at hand."""
    plain = lambda *labels: [(label, "") for label in labels]  # noqa: E731
    return {
        "tier": [("A", "violet"), ("B", ""), ("C", "")],
        "trade": plain(
            _("Retail"), _("Technology"), _("Medical"), _("Manufacturing"), _("Finance"), _("Education"),
            _("Building"), _("Services"),
        ),
        "region": plain(_("North"), _("East"), _("South"), _("West")),
        "source": plain(
            _("Referral"), _("Website"), _("Fair"), _("Advertisement"), _("Cold call"), _("Partner")
        ),
        "lost_reason": plain(
            _("Price"), _("Competitor"), _("No budget"), _("No decision"), _("Timing"), _("Missing feature")
        ),
    }  # fmt: skip
