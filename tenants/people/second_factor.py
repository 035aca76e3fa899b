"""The second factor in this product's words: allauth does the work."""

from typing import Any, ClassVar

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.limits import TooOften
from core.sealing import is_sealed, seal, unseal
from core.tenancy.scope import current, peek
from tenants.people.models import EventKind
from tenants.people.security.brakes import CODES, CODES_BY_ADDRESS
from tenants.people.security.events import note_event
from tenants.people.security.origin import client_ip
from tenants.people.security.policy import FACTORS, security_policy

_PURPOSE = "second-factor"


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What allauth's forms of the second factor say, and what a telephone calls the account."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "The second factor cannot be given up now: the workspace asks for one."
        ),
        "cannot_generate_recovery_codes": _("Recovery codes need an authenticator app or a passkey first."),
        "incorrect_code": _("This code is not right. The app shows a new one every half minute."),
        "rate_limited": _("Too many attempts. Try again in a few minutes."),
    }

    def get_totp_issuer(self) -> str:
        """The workspace: who works in two of them has two lines in the app."""
        return self._get_site_name()

    def _get_site_name(self) -> str:
        scope = peek()
        tenant = scope.snapshot if scope else None
        return (tenant.name if tenant else "") or "Guanxi"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys are made for the stored domain, whatever the Host header says."""
        scope = peek()
        domain = scope.snapshot.domain if scope and scope.snapshot else settings.GUANXI["BASE_HOST"]
        return {"id": domain.partition(":")[0], "name": self._get_site_name()}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last factor of somebody who is asked for one."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS)
        if others.exclude(pk=authenticator.pk).exists() or current().is_public:
            return True
        return not security_policy().asks(authenticator.user)

    def encrypt(self, text: str) -> str:
        """Nobody who gets hold of the rows alone can make codes of them."""
        return seal(text, purpose=_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Those that were stored before sealing are as they are."""
        return unseal(encrypted_text, purpose=_PURPOSE) if is_sealed(encrypted_text) else encrypted_text

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """For a passkey that nobody has given a name."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Passkey %(number)d") % {"number": count + 1}


class _Braked:
    """Wrong codes have to wait, whatever page they are given on."""

    user: Any

    def clean_code(self) -> str:
        who, address = str(self.user.pk), client_ip(context.request) or "unknown"
        try:
            CODES_BY_ADDRESS.attempt(address)
            CODES.attempt(who)
        except TooOften as error:
            note_event(EventKind.BRAKED, person=self.user, text=gettext("Code"))
            raise ValidationError(str(error), code=error.code)
        code: str = super().clean_code()  # type: ignore[misc]
        CODES.passed(who)
        CODES_BY_ADDRESS.take_back(address)
        return code


class BrakedAuthenticateForm(_Braked, AuthenticateForm):  # type: ignore[misc]
    """A code of the app, or a recovery code, as the second step of signing in."""


class BrakedReauthenticateForm(_Braked, ReauthenticateForm):  # type: ignore[misc]
    """The same before a step that matters."""
