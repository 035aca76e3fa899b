"""Ways into the console: allauth's own machinery, each page in the console's dress.

Only what stands here is reachable: the public host does not include allauth's addresses. There is no sign-up, no
reset by mail and no way to do without the factor; `manage.py make_operator` and `reset_factor` are for that.
"""

from typing import Any

from allauth.account import views as account
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.mfa.base import views as mfa
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal.flows import activate_totp
from allauth.usersessions import views as usersessions
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tenants.console.gate import has_factor

_FOLDER = "tenants/console/account"
_SHOW_CODES = "console_show_codes"


class SignInView(account.LoginView):
    """Mail and password; the factor is asked for on the next page."""

    template_name = f"{_FOLDER}/sign_in.html"
    extra_context = {"no_side": True}

    def get_default_success_url(self) -> str:
        return reverse("console")

    def get_authenticated_redirect_url(self) -> str:
        return self.get_next_url() or reverse("console")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if self.request.user.is_authenticated:
            # No factor yet. They gave the password this moment: setting one up need not ask for it again.
            reauthenticate_by_password(self.request)
        return response


class FactorView(mfa.AuthenticateView):
    """The second step of signing in: a code of the app, or a recovery code."""

    template_name = f"{_FOLDER}/factor.html"
    extra_context = {"no_side": True}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if self.request.user.is_authenticated:
            # They gave both this moment: what allauth guards need not ask again at once.
            record_authentication(self.request, self.request.user, "mfa", reauthenticated=True)
        return response


class ConfirmByPasswordView(account.ReauthenticateView):
    """Is it you? By password."""

    template_name = f"{_FOLDER}/confirm.html"
    extra_context = {"no_side": True, "by": "password"}

    def get_default_success_url(self) -> str:
        return reverse("console")


class ConfirmByFactorView(mfa.ReauthenticateView):
    """Is it you? By a code."""

    template_name = f"{_FOLDER}/confirm.html"
    extra_context = {"no_side": True, "by": "factor"}

    def get_default_success_url(self) -> str:
        return reverse("console")


class SetUpFactorView(totp.ActivateTOTPView):
    """The first thing after the first sign-in; nothing else is reachable before."""

    template_name = f"{_FOLDER}/set_up.html"
    extra_context = {"no_side": True}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if has_factor(request.user):
            return redirect("mfa_index")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        factor, _codes = activate_totp(self.request, form)
        # The code was right: this session went through the factor.
        post_authentication(self.request, factor, reauthenticated=True)
        self.request.session[_SHOW_CODES] = True
        return redirect("mfa_view_recovery_codes")


class NewCodesView(recovery_codes.GenerateRecoveryCodesView):
    """New recovery codes in place of the old ones."""

    template_name = f"{_FOLDER}/new_codes.html"
    extra_context = {"title": _("New recovery codes")}

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session[_SHOW_CODES] = True
        return super().form_valid(form)


@never_cache
@require_http_methods(["GET", "HEAD"])
def recovery_codes_once(request: HttpRequest) -> HttpResponse:
    """Shown once, right after they were made; afterwards only how many are left."""
    if not request.session.pop(_SHOW_CODES, False):
        return redirect("mfa_index")
    codes = _unused_codes(request)
    context = {"title": _("Recovery codes"), "codes": codes}
    return render(request, f"{_FOLDER}/codes.html", context)


@require_http_methods(["GET", "HEAD"])
def own_account(request: HttpRequest) -> HttpResponse:
    """One's own factor, codes, password and sessions."""
    factor = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.TOTP).first()
    context = {"title": _("Your account"), "factor": factor, "codes_left": len(_unused_codes(request))}
    return render(request, f"{_FOLDER}/account.html", context)


class PasswordView(account.PasswordChangeView):
    """A new password; the other sessions end."""

    template_name = f"{_FOLDER}/password.html"
    extra_context = {"title": _("Password")}
    success_url = reverse_lazy("mfa_index")


class SessionsView(usersessions.ListUserSessionsView):
    """Where one is signed in, and out of the others."""

    template_name = f"{_FOLDER}/sessions.html"
    extra_context = {"title": _("Sessions")}


class SignOutView(account.LogoutView):
    """POST ends the session; GET asks."""

    template_name = f"{_FOLDER}/sign_out.html"
    extra_context = {"no_side": True}


def inactive(request: HttpRequest) -> HttpResponse:
    """For an operator whose access was taken away."""
    return render(request, f"{_FOLDER}/inactive.html", {"no_side": True}, status=403)


def _unused_codes(request: HttpRequest) -> list[str]:
    kept = Authenticator.objects.filter(
        user_id=request.user.pk, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    return kept.wrap().get_unused_codes() if kept else []
