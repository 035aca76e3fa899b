"""The security log (安全日志): who came in, who was kept out, and who changed what about either."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.choices import TextChoices
from core.clock import now
from core.ids import uuid7
from core.tenancy.models import TenantModel


class EventKind(TextChoices):
    """What happened."""

    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    BRAKED = "braked", _("Slowed down after failures")
    SIGNED_OUT = "signed_out", _("Signed out")
    SESSIONS_ENDED = "sessions_ended", _("Other sessions ended")
    CODE_FAILED = "code_failed", _("Wrong code")
    CODE_USED = "code_used", _("Recovery code used")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PASSWORD_RESET = "password_reset", _("Password reset by mail")
    MAIL_CHANGED = "mail_changed", _("Mail address changed")
    FACTOR_ADDED = "factor_added", _("Authenticator app set up")
    FACTOR_REMOVED = "factor_removed", _("Authenticator app removed")
    PASSKEY_ADDED = "passkey_added", _("Passkey added")
    PASSKEY_REMOVED = "passkey_removed", _("Passkey removed")
    CODES_MADE = "codes_made", _("Recovery codes made")
    INVITED = "invited", pgettext_lazy("security log", "Invited")
    JOINED = "joined", pgettext_lazy("security log", "Joined")
    ROLE_CHANGED = "role_changed", _("Role changed")
    RIGHTS_CHANGED = "rights_changed", _("Rights of a role changed")
    DEACTIVATED = "deactivated", pgettext_lazy("security log", "Deactivated")
    REACTIVATED = "reactivated", pgettext_lazy("security log", "Let in again")
    OWNER_CHANGED = "owner_changed", _("Workspace handed over")
    POLICY_CHANGED = "policy_changed", _("Security policy changed")
    SSO_CHANGED = "sso_changed", _("Sign-in by another service changed")
    SSO_LINKED = "sso_linked", _("Account linked")
    SUPPORT = "support", _("Support access")
    EXPORTED = "exported", _("Exported")
    CLOSED = "closed", _("Workspace closed")


class SecurityEvent(TenantModel):
    """One line. It is only ever added: the database refuses changes, and removal before 30 days.

    person: whom it concerns, by: who did it when that is somebody else; both by id and by the name at that time.
    text: what more there is to say, in the words of whoever did it. ip, agent: where the request came from.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(default=now, editable=False)
    kind = models.CharField(max_length=20, choices=EventKind)
    person_id = models.UUIDField(null=True)
    person_name = models.CharField(max_length=120, blank=True)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=120, blank=True)
    text = models.CharField(max_length=300, blank=True)
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "-id"], name="security_event_by_person"),
            models.Index(fields=["kind", "-id"], name="security_event_by_kind"),
            models.Index(fields=["at"], name="security_event_by_time"),
        ]
