"""Checkout, portal, invoice and the home page in a browser: what they do, and that everybody can use them."""

import datetime as dt
import html
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.billing.devstripe.asking import at, customer, price, subscribe, use_card
from tests.billing.devstripe.receiving import Receiver, receiving
from tests.billing.devstripe.running import StandIn
from tests.looking import overflow, violations
from tests.waiting import wait_until

pytestmark = pytest.mark.browser
LABELS = {"en": "Local test mode – no money moves", "zh-CN": "本地测试模式，不会产生真实扣款"}
EVIL = '<script>alert(1)</script>"' + "W" * 60
START = at(2026, 11, 1)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[StandIn]:
    """One for the module: its home page shows the key that it was started with."""
    made = StandIn(tmp_path_factory.mktemp("devstripe"), DEVSTRIPE_WEBHOOK_URL=receiver.url)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def shop(stand_in: StandIn) -> Any:
    return stand_in.client()


@pytest.fixture
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    context = browser.new_context(locale=getattr(request, "param", "en"))
    yield context.new_page()
    context.close()


def checkout(shop: Any, base: str, who: str, **more: Any) -> Any:
    given = {
        "customer": who, "success_url": base + "/devstripe.css?session={CHECKOUT_SESSION_ID}",
        "cancel_url": base + "/devstripe.css?cancelled", **more,
    }  # fmt: skip
    return shop.checkout.sessions.create(given)


def subscription_checkout(shop: Any, base: str, **data: Any) -> Any:
    who = shop.customers.create({"name": EVIL, "email": "a@b.example"}).id
    seat = price(shop, 1200, nickname="席位 " + EVIL)
    return checkout(
        shop,
        base,
        who,
        mode="subscription",
        line_items=[{"price": seat, "quantity": 5}],
        subscription_data=data,
    )


def fill(page: Any, card: str) -> None:
    page.fill("input[name=card]", card)
    page.click("main form button")


class TestCheckout:
    def test_a_card_that_works_leads_back_with_the_session(self, page, shop, stand_in):
        session = subscription_checkout(shop, stand_in.base, metadata={"tenant": "t1"})
        page.goto(session.url)
        assert page.inner_text(".large") == "USD 60.00"
        fill(page, "4242 4242 4242 4242")
        page.wait_for_url(f"**/devstripe.css?session={session.id}")
        done = shop.checkout.sessions.retrieve(session.id)
        assert (done.status, done.payment_status, done.amount_total, done.url) == (
            "complete",
            "paid",
            6000,
            None,
        )
        made = shop.subscriptions.retrieve(done.subscription, {"expand": ["default_payment_method"]})
        assert (made.status, made.metadata["tenant"], made.default_payment_method.card.last4) == (
            "active", "t1", "4242",
        )  # fmt: skip
        page.goto(session.url)
        assert "no longer open" in page.inner_text("h1")

    @pytest.mark.parametrize(
        ("card", "words"),
        [
            ("4000000000000002", "Your card was declined."),
            ("4000000000000341", "Your card was declined."),
            ("4000000000009995", "Your card has insufficient funds."),
            ("4000000000000069", "Your card has expired."),
            ("1234", "Use one of the test card numbers"),
        ],
    )
    def test_a_card_that_is_refused_leaves_it_open(self, page, shop, stand_in, card, words):
        session = subscription_checkout(shop, stand_in.base)
        page.goto(session.url)
        fill(page, card)
        assert words in page.inner_text("[role=alert]")
        assert shop.checkout.sessions.retrieve(session.id).status == "open"
        assert shop.subscriptions.list({"customer": session.customer, "status": "all"}).data == []
        fill(page, "4242424242424242")
        page.wait_for_url("**/devstripe.css?session=*")

    @pytest.mark.parametrize("page", ["zh-CN"], indirect=True)
    def test_the_bank_asks_and_is_told(self, page, shop, stand_in):
        session = subscription_checkout(shop, stand_in.base)
        page.goto(session.url)
        fill(page, "4000002500003155")
        page.click("button[value=no]")
        assert page.inner_text("[role=alert]") == "无法验证您的支付方式。"
        fill(page, "4000002500003155")
        page.click("button[value=yes]")
        page.wait_for_url("**/devstripe.css?session=*")
        made = shop.checkout.sessions.retrieve(session.id).subscription
        assert shop.subscriptions.retrieve(made).status == "active"

    def test_a_trial_charges_nothing_now_and_the_later_refusal_comes_later(self, page, shop, stand_in):
        end = int(dt.datetime.now(dt.UTC).timestamp()) + 5 * 86400
        session = subscription_checkout(shop, stand_in.base, trial_end=end)
        page.goto(session.url)
        assert f"{dt.datetime.fromtimestamp(end, dt.UTC):%Y-%m-%d}" in page.inner_text("main")
        fill(page, "4000000000000341")
        page.wait_for_url("**/devstripe.css?session=*")
        done = shop.checkout.sessions.retrieve(session.id)
        assert (done.payment_status, shop.subscriptions.retrieve(done.subscription).status) == (
            "no_payment_required", "trialing",
        )  # fmt: skip

    def test_a_set_up_keeps_the_card_for_later(self, page, shop, stand_in):
        who = shop.customers.create({"name": "A"}).id
        session = checkout(shop, stand_in.base, who, mode="setup", currency="usd")
        page.goto(session.url)
        fill(page, "5555 5555 5555 4444")
        page.wait_for_url("**/devstripe.css?session=*")
        intent = shop.setup_intents.retrieve(session.setup_intent, {"expand": ["payment_method"]})
        assert (intent.status, intent.payment_method.card.brand) == ("succeeded", "mastercard")
        assert shop.customers.retrieve(who).invoice_settings.default_payment_method is None

    def test_one_goes_back_without_paying(self, page, shop, stand_in):
        page.goto(subscription_checkout(shop, stand_in.base).url)
        page.click("main a")
        page.wait_for_url("**/devstripe.css?cancelled")


class TestPortal:
    def test_an_end_sets_a_date_and_leaves_the_flag_alone(self, page, shop):
        """Flexible billing: cancel_at is set, cancel_at_period_end stays false."""
        who, _clock = customer(shop, START)
        made = subscribe(shop, who, price(shop))
        session = shop.billing_portal.sessions.create({"customer": who, "return_url": "http://x.example/"})
        page.goto(session.url)
        page.click("button[name=cancel]")
        assert "2026-12-01" in page.inner_text("section")
        ended = shop.subscriptions.retrieve(made.id)
        assert (ended.cancel_at, ended.cancel_at_period_end) == (at(2026, 12, 1), False)
        page.click("button[name=renew]")
        assert shop.subscriptions.retrieve(made.id).cancel_at is None

    def test_another_card_is_charged_from_now_on(self, page, shop):
        who, _clock = customer(shop, START)
        made = subscribe(shop, who, price(shop))
        page.goto(shop.billing_portal.sessions.create({"customer": who}).url)
        fill_last(page, "5555 5555 5555 4444")
        assert "mastercard •••• 4444" in page.inner_text("section")
        card = shop.subscriptions.retrieve(made.id).default_payment_method
        assert shop.customers.retrieve(who).invoice_settings.default_payment_method == card


def fill_last(page: Any, card: str) -> None:
    page.fill("input[name=card]", card)
    page.locator("main form button").last.click()


def test_an_open_invoice_is_paid_on_its_page(page, shop):
    who, _clock = customer(shop, START, card="pm_card_chargeCustomerFail")
    made = subscribe(shop, who, price(shop))
    invoice = shop.invoices.retrieve(made.latest_invoice)
    page.goto(invoice.hosted_invoice_url)
    fill(page, "4000000000000341")
    assert page.inner_text("[role=alert]") == "Your card was declined."
    assert len(shop.charges.list({"customer": who}).data) == 2
    fill(page, "4242424242424242")
    assert "Paid" in page.inner_text("section")
    assert (shop.invoices.retrieve(invoice.id).status, shop.subscriptions.retrieve(made.id).status) == (
        "paid", "active",
    )  # fmt: skip
    page.goto(shop.charges.list({"customer": who}).data[0].receipt_url)
    assert page.inner_text(".large") == "USD 12.00"


def test_its_pdf_is_one(shop):
    who, _clock = customer(shop, START, name="明德贸易 <b>")
    made = subscribe(shop, who, price(shop))
    with urllib.request.urlopen(
        shop.invoices.retrieve(made.latest_invoice).invoice_pdf, timeout=10
    ) as answer:
        assert answer.headers["Content-Type"] == "application/pdf"
        body = answer.read()
    start = int(body.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    offsets = [int(line[:10]) for line in body[start:].split(b"\n") if line.endswith(b" n ")]
    assert body.startswith(b"%PDF-") and body[start:].startswith(b"xref")
    for number, offset in enumerate(offsets, start=1):
        assert body[offset:].startswith(b"%d 0 obj" % number)
    shown = b"".join(bytes.fromhex(found.decode()) for found in re.findall(rb"<([0-9a-f]+)> Tj", body))
    for words in (LABELS["en"], LABELS["zh-CN"], "明德贸易 <b>", "USD 12.00"):
        assert words.encode("utf-16-be") in shown


def test_the_home_page_turns_clocks_and_sends_again(page, shop, stand_in, receiver):
    who, clock = customer(shop, START, name="Turning")
    subscribe(shop, who, price(shop))
    page.goto(stand_in.base)
    form = page.locator("form", has=page.locator(f"input[value={clock}]"))
    form.locator("input[name=to]").fill("2026-10-01 00:00")
    form.locator("button").click()
    assert page.inner_text("[role=alert]") == "You can only advance a test clock forward."
    form.locator("input[name=to]").fill("2026-12-01 02:00")
    form.locator("button").click()
    assert "2026-12-01 02:00" in page.locator("form", has=page.locator(f"input[value={clock}]")).inner_text()
    assert [invoice.status for invoice in shop.invoices.list({"customer": who}).data] == ["paid", "paid"]
    newest = shop.events.list({"limit": 1}).data[0]
    wait_until(lambda: times_received(receiver, newest.id) == 1, "it is delivered")
    page.reload()
    page.locator(f"button[value={newest.id}]").click()
    wait_until(lambda: times_received(receiver, newest.id) == 2, "it is delivered again")
    page.select_option("#mode", "hold")
    page.locator("form", has=page.locator("#mode")).locator("button").click()
    assert page.locator("#mode").input_value() == "hold"
    page.select_option("#mode", "normal")
    page.locator("form", has=page.locator("#mode")).locator("button").click()


def times_received(receiver: Receiver, event_id: str) -> int:
    return sum(f'"id": "{event_id}"' in payload for payload, _signature in receiver.parcels)


def test_a_form_that_another_site_sends_is_refused(shop, stand_in):
    session = subscription_checkout(shop, stand_in.base)
    request = urllib.request.Request(session.url, b"card=4242424242424242", {"Sec-Fetch-Site": "cross-site"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 403
    assert shop.checkout.sessions.retrieve(session.id).status == "open"


@pytest.fixture(scope="module")
def addresses(stand_in: StandIn) -> dict[str, str]:
    """Of every page in every state, with names that try to be more than names."""
    shop, base = stand_in.client(), stand_in.base
    who, _clock = customer(shop, START, name=EVIL)
    made = subscribe(shop, who, price(shop, nickname=EVIL), 2)
    paid = shop.invoices.retrieve(made.latest_invoice)
    failing, _clock = customer(shop, START, card="", name=EVIL)
    unpaid = subscribe(shop, failing, price(shop))
    use_card(shop, who, made.id, "pm_card_visa")
    soon = int(dt.datetime.now(dt.UTC).timestamp()) + 5 * 86400
    return {
        "checkout": subscription_checkout(shop, base).url,
        "trial": subscription_checkout(shop, base, trial_end=soon).url,
        "setup": checkout(shop, base, who, mode="setup", currency="usd").url,
        "portal": shop.billing_portal.sessions.create({"customer": who, "return_url": base}).url,
        "paid": paid.hosted_invoice_url,
        "unpaid": shop.invoices.retrieve(unpaid.latest_invoice).hosted_invoice_url,
        "receipt": shop.charges.list({"customer": who}).data[0].receipt_url,
        "home": base + "/",
        "nowhere": base + "/c/pay/cs_test_none",
    }


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_page_is_labelled_fits_and_can_be_used_by_everybody(browser, addresses, language):
    context = browser.new_context(locale=language)
    page = context.new_page()
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    for name, url in addresses.items():
        page.goto(url)
        assert page.inner_text("[role=note]") == LABELS[language] and LABELS[language] in page.title(), name
        assert page.get_attribute("html", "lang") == ("en" if language == "en" else "zh-Hans")
        for width in (1440, 390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert overflow(page) <= 0, (name, width)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], (name, scheme)
    context.close()
    assert alerts == []
    # The one page that is not there answers so.
    assert [each for each in problems if "404" not in each] == []


def test_checkout_names_products_and_says_what_is_charged_when(v1):
    who = v1.customers.create({"email": "a@b.example"}).id
    product = v1.products.create({"name": "Growth"}).id
    recurring = {"interval": "month"}
    seat = v1.prices.create(
        {"product": product, "currency": "usd", "unit_amount": 1200, "recurring": recurring,
         "lookup_key": "plan:growth:1:month:usd", "nickname": "plan:growth:1:month:usd"}
    ).id  # fmt: skip
    asked = {
        "mode": "subscription", "customer": who, "locale": "en", "success_url": "http://x.example/",
        "line_items": [{"price": seat, "quantity": 3}],
    }  # fmt: skip

    def text_of(session) -> str:
        with urllib.request.urlopen(session.url, timeout=30) as answer:
            return html.unescape(answer.read().decode())

    now = text_of(v1.checkout.sessions.create(asked))
    assert "3 × Growth" in now and "plan:growth" not in now
    assert "USD 36.00" in now and "each month" in now and "The trial is free" not in now
    end = int(time.time()) + 10 * 86400
    trial = text_of(v1.checkout.sessions.create({**asked, "subscription_data": {"trial_end": end}}))
    day = f"{dt.datetime.fromtimestamp(end, dt.UTC):%Y-%m-%d}"
    assert "USD 0.00" in trial and "The trial is free" in trial
    assert f"<strong>{day}</strong>: USD 36.00" in trial
