"""Absolute links, built from what is stored and configured, never from the request's Host header."""

from django.conf import settings


def address_of(domain: str, path: str = "/") -> str:
    """A link to a host of ours: scheme and port come from settings."""
    return f"{settings.GUANXI['SCHEME']}://{domain}{settings.GUANXI['PUBLIC_PORT']}{path}"


def public_address(path: str = "/") -> str:
    """A link to the public site."""
    return address_of(settings.GUANXI["BASE_HOST"], path)
