"""The second factor in this product's words: allauth does the work."""

from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.translation import gettext_lazy as _

from core.tenancy.scope import peek


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What allauth's forms of the second factor say, and what a telephone calls the account."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _("The second factor cannot be given up now."),
        "cannot_generate_recovery_codes": _("Recovery codes need an authenticator app first."),
        "incorrect_code": _("This code is not right. The app shows a new one every half minute."),
        "rate_limited": _("Too many attempts. Try again in a few minutes."),
    }

    def get_totp_issuer(self) -> str:
        """The workspace: who works in two of them has two lines in the app."""
        scope = peek()
        tenant = scope.snapshot if scope else None
        return (tenant.name if tenant else "") or super().get_totp_issuer()
