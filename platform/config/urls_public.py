"""Pages of the public host: sign-up and what stands before a workspace."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("billing.webhooks.urls")),
    path("", include("tenants.signup.urls_public")),
]

handler404 = "web.errors.not_found"
handler500 = "web.errors.failed"
