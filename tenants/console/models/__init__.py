"""What operators need, in the public schema: facts, support access, what the installation tells and sends."""

from tenants.console.models.desk import DailyFigures, ListLayout, SavedFilter, TenantLook
from tenants.console.models.facts import TenantFacts
from tenants.console.models.installation import Announcement, ConsoleSetting, FeatureSwitch, SentMail
from tenants.console.models.support import SupportAccess, SupportPolicy, SupportRequest

__all__ = [
    "Announcement",
    "ConsoleSetting",
    "DailyFigures",
    "FeatureSwitch",
    "ListLayout",
    "SavedFilter",
    "SentMail",
    "SupportAccess",
    "SupportPolicy",
    "SupportRequest",
    "TenantFacts",
    "TenantLook",
]
