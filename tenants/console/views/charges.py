"""What one tenant was charged: its invoices, money given back, a coupon given to it."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from billing.subscriptions.models import Invoice
from billing.subscriptions.services.codes import offer_code
from billing.subscriptions.services.standing import subscription_of
from billing.subscriptions.views.invoice_words import credit_row
from core.errors import DomainError
from core.money import format_minor
from tenants.console import services
from tenants.console.catalog.amounts import AmountField, write_amount
from tenants.console.gate import needs_confirmation
from tenants.console.paging import page_of
from tenants.console.views.tenant import Ask, form_page, tenant_or_404
from tenants.people.forms import with_problems
from web.answers import go
from web.shell import Place


@require_safe
def invoices(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """All of a tenant, the newest first."""
    tenant = tenant_or_404(tenant_id)
    found = Invoice.objects.filter(tenant=tenant).prefetch_related("credit_notes", "disputes")
    page = page_of(found, by="issued_at", descending=True, cursor=request.GET.get("after", ""))
    here = reverse("tenant_invoices", args=[tenant.pk])
    rows = [
        {
            "invoice": each,
            "amount": format_minor(each.total_minor, each.currency),
            "refunded": format_minor(each.refunded_minor, each.currency) if each.refunded_minor else "",
            "can_refund": _can_refund(each),
            "disputed": any(dispute.is_open for dispute in each.disputes.all()),
            "credits": [credit_row(note) for note in each.credit_notes.all()],
        }
        for each in page.rows
    ]
    context = {
        "title": _("Invoices"),
        "tenant": tenant,
        "rows": rows,
        "newer": f"{here}?after={page.newer}" if page.newer else "",
        "older": f"{here}?after={page.older}" if page.older else "",
    }
    return render(request, "tenants/console/invoices.html", context)


def _can_refund(invoice: Invoice) -> bool:
    disputed = any(each.is_open or each.status == "lost" for each in invoice.disputes.all())  # type: ignore[attr-defined]
    return (
        invoice.state == Invoice.State.PAID and invoice.refunded_minor < invoice.paid_minor and not disputed
    )


class RefundForm(forms.Form):
    """amount: in the invoice's currency, with no more decimals than it has."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)

    def __init__(self, *args: Any, currency: str, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["amount"] = AmountField(label=f"{_('Amount')} ({currency})", currency=currency)
        self.order_fields(["amount", "reason"])


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def refund_invoice(request: HttpRequest, tenant_id: UUID, invoice_id: str) -> HttpResponse:
    """A part of a payment, or all that is left of it."""
    tenant = tenant_or_404(tenant_id)
    invoice = Invoice.objects.filter(tenant=tenant, pk=invoice_id).first()
    if invoice is None:
        raise Http404
    left = write_amount(invoice.paid_minor - invoice.refunded_minor, invoice.currency)
    form = RefundForm(request.POST or None, initial={"amount": left}, currency=invoice.currency)
    if request.method == "POST" and form.is_valid():
        try:
            services.give_back(
                tenant,
                invoice,
                amount_minor=form.cleaned_data["amount"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, reverse("tenant_invoices", args=[tenant.pk]), _("Given back"))
    title = _("Give money back")
    intro = _("Invoice %(number)s: %(paid)s were paid. The money goes back to the same card.") % {
        "number": invoice.number,
        "paid": format_minor(invoice.paid_minor, invoice.currency),
    }
    crumb = Place(_("Invoices"), reverse("tenant_invoices", args=[tenant.pk]), "file-text")
    return form_page(request, form, title=title, intro=intro, crumb=crumb)


class CodeForm(forms.Form):
    code = forms.CharField(label=pgettext_lazy("coupon", "Code"), max_length=40)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def coupon(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """For a tenant that pays: first what it changes, then the coupon."""
    tenant = tenant_or_404(tenant_id)
    form = CodeForm(request.POST or None)
    ask = None
    if request.method == "POST" and form.is_valid():
        code, shown = form.cleaned_data["code"], request.POST.get("shown", "")
        try:
            if shown.isdecimal() and len(shown) < 16:
                services.give_coupon(tenant, code=code, shown_minor=int(shown), by=request.user)
                done = _("The coupon counts from the next charge on")
                return go(request, reverse("tenant", args=[tenant.pk]), done)
            offered = offer_code(subscription_of(tenant.pk), code)
        except DomainError as error:
            with_problems(form, {"code": next(iter(error.fields.values()), str(error))}, error)
        else:
            words = {
                "before": format_minor(offered.before.due_minor, offered.before.currency),
                "after": format_minor(offered.after.due_minor, offered.after.currency),
                "day": date_format(offered.charge_at, "DATE_FORMAT") if offered.charge_at else "",
            }
            sentences = [_("On %(day)s: %(after)s instead of %(before)s.") % words]
            if offered.replaces:
                sentences.append(_("It takes the place of %(code)s.") % {"code": offered.replaces})
            heading = _("What the customer is charged")
            ask = Ask(heading, sentences, "shown", str(offered.after.due_minor), _("Give it"))
    intro = _("A code of the list of coupons. Somebody who tries enters it when subscribing.")
    return form_page(
        request,
        form,
        tenant=tenant,
        title=_("Give a coupon"),
        intro=intro,
        submit=_("Look at the price"),
        ask=ask,
    )
