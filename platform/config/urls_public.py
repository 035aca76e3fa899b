"""Pages of the public host: sign-up, what stands before a workspace, and the operator's console."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("billing.webhooks.urls")),
    path("", include("tenants.signup.urls_public")),
    path("console/", include("tenants.console.urls")),
]

handler404 = "web.errors.not_found"
handler500 = "web.errors.failed"
