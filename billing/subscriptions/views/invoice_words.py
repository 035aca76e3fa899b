"""What invoices and their lines say, for the pages and the templates."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.gateway.plain import Line
from billing.plans.models import AddOn, Plan
from billing.plans.rules import SEAT, read_lookup_key
from billing.subscriptions.models import CreditNote, Invoice
from core.money import format_minor


def line_text(line: Line) -> str:
    """What a line is for, in the reader's language where it is of our catalogue."""
    return text_of_line(line.lookup_key, line.quantity, line.amount_minor, line.is_proration, line.text)


def text_of_line(lookup_key: str, quantity: int | None, amount: int, proration: bool, told: str) -> str:
    named = read_lookup_key(lookup_key)
    if named is None:
        return told
    if named.kind == "addon":
        what = str(AddOn.objects.filter(pk=named.key).first() or named.key)
    else:
        plan = str(Plan.objects.filter(pk=named.key).first() or named.key)
        what = plan if named.role != SEAT else _("%(plan)s, further seats") % {"plan": plan}
    if quantity and (quantity > 1 or named.role == SEAT):
        what = f"{quantity} × {what}"
    if proration and amount < 0:
        return _("%(what)s, unused part") % {"what": what}
    if proration:
        return _("%(what)s, rest of the period") % {"what": what}
    return what


def invoice_rows(invoices: Sequence[Invoice]) -> list[dict[str, Any]]:
    """Of selectors.invoices_of, which brings credit notes and disputes along."""
    return [
        {
            "id": each.pk,
            "number": each.number or "–",
            "day": day(each.issued_at),
            "amount": format_minor(each.total_minor, each.currency),
            "refunded": format_minor(each.refunded_minor, each.currency) if each.refunded_minor else "",
            "state": each.get_state_display(),
            "tone": _invoice_tone(each),
            "failed": each.failed_at is not None,
            "next": day(each.next_attempt_at) if each.next_attempt_at else "",
            "receipt": each.receipt_url,
            "for": _for_what(each),
            "disputed": any(dispute.is_open for dispute in each.disputes.all()),
            "credits": [credit_row(note) for note in each.credit_notes.all()],
        }
        for each in invoices
    ]


def credit_row(note: CreditNote) -> dict[str, Any]:
    """A credit note, as a line below its invoice. amount: '' for one that is void."""
    issued = note.state == CreditNote.State.ISSUED
    return {
        "id": note.pk,
        "number": note.number or "–",
        "day": day(note.issued_at),
        "amount": format_minor(-note.amount_minor, note.currency) if issued else "",
        "state": note.get_state_display(),
    }


def _invoice_tone(invoice: Invoice) -> str:
    if invoice.state == Invoice.State.PAID:
        return "green"
    return "red" if invoice.failed_at is not None else ""


def _for_what(invoice: Invoice) -> str:
    texts = [
        text_of_line(
            line.get("lookup_key", ""),
            line["quantity"],
            line["amount_minor"],
            line["is_proration"],
            line["text"],
        )
        for line in invoice.lines
    ]
    return "; ".join(dict.fromkeys(texts))[:120]


def day(moment: dt.datetime | None) -> str:
    """In the active zone and language."""
    return "" if moment is None else date_format(timezone.localtime(moment), "DATE_FORMAT")
