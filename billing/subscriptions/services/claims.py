"""What is taken back of invoices: refunds, disputes, credit notes. Public scope, under the subscription's lock."""

from collections.abc import Sequence

from billing.gateway.claims import OPEN_DISPUTES, PaymentAsIs
from billing.gateway.plain import CreditNoteAsIs, DisputeAsIs
from billing.subscriptions.models import CreditNote, Dispute, Invoice, Subscription
from billing.subscriptions.services.invoicing import note_refund
from billing.subscriptions.services.story import STRIPE, tell


def note_refunds(subscription: Subscription, payments: Sequence[PaymentAsIs]) -> None:
    """Wherever it was done."""
    refunded = {each.payment_intent_id: each.refunded_minor for each in payments if each.refunded_minor}
    for invoice in Invoice.objects.filter(tenant_id=subscription.pk, payment_intent_id__in=list(refunded)):
        note_refund(subscription, invoice, refunded[invoice.payment_intent_id], actor=STRIPE)


def note_disputes(subscription: Subscription, found: Sequence[DisputeAsIs]) -> None:
    """Tells of each when it is opened, and when it is over."""
    invoices = {
        each.payment_intent_id: each
        for each in Invoice.objects.filter(
            tenant_id=subscription.pk, payment_intent_id__in=[each.payment_intent_id for each in found]
        )
    }
    for each in found:
        invoice = invoices.get(each.payment_intent_id)
        if invoice is None:
            continue
        before = Dispute.objects.filter(pk=each.id).first()
        is_open = each.status in OPEN_DISPUTES
        Dispute.objects.update_or_create(
            pk=each.id,
            defaults={
                "invoice": invoice,
                "status": each.status,
                "reason": each.reason,
                "currency": each.currency,
                "amount_minor": each.amount_minor,
                "opened_at": each.opened_at,
                "answer_by": each.answer_by,
                "is_answered": each.is_answered,
                "is_open": is_open,
            },
        )
        facts = {"number": invoice.number, "minor": each.amount_minor, "currency": each.currency}
        if before is None:
            by = each.answer_by.isoformat() if each.answer_by else ""
            tell(subscription.pk, "disputed", actor=STRIPE, at=each.opened_at, by=by, **facts)
        if not is_open and (before is None or before.is_open):
            tell(subscription.pk, "dispute_over", actor=STRIPE, status=each.status, **facts)


def note_credit_notes(subscription: Subscription, found: Sequence[CreditNoteAsIs]) -> None:
    """Tells of each once, and when it is void."""
    known = set(
        Invoice.objects.filter(
            tenant_id=subscription.pk, pk__in=[each.invoice_id for each in found]
        ).values_list("pk", flat=True)
    )
    for each in reversed([note for note in found if note.invoice_id in known]):
        before = CreditNote.objects.filter(pk=each.id).first()
        note, _made = CreditNote.objects.update_or_create(
            pk=each.id,
            defaults={
                "invoice_id": each.invoice_id,
                "number": each.number,
                "state": each.status,
                "reason": each.reason,
                "currency": each.currency,
                "amount_minor": each.amount_minor,
                "issued_at": each.issued_at,
                "pdf_url": each.pdf_url,
            },
        )
        facts = {
            "number": each.number,
            "invoice": note.invoice.number,
            "minor": each.amount_minor,
            "currency": each.currency,
        }
        if before is None:
            tell(subscription.pk, "credit_note", actor=STRIPE, at=each.issued_at, **facts)
        if each.status == CreditNote.State.VOID and (before is None or before.state != each.status):
            tell(subscription.pk, "credit_note_void", actor=STRIPE, **facts)
