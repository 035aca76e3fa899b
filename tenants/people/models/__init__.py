"""The people of a workspace, and what is kept about their coming and going."""

from tenants.people.models.leaving import HandOver, HandOverLine, HandOverState
from tenants.people.models.people import (
    READY_NAMES,
    AccessRole,
    AssignableManager,
    EntryCode,
    Invitation,
    Role,
    SalesTerritory,
    Team,
    TerritoryMember,
    User,
    UserManager,
    WorkspaceSetting,
)
from tenants.people.models.security import EventKind, SecurityEvent
from tenants.people.models.sso import OutsideIdentity, SignInService

__all__ = [
    "READY_NAMES",
    "AccessRole",
    "AssignableManager",
    "EntryCode",
    "EventKind",
    "HandOver",
    "HandOverLine",
    "HandOverState",
    "Invitation",
    "OutsideIdentity",
    "Role",
    "SalesTerritory",
    "SecurityEvent",
    "SignInService",
    "Team",
    "TerritoryMember",
    "User",
    "UserManager",
    "WorkspaceSetting",
]
