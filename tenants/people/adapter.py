"""allauth inside a workspace: links from the stored domain, no open sign-up."""

from contextlib import nullcontext
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import override

from core.tenancy.addresses import address_of, public_address
from core.tenancy.scope import current
from tenants.people.mailing import with_footer


class WorkspaceAccountAdapter(DefaultAccountAdapter):
    """allauth builds links from the request's Host header; these come from the registry."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # people join by invitation

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _ours(super().get_reset_password_from_key_url(key))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        for name in ("password_reset_url", "signup_url", "activate_url"):
            if name in context:
                context[name] = _ours(context[name])
        context["workspace"] = current().snapshot
        language = getattr(context.get("user"), "language", "")
        # Whoever asks for it may sit at a browser in another language than the person's own.
        with override(language) if language else nullcontext():
            super().send_mail(template_prefix, email, context)

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: Any = None
    ) -> Any:
        message = super().render_mail(template_prefix, email, context, headers)
        message.body = with_footer(message.body.strip()) + "\n"
        return message

    def format_email_subject(self, subject: str) -> str:
        snapshot = current().snapshot
        return f"[{snapshot.name if snapshot else 'Guanxi'}] {subject}"


def _ours(url: str) -> str:
    """The same path on the stored primary domain."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    snapshot = current().snapshot
    return address_of(snapshot.domain, path) if snapshot else public_address(path)
