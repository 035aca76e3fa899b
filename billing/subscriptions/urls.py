"""Addresses on a workspace's host, for people who may administer it."""

from django.urls import path

from billing.subscriptions.views import changes, details, invoices, overview

urlpatterns = [
    path("settings/billing/", overview.billing_page, name="billing"),
    path("settings/billing/plans/", overview.plans_page, name="billing_plans"),
    path("settings/billing/subscribe/", changes.subscribe, name="billing_subscribe"),
    path("settings/billing/change/", changes.change, name="billing_change"),
    path("settings/billing/withdraw/", changes.withdraw, name="billing_withdraw"),
    path("settings/billing/code/", changes.use_code, name="billing_code"),
    path("settings/billing/cancel/", changes.cancel_page, name="billing_cancel"),
    path("settings/billing/resume/", changes.resume_page, name="billing_resume"),
    path("settings/billing/card/", changes.change_card, name="billing_card"),
    path("settings/billing/pay/", changes.pay, name="billing_pay"),
    path("settings/billing/back/", changes.come_back, name="billing_back"),
    path("settings/billing/back/check/", changes.check_back, name="billing_back_check"),
    path("settings/billing/details/", details.details_page, name="billing_details"),
    path("settings/billing/invoices/", invoices.invoice_list, name="billing_invoices"),
    path("settings/billing/invoices/<str:invoice_id>/pdf/", invoices.invoice_pdf, name="billing_invoice_pdf"),
    path(
        "settings/billing/invoices/<str:invoice_id>/page/", invoices.invoice_page, name="billing_invoice_page"
    ),
    path(
        "settings/billing/invoices/<str:invoice_id>/credit/<str:note_id>/pdf/",
        invoices.credit_note_pdf,
        name="billing_credit_note_pdf",
    ),
]
