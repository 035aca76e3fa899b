"""One way to the service and back: what must fit together is kept in the browser, sealed, for ten minutes."""

import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Any, Self
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core.sealing import Unsealable, seal, unseal
from core.tenancy.addresses import address_of
from core.tenancy.scope import current_snapshot
from tenants.people.models import SignInService
from tenants.people.sso.errors import ServiceTrouble
from tenants.people.sso.provider import Provider, discover
from tenants.people.sso.tokens import Claims, challenge_of, redeem

PATH = "/account/sso/"
SIGN_IN, LINK, CONFIRM = "sign-in", "link", "confirm"
SECONDS = 600
_COOKIE = "sso"


@dataclass(frozen=True, slots=True)
class Journey:
    """purpose: SIGN_IN, LINK or CONFIRM. next: a path of ours. begun: seconds since 1970."""

    purpose: str
    next: str
    state: str
    nonce: str
    verifier: str
    issuer: str
    begun: float

    @classmethod
    def begin(cls, purpose: str, *, to: str, issuer: str) -> Self:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _number in range(3))
        return cls(purpose, to, state, nonce, verifier, issuer, time.time())


def depart(request: HttpRequest, service: SignInService, *, purpose: str, to: str) -> HttpResponse:
    """To the service. Raises ServiceTrouble when it does not say where that is."""
    provider = discover(service.issuer)
    journey = Journey.begin(purpose, to=own_path(to), issuer=service.issuer)
    response = HttpResponseRedirect(_address(provider, service, journey))
    response.set_cookie(
        _COOKIE,
        seal(json.dumps(asdict(journey)), purpose="sso-journey"),
        max_age=SECONDS,
        path=PATH,
        secure=request.is_secure(),
        httponly=True,
        # Lax: it must come along when the service sends the browser back.
        samesite="Lax",
    )
    return response


def arrive(request: HttpRequest, service: SignInService) -> tuple[Journey, Claims]:
    """What the browser brings back, checked. Raises ServiceTrouble with a sentence for what does not fit."""
    journey = _journey_of(request)
    given = request.GET
    if "error" in given:
        # Said whether the state fits or not: some services leave it out, and nothing happens here.
        raise ServiceTrouble(_refusal(str(given["error"])))
    if journey is None or not hmac.compare_digest(str(given.get("state", "")), journey.state):
        raise ServiceTrouble(
            _("This way back belongs to no sign-in of this browser, or took too long. Start again.")
        )
    if journey.issuer != service.issuer or given.get("iss", service.issuer) != service.issuer:
        raise ServiceTrouble(_("Another service answered than the one that was asked. Start again."))
    provider = discover(service.issuer)
    if provider.says_issuer and "iss" not in given:
        raise ServiceTrouble(_("Another service answered than the one that was asked. Start again."))
    claims = redeem(
        service,
        provider,
        code=str(given.get("code", "")),
        verifier=journey.verifier,
        nonce=journey.nonce,
        redirect_url=redirect_url(),
    )
    if journey.purpose == CONFIRM and claims.signed_in_at and claims.signed_in_at < journey.begun - 60:
        raise ServiceTrouble(_("The service did not ask you anew. Sign out there, and start again."))
    return journey, claims


def forget_journey(response: Any) -> Any:
    """The same answer; the state works once."""
    response.delete_cookie(_COOKIE, path=PATH, samesite="Lax")
    return response


def redirect_url() -> str:
    """Where the service sends the browser back to; it must know this address."""
    return address_of(current_snapshot().domain, f"{PATH}callback/")


def own_path(path: str) -> str:
    """A path of this workspace; anything else leads to its first page."""
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else "/"


def _address(provider: Provider, service: SignInService, journey: Journey) -> str:
    asked = {
        "response_type": "code",
        "client_id": service.client_id,
        "redirect_uri": redirect_url(),
        "scope": "openid email profile",
        "state": journey.state,
        "nonce": journey.nonce,
        "code_challenge": challenge_of(journey.verifier),
        "code_challenge_method": "S256",
    }
    if journey.purpose == CONFIRM:
        asked |= {"prompt": "login", "max_age": "0"}
    joint = "&" if "?" in provider.authorization else "?"
    return f"{provider.authorization}{joint}{urlencode(asked)}"


def _journey_of(request: HttpRequest) -> Journey | None:
    try:
        journey = Journey(**json.loads(unseal(request.COOKIES.get(_COOKIE, ""), purpose="sso-journey")))
    except (Unsealable, ValueError, TypeError):
        return None
    return journey if time.time() - journey.begun <= SECONDS else None


def _refusal(code: str) -> str:
    if code == "access_denied":
        return _("You were not let in there, or you went back.")
    return _("The service could not sign you in (%(code)s).") % {"code": code[:60]}
