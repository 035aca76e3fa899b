"""From the front page to two people in one workspace, in real browsers."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core import mail
from django.test import override_settings

from tenants.registry.provisioning.pool import fill_pool
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD, NEW_PASSWORD = "a fine long phrase", "another fine phrase"


@pytest.fixture
def base(server: int) -> Iterator[str]:
    """The public site's address; links in mails lead to the same server."""
    fill_pool(1)
    with override_settings(GUANXI={**settings.GUANXI, "PUBLIC_PORT": f":{server}"}):
        yield f"http://{settings.GUANXI['BASE_HOST']}:{server}"


@pytest.fixture
def visit(browser) -> Iterator[Callable]:
    """visit() → a page of somebody new. Fails the test on an error in any page's script."""
    contexts, complaints = [], []

    def open_page():
        contexts.append(browser.new_context(locale="en-GB", timezone_id="Europe/London"))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _link_to(address: str, pattern: str) -> str:
    """The newest link of this form that was mailed to the address."""

    def found() -> list[str]:
        bodies = [each.body for each in mail.outbox if address in each.to]
        return [link[0] for body in bodies if (link := re.search(rf"http://\S+{pattern}\S*", body))]

    wait_until(found, f"a mail to {address} with {pattern}")
    return found()[-1]


def test_sign_up_invite_join_and_reset_a_password(base, visit, worker, mailoutbox):
    owner = visit()
    owner.goto(base)
    owner.fill("#mail", "sam@harbour.example")
    owner.fill("#name", "Sam Lane")
    owner.fill("#workspace", "Harbour Lane Joinery")
    owner.wait_for_selector("#address-answer b")
    assert owner.input_value("#slug") == "harbour-lane-joinery"
    assert "United Kingdom · GBP" in owner.inner_text("summary")
    owner.fill("#password", PASSWORD)
    owner.check("[name=terms]")
    owner.click("main button.btn-p")
    owner.wait_for_url(re.compile(r"//harbour-lane-joinery\.[^/]+/$"))
    workspace = owner.url.rstrip("/")
    assert "Harbour Lane Joinery" in owner.inner_text("nav.side")

    owner.goto(_link_to("sam@harbour.example", "/confirm/"))
    owner.click("text=Yes, it is mine")
    owner.wait_for_selector("nav.side")
    assert not owner.is_visible("text=Please confirm your mail address")

    owner.goto(f"{workspace}/settings/people/")
    owner.click("text=Invite people")
    owner.fill("dialog [name=mails]", "bo@harbour.example")
    owner.click("dialog button[type=submit]")
    owner.wait_for_selector("text=bo@harbour.example")

    guest = visit()
    guest.goto(_link_to("bo@harbour.example", "/join/"))
    guest.fill("[name=name]", "Bo Berg")
    guest.fill("[name=password]", PASSWORD)
    guest.click("main button[type=submit]")
    guest.wait_for_selector("nav.side")
    assert "Bo Berg" in guest.inner_text("nav.side")
    owner.reload()
    assert "Bo Berg" in owner.inner_text("main")

    later = visit()
    later.goto(f"{workspace}/account/login/")
    later.click("text=Forgotten your password?")
    later.fill("[name=email]", "bo@harbour.example")
    later.click("main button[type=submit]")
    later.goto(_link_to("bo@harbour.example", "/password/reset/key/"))
    later.fill("[name=password1]", NEW_PASSWORD)
    later.fill("[name=password2]", NEW_PASSWORD)
    later.click("main button[type=submit]")
    later.click("text=To sign-in")
    later.fill("[name=login]", "bo@harbour.example")
    later.fill("[name=password]", NEW_PASSWORD)
    later.click("main button[type=submit]")
    later.wait_for_selector("nav.side")
    # Whoever knew the old password is out.
    guest.reload()
    assert "/account/login" in guest.url
