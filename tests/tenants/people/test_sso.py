"""Signing in by another service: whom it lets in, and every way in which it may lie."""

import json
import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from core.errors import DomainError
from core.sealing import is_sealed
from tenants.people.invitations import invite_people
from tenants.people.models import (
    EventKind,
    Invitation,
    OutsideIdentity,
    Role,
    SecurityEvent,
    SignInService,
    User,
)
from tenants.people.sso.errors import ServiceTrouble
from tenants.people.sso.fetching import ask, check_address, is_public_address
from tenants.people.sso.journey import own_path
from tenants.people.sso.services import remove_service, save_service
from tests.oidc import lying_provider, unsigned

pytestmark = pytest.mark.django_db


@pytest.fixture
def liar():
    with lying_provider() as found:
        yield found


@pytest.fixture
def service(workspace, liar):
    """service(**changes) puts the provider in use."""

    def put(**changes) -> SignInService:
        given = {
            "issuer": liar.issuer,
            "client_id": "guanxi",
            "secret": "s3cret/+ ",
            "button": "",
            "domains": "firm.example",
            "creates_people": True,
            "role": "member",
            "required": False,
            "enabled": True,
        }
        return save_service(by=workspace.owner, **{**given, **changes})

    return put


def _there(client, liar, path: str = "/account/sso/", **query) -> dict[str, str]:
    """What the browser is sent away with."""
    answer = client.get(path, query)
    assert answer.status_code == 302, answer.content.decode()
    assert answer.url.startswith(f"{liar.issuer}/authorize?")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.url).query).items()}
    liar.nonce = asked["nonce"]
    return asked


def _back(client, liar, asked, **changes):
    given = {"code": "c", "state": asked["state"], **changes}
    return client.get(
        "/account/sso/callback/", {name: value for name, value in given.items() if value is not None}
    )


def _sign_in(client, liar, **changes):
    return _back(client, liar, _there(client, liar), **changes)


def test_a_known_person_signs_in_and_is_known_by_subject_from_then_on(
    workspace, member, liar, service, client_of
):
    service()
    client = client_of(workspace)
    asked = _there(client, liar, next="/accounts/?x=1")
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == (
        "code",
        "S256",
        "guanxi",
    )
    assert (
        asked["redirect_uri"]
        == f"http://{workspace.host}{settings.GUANXI['PUBLIC_PORT']}/account/sso/callback/"
    )
    assert _back(client, liar, asked).url == "/accounts/?x=1"
    assert client.get("/profile/").context["user"] == member
    kinds = list(SecurityEvent.objects.filter(person_id=member.pk).order_by("id").values_list("kind", "text"))
    assert kinds == [("sso_linked", "mo@firm.example"), ("signed_in", "Another service")]
    # The mail address may change there; the subject stays.
    liar.claims = {"email": "other@else.example", "email_verified": False}
    again = client_of(workspace)
    assert _sign_in(again, liar).url == "/"
    assert again.get("/profile/").context["user"] == member


def test_the_secret_and_the_verifier_go_to_the_service_only(workspace, member, liar, service, client_of):
    kept = service()
    client = client_of(workspace)
    asked = _there(client, liar)
    _back(client, liar, asked)
    _path, body, head = next(each for each in liar.asked if each[0] == "/token")
    assert head["Authorization"].startswith("Basic ")
    assert "client_secret" not in body
    assert len(body["code_verifier"][0]) >= 43
    assert (is_sealed(kept.sealed_secret), "s3cret" in kept.sealed_secret) == (True, False)
    page = client_of(workspace, workspace.owner).get("/settings/sign-in/").content.decode()
    assert ("s3cret" in page, kept.sealed_secret in page) == (False, False)
    liar.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    from django.core.cache import cache

    cache.clear()
    _sign_in(client_of(workspace), liar)
    _path, body, head = [each for each in liar.asked if each[0] == "/token"][-1]
    assert (body["client_secret"], "Authorization" in head) == (["s3cret/+ "], False)


def test_somebody_new_becomes_a_person_and_takes_a_seat(workspace, liar, service, client_of):
    service()
    liar.claims = {"sub": "u-2", "email": "New@Firm.example", "name": "Nora New"}
    client = client_of(workspace)
    assert _sign_in(client, liar).url == "/"
    made = User.objects.get(email="new@firm.example")
    assert (made.name, made.role, made.is_active, made.has_usable_password()) == (
        "Nora New",
        Role.MEMBER,
        True,
        False,
    )
    assert client.get("/accounts/").status_code == 200


def test_somebody_unknown_is_not_let_in_where_only_known_people_are(workspace, liar, service, client_of):
    service(creates_people=False)
    liar.claims = {"sub": "u-2", "email": "new@firm.example"}
    answer = _sign_in(client_of(workspace), liar)
    assert (answer.status_code, "Ask to be invited" in answer.content.decode()) == (403, True)
    assert not User.objects.filter(email="new@firm.example").exists()


def test_an_invitation_is_taken_up(workspace, liar, service, client_of):
    service(creates_people=False)
    invite_people(mails="new@firm.example", role="admin", by=workspace.owner)
    liar.claims = {"sub": "u-2", "email": "new@firm.example"}
    assert _sign_in(client_of(workspace), liar).url == "/"
    assert User.objects.get(email="new@firm.example").role == Role.ADMIN
    assert Invitation.objects.get().accepted_at is not None


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"email_verified": False}, "does not vouch"),
        ({"email_verified": None}, "does not vouch"),
        ({"email": None}, "does not vouch"),
        ({"email": "mo@else.example"}, "do not sign in this way"),
        ({"email": "mo@firm.example.evil.example"}, "do not sign in this way"),
    ],
)
def test_an_address_that_is_not_believed_opens_nothing(
    workspace, member, liar, service, client_of, claims, sentence
):
    service()
    liar.claims = claims
    client = client_of(workspace)
    answer = _sign_in(client, liar)
    assert (answer.status_code, sentence in answer.content.decode()) == (403, True)
    assert client.get("/profile/").status_code == 302
    assert not OutsideIdentity.objects.exists()


def test_without_domains_an_account_is_linked_only_by_who_is_signed_in(
    workspace, member, liar, service, client_of
):
    service(domains="", creates_people=False)
    refused = _sign_in(client_of(workspace), liar)
    assert (refused.status_code, "Sign in with your password once" in refused.content.decode()) == (403, True)
    unconfirmed = client_of(workspace, member, confirmed=False)
    assert "/account/reauthenticate/" in unconfirmed.get("/account/sso/link/").url
    own = client_of(workspace, member)
    asked = _there(own, liar, "/account/sso/link/")
    assert _back(own, liar, asked).url == "/profile/"
    fresh = client_of(workspace)
    assert _sign_in(fresh, liar).url == "/"
    assert fresh.get("/profile/").context["user"] == member


def test_whoever_chooses_the_service_does_not_become_the_owner_by_it(workspace, liar, service, client_of):
    """An administrator could put in a service of their own, which says of itself whatever they like."""
    service()
    liar.claims = {"sub": "u-9", "email": "boss@firm.example"}
    User.objects.filter(pk=workspace.owner.pk).update(email="boss@firm.example")
    refused = _sign_in(client_of(workspace), liar)
    assert (refused.status_code, "Sign in with your password once" in refused.content.decode()) == (403, True)
    own = client_of(workspace, workspace.owner)
    assert _back(own, liar, _there(own, liar, "/account/sso/link/")).url == "/profile/"
    assert _sign_in(client_of(workspace), liar).url == "/"


def test_an_account_is_linked_with_one_person(workspace, member, liar, service, client_of):
    service()
    for person, status in ((member, 302), (workspace.owner, 409)):
        client = client_of(workspace, person)
        assert _back(client, liar, _there(client, liar, "/account/sso/link/")).status_code == status
    assert OutsideIdentity.objects.get().person == member


def test_a_leaver_is_not_let_in(workspace, member, liar, service, client_of):
    service()
    _sign_in(client_of(workspace), liar)
    User.objects.filter(pk=member.pk).update(is_active=False)
    client = client_of(workspace)
    answer = _sign_in(client, liar)
    assert (answer.status_code, "taken away" in answer.content.decode()) == (403, True)
    assert client.get("/profile/").status_code == 302


def test_a_second_factor_is_asked_for_as_well(workspace, member, liar, service, client_of):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    service()
    TOTP.activate(member, generate_totp_secret())
    client = client_of(workspace)
    assert _sign_in(client, liar).url == "/account/2fa/authenticate/"
    assert client.get("/profile/").status_code == 302


LIES = {
    "another nonce": lambda liar: liar.claims.update(nonce="other"),
    "no nonce": lambda liar: liar.claims.update(nonce=None),
    "another audience": lambda liar: liar.claims.update(aud="somebody-else"),
    "several audiences, for another": lambda liar: liar.claims.update(aud=["guanxi", "x"], azp="x"),
    "another issuer": lambda liar: liar.claims.update(iss="https://evil.example"),
    "expired": lambda liar: liar.claims.update(exp=int(time.time()) - 3600),
    "never expires": lambda liar: liar.claims.update(exp=None),
    "nobody": lambda liar: liar.claims.update(sub=None),
    "from the future": lambda liar: liar.claims.update(iat=int(time.time()) + 3600),
    "no signature": lambda liar: setattr(liar, "token", unsigned),
    "a shared secret": lambda liar: setattr(
        liar,
        "token",
        lambda claims: jwt.encode(claims, "s3cret/+ " * 5, algorithm="HS256", headers={"kid": "k1"}),
    ),
    "another key": lambda liar: setattr(
        liar, "shown", rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ),
    "an unknown key": lambda liar: liar.head.update(kid="k9"),
    "nonsense": lambda liar: setattr(liar, "token", lambda claims: "no.to.ken"),
    "a refusal": lambda liar: setattr(liar, "status", 400),
    "a redirect": lambda liar: setattr(liar, "status", 302),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_signs_nobody_in(workspace, member, liar, service, client_of, lie):
    service()
    LIES[lie](liar)
    client = client_of(workspace)
    answer = _sign_in(client, liar)
    page = answer.content.decode()
    assert (answer.status_code, "You could not be signed in" in page) == (502, True)
    assert client.get("/profile/").status_code == 302
    assert not OutsideIdentity.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [{"state": "other"}, {"state": None}, {"iss": "https://evil.example"}, {"error": "access_denied"}],
)
def test_a_way_back_that_does_not_fit_signs_nobody_in(workspace, member, liar, service, client_of, changes):
    service()
    client = client_of(workspace)
    assert _sign_in(client, liar, **changes).status_code == 502
    assert client.get("/profile/").status_code == 302


def test_a_way_back_in_another_browser_or_a_second_time_is_refused(
    workspace, member, liar, service, client_of
):
    service()
    client = client_of(workspace)
    asked = _there(client, liar)
    assert _back(client_of(workspace), liar, asked).status_code == 502
    assert _back(client, liar, asked).status_code == 302
    client.post("/account/logout/")
    assert _back(client, liar, asked).status_code == 502


def test_a_way_back_of_another_workspace_is_refused(
    workspace, other_workspace, member, liar, service, client_of
):
    service()
    client = client_of(workspace)
    asked = _there(client, liar)
    other = client_of(other_workspace)
    other.cookies = client.cookies
    assert _back(other, liar, asked).status_code == 404
    with other_workspace.scope():
        save_service(
            issuer=liar.issuer, client_id="guanxi", secret="x", button="", domains="firm.example",
            creates_people=True, role="member", required=False, enabled=True, by=other_workspace.owner,
        )  # fmt: skip
    assert _back(other, liar, asked).status_code == 502


def test_many_ways_back_have_to_wait(workspace, liar, service, client_of):
    service()
    client = client_of(workspace)
    answers = {client.get("/account/sso/callback/", {"state": "x"}).status_code for _turn in range(52)}
    assert answers == {502, 429}


def test_where_it_is_the_only_way_in_owners_alone_come_by_password(
    workspace, member, liar, service, client_of
):
    service(required=True)
    client = client_of(workspace)
    page = client.get("/account/login/").content.decode()
    assert ("Sign in by another service" in page, "Owner of the workspace?" in page) == (True, True)
    refused = client.post("/account/login/", {"login": member.email, "password": "a fine long phrase"})
    assert (refused.url, client.get("/profile/").status_code) == ("/account/login/", 302)
    owner = client.post("/account/login/", {"login": workspace.owner.email, "password": workspace.password})
    assert owner.url == "/"
    assert _sign_in(client_of(workspace), liar).url == "/"


def test_an_invitation_opens_no_other_way_either(workspace, liar, service, client_of, committing, mailoutbox):
    import re

    service(required=True)
    with committing():
        invite_people(mails="new@firm.example", role="member", by=workspace.owner)
    path = re.search(r"/join/[\w-]+/", mailoutbox[-1].body)[0]
    client = client_of(workspace)
    page = client.get(path).content.decode()
    assert ('href="/account/sso/"' in page, 'name="password"' in page) == (True, False)
    client.post(path, {"name": "Nora", "password": "a fine long phrase"})
    assert not User.objects.filter(email="new@firm.example").exists()


def test_whoever_has_no_password_confirms_there(workspace, liar, service, client_of):
    service()
    liar.claims = {"sub": "u-2", "email": "new@firm.example"}
    client = client_of(workspace)
    _sign_in(client, liar)
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    asked = client.post("/profile/mail/", {"mail": "x@firm.example"})
    assert asked.url.startswith("/account/sso/confirm/?next=")
    there = _there(client, liar, "/account/sso/confirm/", next="/profile/")
    assert (there["prompt"], there["max_age"]) == ("login", "0")
    liar.claims |= {"auth_time": int(time.time()) - 7200}
    assert _back(client, liar, there).status_code == 502
    there = _there(client, liar, "/account/sso/confirm/", next="/profile/")
    liar.claims |= {"auth_time": int(time.time())}
    assert _back(client, liar, there).url == "/profile/"
    assert "x@firm.example" in client.get("/profile/").content.decode()
    assert client.post("/profile/mail/", {"mail": "x@firm.example"}).url == "/profile/"


def test_somebody_else_there_confirms_nothing(workspace, member, liar, service, client_of):
    service()
    _sign_in(client_of(workspace), liar)
    client = client_of(workspace, workspace.owner, confirmed=False)
    there = _there(client, liar, "/account/sso/confirm/", next="/profile/")
    assert _back(client, liar, there).status_code == 403
    assert "reauthenticate" in client.post("/profile/mail/", {"mail": "x@firm.example"}).url


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "", "accounts/"],
)
def test_the_way_back_leads_nowhere_else(path):
    assert own_path(path) == "/"
    assert own_path("/accounts/?q=1") == "/accounts/?q=1"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"domains": ""}, "domains"),
        ({"domains": "no domain"}, "domains"),
        ({"issuer": "ftp://x.example"}, "issuer"),
        ({"issuer": "http://user:pw@x.example"}, "issuer"),
        ({"issuer": "http://127.0.0.1:1"}, "issuer"),
        ({"client_id": " "}, "client_id"),
        ({"role": "admin"}, "role"),
    ],
)
def test_settings_that_cannot_work_are_refused(workspace, liar, service, changes, field):
    with pytest.raises(DomainError) as refused:
        service(**changes)
    assert field in refused.value.fields
    assert not SignInService.objects.exists()


def test_a_service_that_calls_itself_otherwise_is_refused(workspace, liar, service):
    liar.about = {"issuer": "https://other.example"}
    with pytest.raises(DomainError) as refused:
        service()
    assert "https://other.example" in str(refused.value.fields["issuer"])


def test_an_empty_secret_keeps_the_one_there_is(workspace, liar, service):
    first = service().sealed_secret
    assert service(secret="", button="Our account").sealed_secret == first
    assert service(secret="another").sealed_secret != first
    assert SignInService.objects.count() == 1
    assert SecurityEvent.objects.filter(kind=EventKind.SSO_CHANGED).count() == 3


def test_what_is_removed_lets_nobody_in(workspace, member, liar, service, client_of):
    service()
    remove_service(by=workspace.owner)
    assert client_of(workspace).get("/account/sso/").status_code == 404
    assert "another service" not in client_of(workspace).get("/account/login/").content.decode()


def test_a_service_that_is_down_says_so(workspace, member, liar, service, client_of):
    service()
    from django.core.cache import cache

    cache.clear()
    SignInService.objects.update(issuer="http://127.0.0.1:9")
    answer = client_of(workspace).get("/account/sso/")
    assert (answer.status_code, "does not answer" in answer.content.decode()) == (502, True)


def test_the_button_that_asks_the_service(workspace, liar, service, client_of):
    service()
    client = client_of(workspace, workspace.owner)
    assert "It answers, and signs with 1 key." in client.post("/settings/sign-in/test/").content.decode()
    liar.about = {"token_endpoint": ""}
    assert "does not say where to sign in" in client.post("/settings/sign-in/test/").content.decode()


def test_members_change_nothing_about_it(workspace, member, client_of):
    client = client_of(workspace, member)
    assert client.get("/settings/sign-in/").status_code == 403
    for path in ("test/", "remove/"):
        assert client.post(f"/settings/sign-in/{path}").status_code == 403


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("127.0.0.1", False), ("10.1.2.3", False), ("192.168.0.1", False), ("172.16.0.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),
        ("::1", False), ("fe80::1%eth0", False), ("fd00::1", False), ("::ffff:10.0.0.1", False),
        ("2002:a00:1::", False), ("nonsense", False), ("1.1.1.1", True), ("2606:4700:4700::1111", True),
    ],
)  # fmt: skip
def test_which_addresses_lead_out_of_the_house(address, is_public):
    assert is_public_address(address) is is_public


def test_outside_a_machine_of_ones_own_private_networks_are_never_asked(workspace, liar, monkeypatch):
    assert ask(f"{liar.issuer}/keys")["keys"]
    monkeypatch.setitem(settings.GUANXI, "PRIVATE_SERVICES", False)
    for url in (f"{liar.issuer}/keys", "ftp://x.example/", "https://"):
        with pytest.raises(ServiceTrouble):
            check_address(url)
    # https, so that the address passes; the name leads here all the same.
    before = len(liar.asked)
    port = urlsplit(liar.issuer).port
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(ServiceTrouble, match="does not answer"):
            ask(f"https://{host}:{port}/keys")
    assert len(liar.asked) == before


@pytest.mark.parametrize("said", [b"[]", b"no json", b"\xff\xfe", b'{"a": "' + b"x" * (1 << 20) + b'"}'])
def test_answers_that_are_none_are_refused(workspace, liar, monkeypatch, said):
    monkeypatch.setattr(type(liar), "answer", lambda self, path: (200, said))
    with pytest.raises(ServiceTrouble):
        ask(f"{liar.issuer}/keys")


def test_what_the_cookie_carries_cannot_be_read(workspace, liar, service, client_of):
    service()
    client = client_of(workspace)
    asked = _there(client, liar)
    cookie = client.cookies["sso"]
    assert asked["nonce"] not in cookie.value
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/account/sso/")
    with pytest.raises(ValueError):
        json.loads(cookie.value)
