"""Passkeys in Chromium with a virtual authenticator: made, given as second factor, and in place of the password."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from tenants.people.models import SecurityEvent
from tests.looking import overflow, violations

pytestmark = pytest.mark.browser


def look(page: Any) -> None:
    assert violations(page) == [], page.url
    assert overflow(page) <= 0, page.url


def with_device(page: Any) -> None:
    """A device that holds passkeys and knows its person, in place of a real one."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.fixture
def guest(live_workspace: Any, browser: Any, server: int) -> Iterator[Any]:
    """A browser with a device, before sign-in. Fails the test on any error that the console tells."""
    complaints: list[str] = []
    context = browser.new_context(base_url=f"http://{live_workspace.host}:{server}", locale="en-GB")
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    with_device(page)
    yield page
    context.close()
    assert complaints == []


def sign_in(page: Any, workspace: Any) -> None:
    page.goto("/account/login/")
    page.locator("input[name=login]").fill(workspace.owner.email)
    page.locator("input[name=password]").fill(workspace.password)
    page.keyboard.press("Enter")


def add_passkey(page: Any, workspace: Any, name: str, *, alone: bool) -> None:
    page.goto("/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.locator("input[type=password]").fill(workspace.password)
        page.keyboard.press("Enter")
    page.wait_for_url("**/webauthn/add/**")
    page.locator("input[name=name]").fill(name)
    if alone:
        page.locator("input[name=passwordless]").check()
    look(page)
    page.get_by_role("button", name="Make the passkey").click()


def test_a_passkey_is_made_and_opens_the_account_without_a_password(live_workspace, guest):
    sign_in(guest, live_workspace)
    guest.wait_for_url(re.compile(r":\d+/$"))
    add_passkey(guest, live_workspace, "My laptop", alone=True)
    guest.wait_for_url("**/recovery-codes/")
    expect(guest.locator("code.code")).to_have_count(10)
    look(guest)
    guest.goto("/account/2fa/")
    expect(guest.get_by_text("opens without a password")).to_be_visible()
    look(guest)

    guest.context.clear_cookies()
    guest.goto("/account/login/")
    look(guest)
    guest.get_by_role("button", name="Sign in with a passkey").click()
    guest.wait_for_url(re.compile(r":\d+/$"))
    with live_workspace.scope():
        kinds = list(SecurityEvent.objects.order_by("id").values_list("kind", "text"))
        assert ("passkey_added", "My laptop") in kinds
        assert kinds[-1] == ("signed_in", "Passkey")
        kept = Authenticator.objects.get(type="webauthn")
        assert kept.last_used_at is not None


def test_a_passkey_is_the_second_factor_and_is_given_up_again(live_workspace, guest):
    sign_in(guest, live_workspace)
    guest.wait_for_url(re.compile(r":\d+/$"))
    add_passkey(guest, live_workspace, "Key ring", alone=False)
    guest.wait_for_url("**/recovery-codes/")
    guest.context.clear_cookies()
    sign_in(guest, live_workspace)
    guest.wait_for_url("**/account/2fa/authenticate/")
    look(guest)
    guest.get_by_role("button", name="Use a passkey").click()
    guest.wait_for_url(re.compile(r":\d+/$"))

    guest.goto("/account/2fa/")
    guest.get_by_role("link", name="Rename Key ring").click()
    if "reauthenticate" in guest.url:
        guest.get_by_role("link", name="Use a passkey instead").click()
        look(guest)
        guest.get_by_role("button", name="Use a passkey").click()
    guest.wait_for_url("**/edit/")
    look(guest)
    guest.locator("input[name=name]").fill("Green key")
    guest.keyboard.press("Enter")
    guest.wait_for_url("**/account/2fa/webauthn/")
    look(guest)
    guest.get_by_role("link", name="Remove Green key").click()
    look(guest)
    guest.get_by_role("button", name="Remove").click()
    guest.wait_for_url("**/account/2fa/webauthn/")
    with live_workspace.scope():
        assert not Authenticator.objects.filter(user=live_workspace.owner).exists()
        last = SecurityEvent.objects.filter(kind="passkey_removed").get()
        assert last.text == "Green key"


def test_a_device_without_a_passkey_for_this_place_says_so(live_workspace, guest):
    guest.goto("/account/login/")
    guest.get_by_role("button", name="Sign in with a passkey").click()
    expect(guest.get_by_text("No passkey was given")).to_be_visible()
