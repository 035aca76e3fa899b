"""Settings → Billing in the browser's terms: who may see it, what it says, what it refuses."""

import datetime as dt
import html
from urllib.error import HTTPError

import pytest

from billing.gateway.client import api
from billing.subscriptions.models import Invoice, Subscription
from billing.subscriptions.services.standing import subscription_of
from billing.subscriptions.services.syncing import sync_subscription
from core.clock import now
from core.tenancy.scope import public_scope
from tenants.people.models import User
from tests.billing.begin import newest_invoice, offer_token, subscribe

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return html.unescape(answer.content.decode())


def test_only_administrators_see_it(workspace, client_of):
    member = User.objects.create_user("m@own.example", "x", name="Mia Member")
    for path in ("", "plans/", "invoices/", "details/", "cancel/"):
        assert client_of(workspace, member).get(f"/settings/billing/{path}").status_code == 403
    assert client_of(workspace, member).post("/settings/billing/card/").status_code == 403


def test_a_trial_says_when_it_ends_and_what_comes(workspace, client_of):
    page = text_of(client_of(workspace, workspace.owner).get("/settings/billing/"))
    assert "13 days left" in page or "14 days left" in page
    assert "Local test mode – no money moves" in page
    assert "Nothing will be charged." in page


def test_a_wish_is_answered_with_the_exact_amounts(stripe, workspace, client_of):
    page = text_of(client_of(workspace, workspace.owner).get("/settings/billing/?seats=5&interval=year"))
    # 390 with 3 seats, 120 each further one.
    assert "$630.00" in page and "each year" in page


@pytest.mark.parametrize(
    "query",
    [
        "seats=999999",
        "seats=-1",
        "seats=x",
        "plan=none",
        "interval=week",
        "addon-x=9",
        "coupon=%00",
        "seats=",
        "coupon=" + "x" * 500,
    ],
)
def test_a_foolish_wish_gets_a_page(stripe, workspace, client_of, query):
    assert client_of(workspace, workspace.owner).get(f"/settings/billing/?{query}").status_code == 200


@pytest.mark.parametrize("seats", ["100000", "2000000", "9" * 20])
def test_more_seats_than_there_can_be_are_refused_with_a_sentence(stripe, workspace, client_of, seats):
    page = text_of(client_of(workspace, workspace.owner).get(f"/settings/billing/?plan=growth&seats={seats}"))
    assert "has at most" in page


def test_subscribing_leads_to_stripes_page_and_back(stripe, workspace, client_of):
    owner = client_of(workspace, workspace.owner)
    answer = owner.post(
        "/settings/billing/subscribe/", {"token": offer_token(workspace)}, HTTP_HX_REQUEST="true"
    )
    url = answer.headers["HX-Redirect"]
    assert url.startswith(stripe.base)
    session = url.rpartition("/")[2]
    assert (
        owner.post("/settings/billing/back/check/", {"session": session}, HTTP_HX_REQUEST="true").status_code
        == 204
    )
    stripe.command("complete", session=session, card="4242 4242 4242 4242")
    answer = owner.post("/settings/billing/back/check/", {"session": session}, HTTP_HX_REQUEST="true")
    assert answer.headers["HX-Redirect"] == "/settings/billing/"
    page = text_of(owner.get("/settings/billing/"))
    assert "Visa •••• 4242" in page and "$63.00" in page


def test_two_pages_for_the_card_never_become_two_subscriptions(stripe, workspace, client_of):
    owner = client_of(workspace, workspace.owner)

    def leave(token: str) -> str:
        answer = owner.post("/settings/billing/subscribe/", {"token": token}, HTTP_HX_REQUEST="true")
        return answer.headers["HX-Redirect"].rpartition("/")[2]

    token = offer_token(workspace)
    first = leave(token)
    assert leave(token) == first
    second = leave(offer_token(workspace))
    assert second != first
    with pytest.raises(HTTPError):
        stripe.command("complete", session=first, card="4242 4242 4242 4242")
    stripe.command("complete", session=second, card="4242 4242 4242 4242")
    owner.post("/settings/billing/back/check/", {"session": second})
    with public_scope(switch=True, reason="test"):
        customer = subscription_of(workspace.snapshot.tenant_id).customer_id
    assert len(api().v1.subscriptions.list({"customer": customer, "status": "all"}).data) == 1


def test_somebody_elses_session_is_unknown(stripe, workspace, other_workspace, client_of):
    foreign = subscribe(other_workspace)
    session = api().v1.checkout.sessions.list({"customer": foreign.customer_id}).data[0].id
    owner = client_of(workspace, workspace.owner)
    owner.post("/settings/billing/back/check/", {"session": session})
    with public_scope(switch=True, reason="test"):
        assert subscription_of(workspace.snapshot.tenant_id).subscription_id == ""


def test_a_change_is_made_with_the_button_and_taken_back(stripe, workspace, client_of):
    subscribe(workspace)
    owner = client_of(workspace, workspace.owner)
    page = owner.get("/settings/billing/?seats=4")
    token = page.context["offer"].token
    answer = owner.post("/settings/billing/change/", {"token": token}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 204
    assert "4 seats." in text_of(owner.get("/settings/billing/"))
    owner.post("/settings/billing/withdraw/")
    assert "4 seats." not in text_of(owner.get("/settings/billing/"))


def test_invoices_lead_to_stripes_page_and_pdf(stripe, workspace, client_of):
    subscription = subscribe(workspace)
    invoice = newest_invoice(subscription)
    owner = client_of(workspace, workspace.owner)
    assert invoice.number in text_of(owner.get("/settings/billing/invoices/"))
    answer = owner.get(f"/settings/billing/invoices/{invoice.pk}/pdf/")
    assert (answer.status_code, answer.url) == (302, invoice.pdf_url)


def test_details_are_kept_here_and_at_stripe(stripe, workspace, client_of):
    subscription = subscribe(workspace)
    owner = client_of(workspace, workspace.owner)
    details = {
        "name": "杭州禾木空间设计有限公司", "mail": "fapiao@hemu.example", "line1": "文三路 1 号", "city": "杭州",
        "country": "CN", "tax_id_type": "cn_tin", "tax_id": "91330106MA2XXXXX0Q",
    }  # fmt: skip
    assert owner.post("/settings/billing/details/", details).status_code == 302
    customer = api().v1.customers.retrieve(subscription.customer_id)
    assert (customer.name, customer.address.city) == ("杭州禾木空间设计有限公司", "杭州")
    answer = owner.post("/settings/billing/details/", {**details, "tax_id_type": "gb_vat"})
    assert answer.status_code == 422
    assert "not a tax number" in text_of(answer)
    with public_scope(switch=True, reason="test"):
        assert subscription_of(subscription.pk).tax_id_type == "cn_tin"


def test_what_failed_is_paid_with_another_card(stripe, workspace, client_of):
    subscription = subscribe(workspace)
    bad = api().v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": subscription.customer_id}
    )
    api().v1.subscriptions.update(subscription.subscription_id, {"default_payment_method": bad.id})
    stripe.pass_to(subscription, subscription.period_end + dt.timedelta(hours=2))
    owner = client_of(workspace, workspace.owner)
    assert "A payment failed" in text_of(owner.get("/settings/billing/"))
    answer = owner.post("/settings/billing/pay/", HTTP_HX_REQUEST="true")
    assert answer.status_code == 402
    url = owner.post("/settings/billing/card/", HTTP_HX_REQUEST="true").headers["HX-Redirect"]
    session = url.rpartition("/")[2]
    stripe.command("complete", session=session, card="5555 5555 5555 4444")
    owner.post("/settings/billing/back/check/", {"session": session})
    with public_scope(switch=True, reason="test"):
        after = subscription_of(subscription.pk)
        assert (after.state, after.card_last4) == ("active", "4444")
        assert not Invoice.objects.filter(tenant_id=after.pk, failed_at__isnull=False).exists()


def stand(workspace, state: str, **values) -> None:
    """Put the workspace's subscription there, with what follows from it."""
    from billing.subscriptions.services.standing import settle

    with public_scope(switch=True, reason="test"):
        values = {"state": state, "reason": "unpaid", "deadline_at": now() + dt.timedelta(days=5), **values}
        Subscription.objects.filter(pk=workspace.snapshot.tenant_id).update(**values)
        settle(subscription_of(workspace.snapshot.tenant_id))


class TestAccess:
    """What still works, the less is paid."""

    def test_limited_locks_what_grows_in_bulk(self, workspace, client_of):
        stand(workspace, "limited")
        owner = client_of(workspace, workspace.owner)
        answer = owner.post("/settings/people/invite/", {"mails": "new@own.example", "role": "member"})
        assert answer.status_code in (402, 422) and "locked" in text_of(answer)
        assert owner.post("/accounts/new/", {"name": "Acme"}).status_code == 302

    def test_read_only_changes_nothing_but_exports_and_pays(self, workspace, client_of):
        stand(workspace, "read_only")
        owner = client_of(workspace, workspace.owner)
        assert owner.get("/accounts/").status_code == 200
        answer = owner.post("/accounts/new/", {"name": "Acme"})
        assert (answer.status_code, "can only be read" in text_of(answer)) == (402, True)
        answer = owner.post("/accounts/new/", {"name": "Acme"}, HTTP_HX_REQUEST="true")
        assert "can only be read" in answer.headers["HX-Trigger"]
        answer = owner.post("/api/v1/accounts/", {"name": "Acme"}, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (402, "read_only")
        assert owner.get("/settings/billing/").status_code == 200
        assert owner.get("/settings/export/").status_code == 200
        assert owner.post("/account/logout/").status_code == 302

    def test_suspended_leaves_billing_and_export(self, workspace, client_of):
        stand(workspace, "suspended")
        owner = client_of(workspace, workspace.owner)
        assert owner.get("/accounts/").url == "/settings/billing/"
        assert owner.get("/settings/billing/").status_code == 200
        assert owner.get("/settings/export/").status_code == 200
        assert owner.get("/settings/support/").status_code == 200
        assert owner.get("/api/v1/accounts/").status_code == 402
        assert client_of(workspace).get("/").url.startswith("/account/login/")
        member = User.objects.create_user("m@own.example", "x", name="Mia Member")
        answer = client_of(workspace, member).get("/")
        assert (answer.status_code, "suspended" in text_of(answer)) == (402, True)

    def test_paying_opens_it_again_at_the_next_request(self, stripe, workspace, client_of):
        stand(workspace, "suspended")
        subscription = subscribe(workspace)
        assert sync_subscription_state(subscription) == "active"
        assert (
            client_of(workspace, workspace.owner).post("/accounts/new/", {"name": "Acme"}).status_code == 302
        )


def sync_subscription_state(subscription) -> str:
    with public_scope(switch=True, reason="test"):
        return sync_subscription(subscription.pk).state
