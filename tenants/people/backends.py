"""Who signs in, and who is signed in."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from tenants.people.models import User
from tenants.people.sessions import loaded_person


class WorkspaceBackend(AuthenticationBackend):
    """allauth's, but the person of a request comes with its session (see sessions.py)."""

    def get_user(self, user_id: Any) -> User | None:
        """None when the person is gone or may no longer sign in."""
        person = loaded_person(user_id)
        if person is None:
            return super().get_user(user_id)
        return person if self.user_can_authenticate(person) else None
