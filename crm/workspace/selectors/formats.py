"""How the workspace writes."""

from typing import Any

from crm.workspace.rules.formats import Formats, django_formats
from tenants.people.workspace_settings import setting

KEY = "formats"


def formats_now() -> Formats:
    """As it is set."""
    return Formats(**setting(KEY, {}))


def wishes() -> dict[str, Any]:
    """For core.formats."""
    return django_formats(formats_now())


def family_name_first() -> bool | None:
    """How first and last name of a file become one; None leaves it to how the name is written."""
    return {"given": False, "family": True}.get(formats_now().names)
