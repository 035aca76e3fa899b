"""Which languages the people of a workspace may choose."""

from django.conf import settings

from core.tenancy.scope import peek
from tenants.people.workspace_settings import setting

KEY = "languages"


def offered_languages() -> list[str]:
    """Codes, in the product's order: those that the workspace offers, and its own in any case."""
    every = [code for code, _name in settings.LANGUAGES]
    chosen = setting(KEY)
    if not chosen:
        return every
    scope = peek()
    own = scope.snapshot.language if scope and scope.snapshot else ""
    return [code for code in every if code in chosen or code == own]


def language_of(person: object) -> str:
    """The person's own choice as long as it is offered; '' for the workspace's."""
    chosen: str = getattr(person, "language", "") or ""
    return chosen if chosen in offered_languages() else ""
