"""Signing in by another service in Chromium, at a real OpenID Connect server that runs beside the product."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tenants.people.models import OutsideIdentity, Role, SecurityEvent, User
from tests.looking import overflow, violations
from tests.oidc import real_provider

pytestmark = pytest.mark.browser
FIRST_PAGE = re.compile(r"localhost:\d+/$")


@pytest.fixture
def issuer(tmp_path: Any) -> Iterator[str]:
    with real_provider(tmp_path / "provider.log") as found:
        yield found


@pytest.fixture
def browsing(live_workspace: Any, browser: Any, server: int, monkeypatch: Any) -> Iterator[Any]:
    """browsing() opens a browser of its own. What the other server's pages load from elsewhere is cut off."""
    monkeypatch.setitem(settings.GUANXI, "PUBLIC_PORT", f":{server}")
    contexts: list[Any] = []

    def open_page(language: str = "en-GB") -> Any:
        context = browser.new_context(base_url=f"http://{live_workspace.host}:{server}", locale=language)
        context.route(re.compile("^https://"), lambda route: route.abort())
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def look(page: Any) -> None:
    assert violations(page) == [], page.url
    assert overflow(page) <= 0, page.url


def sign_in_by_password(page: Any, workspace: Any) -> None:
    page.goto("/account/login/")
    page.locator("input[name=login]").fill(workspace.owner.email)
    page.locator("input[name=password]").fill(workspace.password)
    page.keyboard.press("Enter")
    page.wait_for_url(FIRST_PAGE)


def test_an_owner_connects_a_service_and_people_come_in_by_it(live_workspace, browsing, issuer):
    with live_workspace.scope():
        User.objects.create_user("mo@firm.example", "a fine long phrase", name="Mo Member")
    owner = browsing()
    sign_in_by_password(owner, live_workspace)
    owner.goto("/settings/sign-in/")
    look(owner)
    owner.locator("input[name=issuer]").fill(issuer)
    owner.locator("input[name=client_id]").fill("guanxi")
    owner.locator("input[name=secret]").fill("a secret")
    owner.locator("input[name=button]").fill("Sign in with Firm")
    owner.locator("input[name=domains]").fill("firm.example")
    owner.locator("input[name=creates_people]").check()
    owner.locator("input[name=enabled]").check()
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_text("Saved")).to_be_visible()
    owner.get_by_role("button", name="Ask the service").click()
    expect(owner.get_by_text("It answers, and signs with")).to_be_visible()
    look(owner)

    known = browsing()
    known.goto("/accounts/")
    known.wait_for_url("**/account/login/**")
    look(known)
    known.get_by_role("link", name="Sign in with Firm").click()
    known.get_by_role("button", name="u-1").click()
    known.wait_for_url("**/accounts/")
    expect(known.get_by_text("Mo Member").first).to_be_visible()

    fresh = browsing()
    fresh.goto("/account/login/")
    fresh.get_by_role("link", name="Sign in with Firm").click()
    fresh.get_by_role("button", name="u-2").click()
    fresh.wait_for_url(FIRST_PAGE)
    with live_workspace.scope():
        made = User.objects.get(email="new@firm.example")
        assert (made.name, made.role) == ("Nora New", Role.MEMBER)
        assert OutsideIdentity.objects.count() == 2
        assert SecurityEvent.objects.filter(kind="signed_in", text="Another service").count() == 2

    for subject, sentence in (("u-3", "does not vouch"), ("u-4", "do not sign in this way")):
        stranger = browsing()
        stranger.goto("/account/login/")
        stranger.get_by_role("link", name="Sign in with Firm").click()
        stranger.get_by_role("button", name=subject, exact=True).click()
        expect(stranger.get_by_text(sentence)).to_be_visible()
        look(stranger)


def test_somebody_links_their_own_account_and_turns_back_once(live_workspace, browsing, issuer):
    from tenants.people.sso.services import save_service

    with live_workspace.scope():
        save_service(
            issuer=issuer, client_id="guanxi", secret="s", button="", domains="", creates_people=False,
            role="member", required=False, enabled=True, by=live_workspace.owner,
        )  # fmt: skip
    page = browsing()
    sign_in_by_password(page, live_workspace)
    page.goto("/profile/")
    page.get_by_role("link", name="Link the account").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("You were not let in there")).to_be_visible()
    page.goto("/account/sso/link/")
    page.get_by_role("button", name="u-4").click()
    page.wait_for_url("**/profile/")
    expect(page.get_by_text("You can sign in with the account that you have there.")).to_be_visible()
    look(page)
    again = browsing()
    again.goto("/account/sso/")
    again.get_by_role("button", name="u-4").click()
    again.wait_for_url(FIRST_PAGE)
    with live_workspace.scope():
        assert OutsideIdentity.objects.get().person_id == live_workspace.owner.pk
