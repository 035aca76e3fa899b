"""What operators need, in the public schema: facts, support access, what the installation tells and sends."""

from tenants.console.models.facts import TenantFacts
from tenants.console.models.installation import Announcement, ConsoleSetting, FeatureSwitch, SentMail
from tenants.console.models.support import SupportAccess, SupportPolicy, SupportRequest

__all__ = [
    "Announcement",
    "ConsoleSetting",
    "FeatureSwitch",
    "SentMail",
    "SupportAccess",
    "SupportPolicy",
    "SupportRequest",
    "TenantFacts",
]
