"""What can go wrong with another service, in sentences."""

from core.errors import DomainError


class ServiceTrouble(DomainError):
    """The service does not answer, or what it says cannot be trusted."""

    code = "service_trouble"
    status = 502


class SignInRefused(DomainError):
    """The service knows the person, this workspace does not let them in."""

    code = "sign_in_refused"
    status = 403
