"""What the rooms put into a new workspace: the one visible list, called in this order by sign-up."""

from collections.abc import Callable
from typing import Any


def opening_steps() -> list[Callable[[Any], None]]:
    """Each is called inside the new workspace, in sign-up's own transaction, with its owner."""
    from crm.customize.services.opening import make_first_picklists
    from crm.opportunities.services.opening import make_first_pipeline
    from tenants.people.roles.seeding import make_first_roles

    return [make_first_roles, make_first_picklists, make_first_pipeline]
