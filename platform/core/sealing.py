"""Secrets at rest: sealed with a key that the database does not hold, for one workspace and one purpose.

The keys are worked out of SECRET_KEY (HKDF, RFC 5869). To change it, put the former one into SECRET_KEY_FALLBACKS:
what was sealed with it opens, and what is sealed anew takes the present one.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from core.tenancy.scope import current

_MARK = "sealed:"


class Unsealable(Exception):
    """Sealed elsewhere, for something else, or with a key that is gone."""


def seal(text: str, *, purpose: str) -> str:
    """Text that only this workspace's code opens, for the same purpose."""
    return _MARK + _box(current().schema, purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Raises Unsealable."""
    try:
        return _box(current().schema, purpose).decrypt(sealed.removeprefix(_MARK).encode()).decode()
    except (InvalidToken, ValueError) as error:
        raise Unsealable("this secret cannot be opened here") from error


def is_sealed(text: str) -> bool:
    """Whether `seal` made it."""
    return text.startswith(_MARK)


def _box(schema: str, purpose: str) -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_key(each, schema, purpose)) for each in keys])


@lru_cache(maxsize=256)
def _key(secret: str, schema: str, purpose: str) -> bytes:
    info = f"guanxi:{schema}:{purpose}".encode()
    derived = HKDF(algorithm=SHA256(), length=32, salt=b"guanxi.sealing", info=info).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
