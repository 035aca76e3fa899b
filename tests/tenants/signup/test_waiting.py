"""Signing up while no finished workspace waits."""

from urllib.parse import urlsplit

import pytest

from core.tenancy.scope import public_scope, tenant_scope
from tenants.registry.hosts import snapshot_of_host
from tenants.registry.models import Tenant, TenantState
from tenants.signup.models import PendingSignUp
from tenants.signup.pending import forget_expired
from tenants.signup.site_pages import agreement

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def empty_pool(db) -> list:
    """Takes the pool away; the list of what was in it."""
    with public_scope():
        pool = list(Tenant.objects.filter(state=TenantState.POOL))
        Tenant.objects.filter(pk__in=[each.pk for each in pool]).update(state=TenantState.BUILDING)
    return pool


def _give_back(pool: list) -> None:
    with public_scope():
        Tenant.objects.filter(pk=pool[0].pk).update(state=TenantState.POOL)


def test_the_page_waits_and_goes_on_by_itself(visitor, form, empty_pool):
    waiting = visitor.post("/", form).url
    assert waiting.startswith("/waiting/")
    assert "You are next" in visitor.get(waiting).content.decode()
    answer = visitor.post(waiting, headers=HTMX)
    assert (answer.status_code, "hx-post" in answer.content.decode()) == (200, True)
    _give_back(empty_pool)
    answer = visitor.post(waiting, headers=HTMX)
    entry = urlsplit(answer.headers["HX-Redirect"])
    assert entry.hostname.startswith(form["address"])
    assert visitor.post(entry.path, headers={"host": entry.netloc}).url == "/"
    with public_scope():
        assert not PendingSignUp.objects.exists()


def test_the_password_waits_as_a_hash_and_works_afterwards(visitor, form, empty_pool):
    waiting = visitor.post("/", form).url
    with public_scope():
        row = PendingSignUp.objects.values().get()
    assert form["password"] not in str(row)
    assert waiting.split("/")[2] not in str(row)
    _give_back(empty_pool)
    entry = urlsplit(visitor.post(waiting, headers=HTMX).headers["HX-Redirect"])
    answer = visitor.post(
        "/account/login/",
        {"login": form["mail"], "password": form["password"]},
        headers={"host": entry.netloc},
    )
    assert (answer.status_code, answer.url) == (302, "/")


def test_what_was_agreed_to_waits_along(visitor, form, empty_pool):
    waiting = visitor.post("/", form).url
    _give_back(empty_pool)
    entry = urlsplit(visitor.post(waiting, headers=HTMX).headers["HX-Redirect"])
    with public_scope():
        snapshot = snapshot_of_host(entry.hostname)
    with tenant_scope(snapshot.schema, snapshot):
        assert agreement()["mail"] == form["mail"]


def test_two_may_not_wait_for_one_address(visitor, form, empty_pool):
    visitor.post("/", form)
    answer = visitor.post("/", form | {"mail": "other@firm.example"})
    assert (answer.status_code, "taken a moment ago" in answer.content.decode()) == (422, True)


def test_a_finished_or_unknown_wait_says_so(visitor, form, empty_pool):
    waiting = visitor.post("/", form).url
    _give_back(empty_pool)
    visitor.post(waiting, headers=HTMX)
    assert "no longer waiting" in visitor.post(waiting, headers=HTMX).content.decode()
    assert visitor.get("/waiting/unknown/").status_code == 410


def test_what_nobody_came_back_for_is_deleted(visitor, form, empty_pool):
    visitor.post("/", form)
    with public_scope():
        row = PendingSignUp.objects.get()
        row.expires_at = row.created_at
        row.save()
        assert (forget_expired(), forget_expired()) == (1, 0)
