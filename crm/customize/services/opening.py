"""The picklists a new workspace starts with."""

from django.utils.translation import gettext as _

from crm.customize.models import PicklistItem
from tenants.people.models import User


def make_first_picklists(owner: User) -> None:
    """Few and plain choices, in the workspace's language."""
    PicklistItem.objects.bulk_create(
        PicklistItem(picklist=picklist, label=label, position=position, tone=tone)
        for picklist, items in _first().items()
        for position, (label, tone) in enumerate(items)
    )


def _first() -> dict[str, list[tuple[str, str]]]:
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
