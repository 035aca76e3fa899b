"""The API under /v1/, our own commands under /devstripe/, and pages."""

from django.urls import path, re_path

import billing.devstripe.routes  # noqa: F401 - declares what `api` answers
from billing.devstripe import api, controls, pages

urlpatterns = [
    re_path(r"^v1/.*$", api.answer),
    path("devstripe/<str:what>", controls.control),
    path("c/pay/<str:session_id>", pages.pay_page),
    path("p/<str:session_id>", pages.portal_page),
    path("i/<str:invoice_id>", pages.invoice_page),
    path("i/<str:invoice_id>/pdf", pages.invoice_file),
    path("r/<str:charge_id>", pages.receipt_page),
    path("devstripe.css", pages.style),
    path("", pages.home),
]
