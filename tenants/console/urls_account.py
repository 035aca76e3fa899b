"""Addresses of signing in to the console. allauth asks for its own names; what is not used is closed."""

from django.urls import path

from tenants.console.views import signing_in
from web.errors import closed

urlpatterns = [
    path("sign-in/", signing_in.SignInView.as_view(), name="account_login"),
    path("account/", signing_in.own_account, name="mfa_index"),
    path("account/factor/", signing_in.FactorView.as_view(), name="mfa_authenticate"),
    path("account/factor/set-up/", signing_in.SetUpFactorView.as_view(), name="mfa_activate_totp"),
    path("account/factor/codes/", signing_in.recovery_codes_once, name="mfa_view_recovery_codes"),
    path("account/factor/codes/new/", signing_in.NewCodesView.as_view(), name="mfa_generate_recovery_codes"),
    path("account/confirm/", signing_in.ConfirmByFactorView.as_view(), name="mfa_reauthenticate"),
    path(
        "account/confirm/password/", signing_in.ConfirmByPasswordView.as_view(), name="account_reauthenticate"
    ),
    path("account/password/", signing_in.PasswordView.as_view(), name="account_change_password"),
    path("account/sessions/", signing_in.SessionsView.as_view(), name="usersessions_list"),
    path("account/sign-out/", signing_in.SignOutView.as_view(), name="account_logout"),
    path("account/inactive/", signing_in.inactive, name="account_inactive"),
    # Names that allauth reverses. An operator cannot sign up, reset by mail, or do without the factor.
    path("account/closed/sign-up/", closed, name="account_signup"),
    path("account/closed/reset/", closed, name="account_reset_password"),
    path("account/closed/mail/", closed, name="account_email"),
    path("account/closed/mail/sent/", closed, name="account_email_verification_sent"),
    path("account/closed/password/", closed, name="account_set_password"),
    path("account/closed/factor/", closed, name="mfa_deactivate_totp"),
]
