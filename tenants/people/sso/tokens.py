"""From the code that a browser brings back to who it is (OpenID Connect Core 1.0, RFC 7636, RFC 9207)."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import jwt
from django.utils.translation import gettext as _

from core.sealing import Unsealable, unseal
from tenants.people.models import SignInService
from tenants.people.sso.errors import ServiceTrouble
from tenants.people.sso.fetching import ask
from tenants.people.sso.provider import Provider, key_for

PURPOSE = "sign-in-service"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signed with a key that only the service has; never `none`, never with a secret that both know."""
_LEEWAY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Claims:
    """What the service says of somebody. mail: lower case, '' when it names none."""

    subject: str
    mail: str = ""
    mail_is_verified: bool = False
    name: str = ""
    signed_in_at: int = 0


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def redeem(
    service: SignInService, provider: Provider, *, code: str, verifier: str, nonce: str, redirect_url: str
) -> Claims:
    """Who signed in there. Raises ServiceTrouble for whatever does not fit together."""
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_url,
        "client_id": service.client_id,
        "code_verifier": verifier,
    }
    answer = ask(
        provider.token, given=given | _secret_in_form(service, provider), **_secret_in_head(service, provider)
    )
    claims = _verified(service, provider, str(answer.get("id_token") or ""), nonce)
    if not claims.get("email") and provider.userinfo and answer.get("access_token"):
        claims |= _more_claims(provider, str(answer["access_token"]), str(claims["sub"]))
    return _claims(claims)


def _secret(service: SignInService) -> str:
    try:
        return unseal(service.sealed_secret, purpose=PURPOSE) if service.sealed_secret else ""
    except Unsealable as error:
        raise ServiceTrouble(
            _("The client secret can no longer be opened. Give it once more in the settings.")
        ) from error


def _secret_in_form(service: SignInService, provider: Provider) -> dict[str, str]:
    secret = _secret(service)
    return {"client_secret": secret} if secret and provider.by_post else {}


def _secret_in_head(service: SignInService, provider: Provider) -> dict[str, Any]:
    """RFC 6749, 2.3.1: both are form-encoded before they are joined."""
    secret = _secret(service)
    return (
        {"auth": (quote(service.client_id, safe=""), quote(secret, safe=""))}
        if secret and not provider.by_post
        else {}
    )


def _verified(service: SignInService, provider: Provider, token: str, nonce: str) -> dict[str, Any]:
    try:
        head = jwt.get_unverified_header(token)
        if head.get("alg") not in ALGORITHMS:
            raise ServiceTrouble(_("The service does not sign what it says in a way that can be checked."))
        claims = _decoded(service, provider, token, head)
    except jwt.ExpiredSignatureError as error:
        raise ServiceTrouble(
            _("What the service sent has expired. Check the clocks, and start again.")
        ) from error
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise ServiceTrouble(
            _("What the service sent is not signed by it, or is not meant for this workspace.")
        ) from error
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != service.client_id:
        raise ServiceTrouble(
            _("What the service sent is not signed by it, or is not meant for this workspace.")
        )
    if not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
        raise ServiceTrouble(_("What the service sent belongs to another sign-in. Start again."))
    return claims


def _decoded(service: SignInService, provider: Provider, token: str, head: dict[str, Any]) -> dict[str, Any]:
    trouble: Exception | None = None
    for key in key_for(provider, key_id=head.get("kid")):
        try:
            decoded: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[head["alg"]],
                audience=service.client_id,
                issuer=provider.issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
            return decoded
        except (jwt.InvalidSignatureError, jwt.InvalidKeyError, TypeError) as error:
            trouble = error  # a token without the id of its key may be signed with any of them
    raise trouble or jwt.InvalidTokenError("no key fits")


def _more_claims(provider: Provider, access_token: str, subject: str) -> dict[str, Any]:
    said = ask(provider.userinfo, headers={"Authorization": f"Bearer {access_token}"})
    if str(said.get("sub", "")) != subject:
        raise ServiceTrouble(
            _("What the service sent is not signed by it, or is not meant for this workspace.")
        )
    return {name: said[name] for name in ("email", "email_verified", "name") if name in said}


def _claims(claims: dict[str, Any]) -> Claims:
    subject = str(claims["sub"])
    if not 0 < len(subject) <= 255:
        raise ServiceTrouble(_("The service answers something that cannot be read."))
    moment = claims.get("auth_time")
    return Claims(
        subject=subject,
        mail=str(claims.get("email") or "").strip().lower()[:254],
        mail_is_verified=claims.get("email_verified") in (True, "true"),
        name=str(claims.get("name") or "").strip()[:120],
        signed_in_at=int(moment) if isinstance(moment, int | float) else 0,
    )
