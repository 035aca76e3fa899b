from collections.abc import Iterator

import pytest

from tenants.people.models import Role, User


@pytest.fixture
def member(workspace) -> User:
    """A colleague without rights over others."""
    return User.objects.create_user("mo@firm.example", "a fine long phrase", name="Mo Member")


@pytest.fixture
def admin(workspace) -> User:
    """A colleague who may invite and change settings."""
    return User.objects.create_user("ad@firm.example", "a fine long phrase", name="Ad Min", role=Role.ADMIN)


@pytest.fixture
def committing(django_capture_on_commit_callbacks, worker) -> Iterator[object]:
    """`with committing(): …`: what the block sends on commit is done at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
