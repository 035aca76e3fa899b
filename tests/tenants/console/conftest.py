"""Operators in tests: made as the command makes them, signed in as people do."""

import contextvars
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core.cache import caches
from django.test import Client

from billing.plans.models import PlanVersion, TaxRate
from core.tenancy.scope import public_scope
from tenants.console.models import (
    Announcement,
    DailyFigures,
    FeatureSwitch,
    ListLayout,
    SavedFilter,
    SentMail,
    SupportAccess,
    TenantFacts,
)
from tenants.console.support.services import answer_access, ask_access, open_access
from tenants.people.models import Role, User
from tenants.registry.models import Tenant, TenantEvent
from tests.billing.conftest import stripe  # noqa: F401 - the stand-in, for what the console shows of money

PASSWORD = "a fine long phrase"


def code_for(secret: str) -> str:
    """What the app shows now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


@pytest.fixture
def in_public() -> Callable[[], Any]:
    """`with in_public(): …` from whatever scope the test has open."""
    return lambda: public_scope(switch=True, reason="test")


@pytest.fixture
def make_operator(db, in_public) -> Callable[..., User]:
    def make(name: str = "Ines Duarte") -> User:
        mail = f"{secrets.token_hex(4)}@site.example"
        with in_public():
            person = User.objects.create_user(mail, PASSWORD, name=name, role=Role.OWNER)
            EmailAddress.objects.create(user=person, email=mail, primary=True, verified=True)
        return person

    return make


@pytest.fixture
def operator(make_operator) -> User:
    return make_operator()


@pytest.fixture
def give_factor(in_public) -> Callable[[User], str]:
    """give_factor(operator) → the secret of an authenticator app that is set up."""

    def give(person: User) -> str:
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        with in_public():
            TOTP.activate(person, secret)
        return secret

    return give


@pytest.fixture
def signed_in(visitor: Client, give_factor, new_visitor) -> Callable[[User], Client]:
    """signed_in(operator) → a client that went through password and factor."""

    def go(person: User, client: Client | None = None) -> Client:
        client = client or new_visitor()
        caches["default"].clear()  # a code of the app works once
        secret = give_factor(person)
        client.post("/console/sign-in/", {"login": person.email, "password": PASSWORD})
        answer = client.post("/console/account/factor/", {"code": code_for(secret)})
        assert (answer.status_code, answer.url) == (302, "/console/"), answer.content[:400]
        return client

    return go


@pytest.fixture
def new_visitor(visitor: Client) -> Callable[[], Client]:
    return lambda: type(visitor)(HTTP_HOST=visitor.defaults["HTTP_HOST"])


@pytest.fixture
def console(signed_in, operator) -> Client:
    """An operator at work."""
    return signed_in(operator)


@pytest.fixture
def tenant_of(in_public) -> Callable[[Any], Tenant]:
    """The registry's row of a workspace of the tests, as it stands now."""

    def find(workspace: Any) -> Tenant:
        with in_public():
            return Tenant.objects.get(schema_name=workspace.schema)

    return find


@pytest.fixture
def outside() -> Callable[..., Any]:
    """outside(function) as a server begins: without any scope."""
    return lambda function, *args, **kwargs: contextvars.Context().run(function, *args, **kwargs)


@pytest.fixture
def committing(django_capture_on_commit_callbacks, worker) -> Iterator[Any]:
    """`with committing(): …`: what the block sends on commit is done at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def inside(in_public, tenant_of, make_operator, client_of) -> Callable[..., Client]:
    """inside(workspace, mode="read_only") → a client that was let in for support."""

    def go(workspace: Any, mode: str = "read_only") -> Client:
        operator, tenant = make_operator(), tenant_of(workspace)
        with in_public():
            access = ask_access(
                tenant, reason="The board stays empty", ticket="T-42", minutes=15, mode=mode, by=operator
            )
            answer_access(access.pk, tenant_id=tenant.pk, allow=True, by="Olive")
            code = open_access(access.pk, by=operator)
        client = client_of(workspace)
        assert client.post(f"/support/enter/{code}/").status_code == 302
        return client

    return go


@pytest.fixture
def live_operator(transactional_db) -> Iterator[User]:
    """Committed, for threads and browsers; everything of the console's goes again."""
    with public_scope(switch=True, reason="test"):
        mail = f"{secrets.token_hex(4)}@site.example"
        person = User.objects.create_user(mail, PASSWORD, name="Ines Duarte", role=Role.OWNER)
        EmailAddress.objects.create(user=person, email=mail, primary=True, verified=True)
    yield person
    with public_scope(switch=True, reason="test"):
        PlanVersion.objects.filter(published_at__isnull=True).delete()
        for model in (
            TaxRate,
            SavedFilter,
            ListLayout,
            DailyFigures,
            SupportAccess,
            Announcement,
            FeatureSwitch,
            SentMail,
            TenantFacts,
            TenantEvent,
        ):
            model.objects.all().delete()
        for model in (EmailAddress, Authenticator, UserSession):
            model.objects.all().delete()
        # Not through the ORM's collector, which would look for what points at people in a workspace.
        User.objects.all()._raw_delete(User.objects.db)
