"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane: the OWASP Password Storage Cheat Sheet's minimum.

    Django's own setting takes 100 MiB and eight lanes a sign-in, which a small server with many tenants cannot
    spare: sixteen people who sign in at once would need 1.6 GB.
    """

    memory_cost = 19 * 1024  # KiB
    time_cost = 2
    parallelism = 1
