"""The second factor from set-up to its end, in the house's own words, on any screen."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import expect

from tests.looking import overflow, violations

pytestmark = pytest.mark.browser
_ALLAUTHS_WORDS = re.compile("Two-Factor|authenticator code:|Deactivate|双重|两步|验证器代码")


def code_of(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def look(page: object) -> None:
    assert violations(page) == [], page.url
    assert overflow(page) <= 0, page.url
    assert not _ALLAUTHS_WORDS.search(page.locator("body").inner_text()), page.url


def give_password(page: object, workspace: object) -> None:
    if "reauthenticate" in page.url:
        look(page)
        page.locator("input[type=password]").fill(workspace.password)
        page.locator("#main button[type=submit]").first.click()


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("en", "light", 1440), ("zh-hans", "dark", 390), ("en", "dark", 320)]
)
def test_the_second_factor_from_set_up_to_its_end(live_workspace, page_of, language, scheme, width):
    owner = live_workspace.owner
    with live_workspace.scope():
        owner.language = language
        owner.save(update_fields=["language"])
    page = page_of(live_workspace, owner)
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto("/account/2fa/totp/activate/")
    give_password(page, live_workspace)
    look(page)
    secret = page.locator("code").inner_text()
    field = page.locator("input[name=code]")
    field.fill("000000")
    field.press("Enter")
    expect(page.locator(".err")).to_be_visible()
    look(page)
    page.locator("input[name=code]").fill(code_of(secret))
    page.locator("input[name=code]").press("Enter")
    page.wait_for_url(re.compile("/account/2fa/"))
    with live_workspace.scope():
        kinds = set(Authenticator.objects.filter(user=owner).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}
    for path in ("", "recovery-codes/", "recovery-codes/generate/", "totp/deactivate/"):
        page.goto(f"/account/2fa/{path}")
        give_password(page, live_workspace)
        look(page)
    page.locator("#main form[action$='totp/deactivate/'] button[type=submit]").click()
    page.wait_for_url("**/account/2fa/")
    with live_workspace.scope():
        assert not Authenticator.objects.filter(user=owner).exists()


def test_signing_in_asks_for_the_code_and_takes_a_recovery_code_once(live_workspace, browser, server):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    with live_workspace.scope():
        TOTP.activate(live_workspace.owner, generate_totp_secret())
        spare = RecoveryCodes.activate(live_workspace.owner).get_unused_codes()[0]
    address = f"http://{live_workspace.host}:{server}"
    for expected in ("/", "/account/2fa/authenticate/"):
        context = browser.new_context(
            base_url=address, locale="zh-CN", viewport={"width": 390, "height": 844}
        )
        page = context.new_page()
        page.goto("/account/login/")
        page.locator("input[name=login]").fill(live_workspace.owner.email)
        page.locator("input[name=password]").fill(live_workspace.password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/account/2fa/authenticate/")
        look(page)
        page.locator("input[name=code]").fill(spare)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}{expected}")
        if expected != "/":
            expect(page.locator(".err")).to_contain_text("This code is not right")
        context.close()
