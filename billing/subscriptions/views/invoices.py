"""All invoices, and the way to each one's page and PDF at Stripe."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.subscriptions.access import billing_scope
from billing.subscriptions.selectors import credit_note_of, invoices_of
from billing.subscriptions.services.paying import fresh_credit_note_pdf, fresh_invoice_page
from billing.subscriptions.services.standing import subscription_of
from billing.subscriptions.views.doors import is_local, require_payer
from billing.subscriptions.views.invoice_words import invoice_rows

_A_PAGE = 50


@require_safe
@login_required
def invoice_list(request: HttpRequest) -> HttpResponse:
    require_payer(request)
    with billing_scope("invoices") as tenant_id:
        pages = Paginator(invoices_of(subscription_of(tenant_id)), _A_PAGE)
        page = pages.get_page(request.GET.get("page"))
        context = {
            "title": _("Invoices"),
            "invoices": invoice_rows(list(page.object_list)),
            "page": page,
            "local": is_local(),
        }
    return render(request, "billing/subscriptions/invoices.html", context)


@require_safe
@login_required
def invoice_pdf(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """To the PDF. Another workspace's invoice is as unknown as none."""
    return _to_stripe(request, invoice_id, pdf=True)


@require_safe
@login_required
def invoice_page(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """To the invoice's page."""
    return _to_stripe(request, invoice_id, pdf=False)


@require_safe
@login_required
def credit_note_pdf(request: HttpRequest, invoice_id: str, note_id: str) -> HttpResponse:
    """To the PDF of a credit note. Another workspace's is as unknown as none."""
    require_payer(request)
    with billing_scope("a credit note") as tenant_id:
        note = credit_note_of(subscription_of(tenant_id), invoice_id, note_id)
        url = fresh_credit_note_pdf(note) if note is not None else ""
    if not url:
        raise Http404
    return redirect(url)


def _to_stripe(request: HttpRequest, invoice_id: str, *, pdf: bool) -> HttpResponse:
    require_payer(request)
    with billing_scope("an invoice") as tenant_id:
        invoice = invoices_of(subscription_of(tenant_id)).filter(pk=invoice_id).first()
        if invoice is None:
            raise Http404
        url = fresh_invoice_page(invoice, pdf=pdf)
    if not url:
        raise Http404
    return redirect(url)
