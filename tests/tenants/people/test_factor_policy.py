"""Where a second factor is asked for, whoever has none reaches its set-up and nothing else."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from core.clock import today
from core.errors import DomainError, NotAllowed
from core.records.types import record_type
from core.sealing import Unsealable, is_sealed, seal, unseal
from core.tenancy.scope import tenant_scope
from tenants.people.security.policy import (
    Policy,
    Required,
    change_policy,
    people_without_factor,
    security_policy,
)
from tests.isolation.routes import API_ROUTES, WORKSPACE_ROUTES

pytestmark = pytest.mark.django_db


def _give_factor(person) -> Authenticator:
    return TOTP.activate(person, generate_totp_secret()).instance


@pytest.fixture
def asked(workspace):
    """asked(factor, day) switches the policy on, by an owner who has a factor."""
    _give_factor(workspace.owner)

    def switch(factor: str = "everyone", day: dt.date | None = None) -> None:
        change_policy(factor=factor, factor_from=day, log_days=365, by=workspace.owner)

    return switch


def test_nobody_is_asked_at_first(workspace, member, client_of):
    assert security_policy() == Policy()
    assert client_of(workspace, member).get("/profile/").status_code == 200


def test_whoever_lacks_one_reaches_its_set_up_only(workspace, member, asked, client_of):
    client = client_of(workspace, member)
    assert client.get("/accounts/").status_code == 200
    asked()
    for path in ("/", "/accounts/", "/profile/", "/settings/", "/undo/01a20000-0000-7000-8000-000000000000/"):
        assert client.get(path).url == "/account/2fa/", path
    assert client.post("/accounts/new/", {"name": "New"}).url == "/account/2fa/"
    part = client.get("/accounts/", headers={"hx-request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (204, "/account/2fa/")
    api = client.get("/api/v1/accounts/")
    assert (api.status_code, api.json()["code"]) == (403, "factor_needed")
    for path in ("/account/2fa/", "/account/2fa/totp/activate/", "/account/2fa/webauthn/add/"):
        answer = client.get(path, follow=True)
        assert answer.status_code == 200
        assert answer.request["PATH_INFO"] in (path, "/account/reauthenticate/")
    _give_factor(member)
    assert client.get("/accounts/").status_code == 200


def test_no_page_and_no_api_is_forgotten(workspace, member, asked, client_of):
    from django.urls import reverse

    asked()
    client = client_of(workspace, member)
    plain = [name for name, route in WORKSPACE_ROUTES.items() if not route.ids and not route.args]
    plain.remove("sso_confirm")  # a way to prove who one is
    assert len(plain) > 40
    for name in plain:
        assert client.get(reverse(name, urlconf="config.urls_tenant")).status_code == 302, name
    for name, route in API_ROUTES.items():
        if not route.ids:
            arguments = {"kind": record_type("account")} if name.startswith("api_own") else {}
            url = reverse(name, kwargs=arguments, urlconf="config.urls_tenant")
            assert client.get(url).status_code == 403, name


def test_administrators_alone_can_be_asked(workspace, member, admin, asked, client_of):
    asked("admins")
    assert client_of(workspace, member).get("/accounts/").status_code == 200
    assert client_of(workspace, admin).get("/accounts/").url == "/account/2fa/"
    assert client_of(workspace, workspace.owner).get("/accounts/").status_code == 200


def test_until_the_day_people_are_only_told(workspace, member, asked, client_of):
    asked("everyone", today() + dt.timedelta(days=3))
    page = client_of(workspace, member).get("/accounts/")
    assert (page.status_code, "asks for a second factor" in page.content.decode()) == (200, True)
    own = client_of(workspace, workspace.owner).get("/accounts/")
    assert "asks for a second factor" not in own.content.decode()
    asked("everyone", today())
    assert client_of(workspace, member).get("/accounts/").status_code == 302


def test_recovery_codes_alone_are_no_factor(workspace, member, asked, client_of):
    RecoveryCodes.activate(member)
    asked()
    assert client_of(workspace, member).get("/accounts/").status_code == 302


def test_who_switches_it_on_has_one(workspace, admin):
    with pytest.raises(DomainError) as refused:
        change_policy(factor="admins", factor_from=None, log_days=365, by=admin)
    assert "factor" in refused.value.fields
    assert security_policy().factor == Required.NOBODY


def test_members_change_no_policy(workspace, member, client_of):
    with pytest.raises(NotAllowed):
        change_policy(factor="nobody", factor_from=None, log_days=365, by=member)
    assert client_of(workspace, member).get("/settings/security/").status_code == 403


@pytest.mark.parametrize("given", [{"factor": "all"}, {"log_days": 29}, {"log_days": 4000}])
def test_a_policy_that_cannot_be_is_refused(workspace, given):
    values = {"factor": "nobody", "factor_from": None, "log_days": 365} | given
    with pytest.raises(DomainError):
        change_policy(by=workspace.owner, **values)


def test_the_page_counts_who_lacks_one_before_it_is_switched_on(workspace, member, admin, client_of):
    _give_factor(workspace.owner)
    assert {each.name for each in people_without_factor(Required.EVERYONE)} == {"Mo Member", "Ad Min"}
    assert {each.name for each in people_without_factor(Required.ADMINS)} == {"Ad Min"}
    page = client_of(workspace, workspace.owner).get("/settings/security/").content.decode()
    assert ("2 people have none yet" in page, "1 person has none yet" in page) == (True, True)


def test_the_last_factor_stays_while_one_is_asked_for(workspace, asked, client_of):
    asked()
    client = client_of(workspace, workspace.owner)
    client.post("/account/reauthenticate/", {"password": workspace.password})
    page = client.post("/account/2fa/totp/deactivate/")
    assert (page.status_code, "asks for one" in page.content.decode()) == (200, True)
    assert Authenticator.objects.filter(user=workspace.owner, type="totp").exists()


def test_the_secret_of_an_app_is_sealed_and_an_older_one_still_works(workspace):
    secret = generate_totp_secret()
    kept = TOTP.activate(workspace.owner, secret).instance
    assert (is_sealed(kept.data["secret"]), secret in str(kept.data)) == (True, False)
    from allauth.mfa.utils import decrypt

    assert decrypt(kept.data["secret"]) == decrypt(secret) == secret


def test_what_one_workspace_sealed_no_other_opens(workspace, other_workspace):
    sealed = seal("secret", purpose="a")
    assert unseal(sealed, purpose="a") == "secret"
    with pytest.raises(Unsealable):
        unseal(sealed, purpose="b")
    with tenant_scope(other_workspace.schema, switch=True), pytest.raises(Unsealable):
        unseal(sealed, purpose="a")


def test_a_changed_key_opens_with_the_former_one(workspace, settings):
    sealed = seal("secret", purpose="a")
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-" + "y" * 50
    with pytest.raises(Unsealable):
        unseal(sealed, purpose="a")
    settings.SECRET_KEY_FALLBACKS = [former]
    assert unseal(sealed, purpose="a") == "secret"


def test_recovery_codes_are_shown_once(workspace, client_of):
    _give_factor(workspace.owner)
    client = client_of(workspace, workspace.owner)
    client.post("/account/reauthenticate/", {"password": workspace.password})
    client.post("/account/2fa/recovery-codes/generate/")
    codes = RecoveryCodes.activate(workspace.owner).get_unused_codes()
    first, second = (client.get("/account/2fa/recovery-codes/").content.decode() for _turn in range(2))
    assert all(code in first for code in codes)
    assert not any(code in second for code in codes)
    assert client.get("/account/2fa/recovery-codes/download/").status_code == 403
