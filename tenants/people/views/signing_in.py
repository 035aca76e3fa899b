"""The page before everything else."""

from typing import Any

from allauth.account.views import LoginView
from django.utils.translation import gettext as _

from tenants.people.sso.services import service_in_use


class SignInView(LoginView):  # type: ignore[misc]
    """Mail and password, a passkey, or the workspace's own service."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        service = service_in_use()
        if service is not None:
            context |= {
                "sso_button": service.button or _("Sign in by another service"),
                "sso_required": service.required,
            }
        return context


sign_in = SignInView.as_view()
