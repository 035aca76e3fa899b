"""Addresses of the public host."""

from django.urls import path

from tenants.signup.views import finding, local_mail, opening, workspace

urlpatterns = [
    path("", opening.sign_up_page, name="sign_up"),
    path("address/", opening.check_address_part, name="address_check"),
    path("waiting/<str:token>/", opening.waiting_page, name="waiting"),
    path("sign-in/", finding.sign_in, name="sign_in"),
    path("find/", finding.find_workspaces, name="find_workspaces"),
    path("language/", finding.set_language, name="set_language"),
    path("terms/", finding.site_page, {"slug": "terms"}, name="terms"),
    path("privacy/", finding.site_page, {"slug": "privacy"}, name="privacy"),
    path("closed/", workspace.closed, name="closed"),
    path("local-mail/", local_mail.local_mail, name="local_mail"),
]
