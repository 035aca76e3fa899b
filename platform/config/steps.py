"""What the rooms put into a new workspace: the one visible list, called in this order by sign-up."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenants.signup.trades import TradeChoice


def opening_steps() -> list[Callable[[Any, str], None]]:
    """Each is called inside the new workspace, in sign-up's own transaction, with its owner and a trade's key."""
    from crm.trades.services.applying import make_first_shape
    from tenants.people.roles.seeding import make_first_roles

    return [lambda owner, trade: make_first_roles(owner), make_first_shape]


def trades_offered() -> "list[TradeChoice]":
    """What the form to sign up offers; the general one first."""
    from django.utils.translation import gettext_lazy as _

    from crm.trades.rules.catalog import TEMPLATES
    from tenants.signup.trades import GENERAL, TradeChoice

    general = TradeChoice(
        GENERAL, _("General"), _("A plain pipeline and few choices; all of it can be shaped."), "layers"
    )
    return [
        general,
        *(
            TradeChoice(
                each.key,
                each.label,
                each.note,
                each.icon,
                tuple((stage.name, stage.outcome) for stage in each.pipelines[0].stages),
            )
            for each in TEMPLATES
        ),
    ]
