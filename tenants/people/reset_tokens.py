"""Links to choose a new password, bound to the workspace that sent them."""

from typing import Any

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator

from core.tenancy.scope import current


class WorkspaceResetTokens(EmailAwarePasswordResetTokenGenerator):
    """The package's token hashes the person's row alone: a copy of it elsewhere would honour the link."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{current().schema}:{super()._make_hash_value(user, timestamp)}"
