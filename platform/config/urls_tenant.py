"""Pages of a workspace."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("tenants.people.urls")),
    path("", include("tenants.signup.urls_tenant")),
    path("", include("billing.subscriptions.urls")),
    path("", include("tenants.console.urls_tenant")),
    path("account/", include("allauth.urls")),
    path("api/v1/", include("web.api.urls")),
    path("", include("crm.desk.urls")),
    path("", include("crm.activities.urls")),
    path("", include("crm.documents.urls")),
    path("", include("crm.mail.urls")),
    path("", include("crm.opportunities.urls")),
    path("", include("crm.customize.urls")),
    path("", include("crm.fields.urls")),
    path("", include("crm.workspace.urls")),
    path("", include("crm.analytics.urls")),
    path("", include("crm.samples.urls")),
    path("", include("crm.trades.urls")),
    path("", include("crm.transfer.urls")),
    path("", include("web.records.urls")),
]
if settings.GUANXI["DEV"]:
    urlpatterns.insert(0, path("", include("web.living_urls")))

handler404 = "web.errors.not_found"
handler500 = "web.errors.failed"
