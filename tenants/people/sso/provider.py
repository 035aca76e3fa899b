"""What the service says about itself: its endpoints and its keys (OpenID Connect Discovery 1.0, RFC 7517)."""

from dataclasses import dataclass
from typing import Any

import jwt
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from tenants.people.sso.errors import ServiceTrouble
from tenants.people.sso.fetching import ask, check_address

KEPT_SECONDS = 600
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Provider:
    """Endpoints, as the service names them. userinfo: '' when there is none. by_post: the secret goes in the form."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str = ""
    by_post: bool = False
    says_issuer: bool = False


def discover(issuer: str, *, fresh: bool = False) -> Provider:
    """Kept for ten minutes. Raises ServiceTrouble, also when it calls itself otherwise than it is called here."""
    found = _kept("about", issuer, fresh, issuer.rstrip("/") + _WELL_KNOWN)
    if str(found.get("issuer", "")) != issuer:
        raise ServiceTrouble(
            _("The service calls itself %(issuer)s: give exactly this as its address.")
            % {"issuer": str(found.get("issuer", "–"))[:300]}
        )
    named = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(isinstance(each, str) and each for each in named):
        raise ServiceTrouble(_("The service does not say where to sign in."))
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Provider(
        issuer=issuer,
        authorization=check_address(str(named[0])),
        token=check_address(str(named[1])),
        keys=check_address(str(named[2])),
        userinfo=str(found.get("userinfo_endpoint") or ""),
        by_post="client_secret_basic" not in methods and "client_secret_post" in methods,
        says_issuer=bool(found.get("authorization_response_iss_parameter_supported")),
    )


def key_for(provider: Provider, *, key_id: str | None) -> list[Any]:
    """The public keys that may have signed; asked anew once when the id is not among the kept ones."""
    for fresh in (False, True):
        found = [key for key in _keys(provider, fresh=fresh) if key_id is None or key.key_id == key_id]
        if found:
            return [key.key for key in found]
    raise ServiceTrouble(_("What the service sent is signed with a key that it does not name."))


def _keys(provider: Provider, *, fresh: bool) -> list[Any]:
    found = _kept("keys", provider.keys, fresh, provider.keys)
    try:
        return [key for key in jwt.PyJWKSet.from_dict(found).keys if key.public_key_use in (None, "sig")]
    except (jwt.PyJWTError, TypeError, ValueError, AttributeError) as error:
        raise ServiceTrouble(_("The keys of the service cannot be read.")) from error


def _kept(what: str, name: str, fresh: bool, url: str) -> dict[str, Any]:
    key = f"sso:{what}:{salted_hmac('guanxi.sso', name, algorithm='sha256').hexdigest()[:32]}"
    found = None if fresh else cache.get(key)
    if found is None:
        found = ask(url)
        cache.set(key, found, KEPT_SECONDS)
    return dict(found)
