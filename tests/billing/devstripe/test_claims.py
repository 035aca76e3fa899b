"""Credit notes and disputes. Source: docs.stripe.com/api/credit_notes, docs.stripe.com/disputes, /testing."""

import urllib.error

import pytest
import stripe as sdk

from tests.billing.devstripe.asking import advance, at, customer, kinds, price, subscribe, use_card

START, SECOND = at(2026, 11, 1), at(2026, 12, 1)


@pytest.fixture
def paid(v1):
    """(customer, clock, its paid invoice over 12.00)"""
    who, clock = customer(v1, START)
    subscribe(v1, who, price(v1))
    return who, clock, v1.invoices.list({"customer": who}).data[0]


def open_invoice(v1, who, clock):
    """Of a renewal whose card failed."""
    subscription = v1.subscriptions.list({"customer": who}).data[0]
    use_card(v1, who, subscription.id, "pm_card_chargeCustomerFail")
    advance(v1, clock, at(2026, 12, 1, 2))
    return v1.invoices.list({"customer": who}).data[0]


def test_a_paid_invoice_is_credited_in_parts_that_make_up_the_amount(v1, paid):
    who, _clock, invoice = paid
    for wrong in ({}, {"refund_amount": 400}, {"refund_amount": 600, "credit_amount": -100}):
        with pytest.raises(sdk.InvalidRequestError):
            v1.credit_notes.create({"invoice": invoice.id, "amount": 500, **wrong})
    note = v1.credit_notes.create(
        {"invoice": invoice.id, "amount": 500, "refund_amount": 300, "credit_amount": 200}
    )
    assert (note.number, note.type, note.status) == (f"{invoice.number}-CN-01", "post_payment", "issued")
    assert v1.refunds.retrieve(note.refunds[0].refund).amount == 300
    assert v1.customers.retrieve(who).balance == -200
    after = v1.invoices.retrieve(invoice.id)
    assert (after.status, after.amount_paid, after.post_payment_credit_notes_amount) == ("paid", 1200, 500)
    with pytest.raises(sdk.InvalidRequestError):
        v1.credit_notes.create({"invoice": invoice.id, "amount": 701, "out_of_band_amount": 701})
    assert v1.credit_notes.list({"invoice": invoice.id}).data[0].id == note.id
    assert "credit_note.created" in kinds(v1)


def test_an_open_invoice_is_reduced_and_voiding_raises_it_again(v1, paid):
    who, clock, _first = paid
    invoice = open_invoice(v1, who, clock)
    note = v1.credit_notes.create({"invoice": invoice.id, "amount": 500})
    after = v1.invoices.retrieve(invoice.id)
    assert (after.amount_due, after.pre_payment_credit_notes_amount, after.total) == (700, 500, 1200)
    v1.credit_notes.void_credit_note(note.id)
    assert v1.invoices.retrieve(invoice.id).amount_due == 1200
    with pytest.raises(sdk.InvalidRequestError):
        v1.credit_notes.void_credit_note(note.id)


def test_credited_in_full_an_open_invoice_is_paid_and_the_debt_over(v1, paid):
    who, clock, _first = paid
    invoice = open_invoice(v1, who, clock)
    v1.credit_notes.create({"invoice": invoice.id, "amount": 1200})
    assert v1.invoices.retrieve(invoice.id).status == "paid"
    assert v1.subscriptions.list({"customer": who}).data[0].status == "active"


def test_the_test_card_is_disputed_by_itself_and_must_be_answered_in_time(v1):
    who, clock = customer(v1, START, card="pm_card_createDispute")
    subscribe(v1, who, price(v1))
    charge = v1.charges.list({"customer": who}).data[0]
    dispute = v1.disputes.list({"charge": charge.id}).data[0]
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 1200)
    assert v1.charges.retrieve(charge.id).disputed
    with pytest.raises(sdk.InvalidRequestError) as refused:
        v1.refunds.create({"charge": charge.id})
    assert refused.value.code == "charge_disputed"
    advance(v1, clock, at(2026, 11, 12))
    assert v1.disputes.retrieve(dispute.id).status == "lost"
    assert [kind for kind in kinds(v1) if "dispute" in kind] == [
        "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed",
    ]  # fmt: skip


@pytest.mark.parametrize(("evidence", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_evidence_decides(v1, stripe, paid, evidence, status):
    invoice = paid[2]
    made = stripe.command("dispute", invoice=invoice.id, reason="duplicate", amount=700)
    assert (made["amount"], made["reason"]) == (700, "duplicate")
    v1.disputes.update(made["id"], {"evidence": {"uncategorized_text": evidence}})
    found = v1.disputes.retrieve(made["id"])
    assert (found.status, found.evidence_details.submission_count) == (status, 1)
    assert ("charge.dispute.funds_reinstated" in kinds(v1)) == (status == "won")
    with pytest.raises(sdk.InvalidRequestError):
        v1.disputes.close(made["id"])


def test_a_payment_is_disputed_once_and_never_for_more(stripe, paid):
    invoice = paid[2].id
    for wrong in ({"amount": 1201}, {"reason": "mood"}, {"invoice": "in_none"}):
        with pytest.raises(urllib.error.HTTPError):
            stripe.command("dispute", **{"invoice": invoice, **wrong})
    stripe.command("dispute", invoice=invoice)
    with pytest.raises(urllib.error.HTTPError):
        stripe.command("dispute", invoice=invoice)
