"""The API under /v1/, our own commands under /devstripe/, and pages."""

from django.urls import path, re_path

import billing.devstripe.routes  # noqa: F401 - declares what `api` answers
from billing.devstripe import api, controls
from billing.devstripe.pages import checkout, frame, home, invoices, portal

urlpatterns = [
    re_path(r"^v1/.*$", api.answer),
    path("devstripe/<path:what>", controls.control),
    path("c/pay/<str:session_id>", checkout.pay_page),
    path("p/<str:session_id>", portal.portal_page),
    path("i/<str:invoice_id>", invoices.invoice_page),
    path("i/<str:invoice_id>/pdf", invoices.invoice_file),
    path("cn/<str:note_id>/pdf", invoices.credit_note_file),
    path("r/<str:charge_id>", invoices.receipt_page),
    path("devstripe.css", frame.style),
    path("", home.home),
]
handler404 = "billing.devstripe.pages.frame.not_found"
handler500 = "billing.devstripe.pages.frame.broken"
