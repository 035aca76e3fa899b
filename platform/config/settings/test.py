"""Base, with cheap password hashing and one transaction a test."""

import os

from config.settings.base import *  # noqa: F403
from config.settings.base import CACHES, GUANXI, REDIS_URL, TENANCY

SECRET_KEY = "tests-only-" + "x" * 40
HISTORY_KEY = "tests-only-history-key"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A test that is rolled back has one transaction around public and tenant work.
TENANCY = {**TENANCY, "SCOPE_SWITCH_IN_TRANSACTION": True}
GUANXI = {**GUANXI, "DEV": True, "POOL_SIZE": 2}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = False

# Each worker of the test run has databases of its own in the cache: one clears what another reads.
_FIRST = 3 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
CELERY_BROKER_URL = f"{REDIS_URL}/{_FIRST}"
CACHES = {
    **CACHES,
    "default": {**CACHES["default"], "LOCATION": f"{REDIS_URL}/{_FIRST + 1}"},
    "registry": {**CACHES["registry"], "LOCATION": f"{REDIS_URL}/{_FIRST + 2}"},
}
