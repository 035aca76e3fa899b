"""Addresses of the console, all under /console/ on the public host and all behind tenants.console.gate."""

from django.urls import include, path

from tenants.console.views import charges, installation, money, running, support, tenant, tenants

urlpatterns = [
    path("", include("tenants.console.urls_account")),
    path("", tenants.tenant_list, name="console"),
    path("find/", tenants.find, name="console_find"),
    path("export/", tenants.export, name="console_export"),
    path("tenants/<uuid:tenant_id>/", tenant.tenant_page, name="tenant"),
    path("tenants/<uuid:tenant_id>/note/", tenant.note, name="tenant_note"),
    path("tenants/<uuid:tenant_id>/suspend/", tenant.suspend, name="tenant_suspend"),
    path("tenants/<uuid:tenant_id>/restore/", tenant.restore, name="tenant_restore"),
    path("tenants/<uuid:tenant_id>/delete/", tenant.delete, name="tenant_delete"),
    path("tenants/<uuid:tenant_id>/reopen/", tenant.reopen, name="tenant_reopen"),
    path("tenants/<uuid:tenant_id>/trial/", tenant.trial, name="tenant_trial"),
    path("tenants/<uuid:tenant_id>/grant/", tenant.grant, name="tenant_grant"),
    path(
        "tenants/<uuid:tenant_id>/grant/<uuid:grant_id>/withdraw/",
        tenant.grant_withdraw,
        name="tenant_grant_withdraw",
    ),
    path("tenants/<uuid:tenant_id>/support/", support.ask, name="support_ask"),
    path("tenants/<uuid:tenant_id>/plan/", money.plan, name="tenant_plan"),
    path("tenants/<uuid:tenant_id>/coupon/", charges.coupon, name="tenant_coupon"),
    path("tenants/<uuid:tenant_id>/invoices/", charges.invoices, name="tenant_invoices"),
    path(
        "tenants/<uuid:tenant_id>/invoices/<str:invoice_id>/refund/",
        charges.refund_invoice,
        name="tenant_refund",
    ),
    path("revenue/", money.revenue, name="revenue"),
    path("failed-payments/", money.failed_payments, name="failed_payments"),
    path("coupons/", money.coupons, name="coupons"),
    path("coupons/new/", money.coupon_new, name="coupon_new"),
    path("announcements/", installation.announcements, name="announcements"),
    path("announcements/new/", installation.announcement_new, name="announcement_new"),
    path(
        "announcements/<uuid:announcement_id>/withdraw/",
        installation.announcement_withdraw,
        name="announcement_withdraw",
    ),
    path("switches/", installation.switches, name="switches"),
    path("switches/<slug:key>/", installation.switch_edit, name="switch_edit"),
    path("jobs/", running.jobs, name="jobs"),
    path("jobs/fleet/", running.fleet_retry, name="fleet_retry"),
    path("mails/", running.mails, name="mails"),
    path("log/", running.access_log, name="access_log"),
    path("settings/", installation.settings_page, name="console_settings"),
    path("settings/operators/<uuid:operator_id>/", installation.operator_switch, name="operator_switch"),
    path("support/", support.accesses, name="support_accesses"),
    path("support/<uuid:access_id>/", support.access_page, name="support_access"),
    path("support/<uuid:access_id>/open/", support.open_, name="support_open"),
    path("support/<uuid:access_id>/end/", support.end, name="support_end"),
]
