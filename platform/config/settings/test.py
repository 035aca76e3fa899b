"""Base, with cheap password hashing and one transaction a test."""

from config.settings.base import *  # noqa: F403
from config.settings.base import GUANXI, TENANCY

SECRET_KEY = "tests-only-" + "x" * 40
HISTORY_KEY = "tests-only-history-key"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A test that is rolled back has one transaction around public and tenant work.
TENANCY = {**TENANCY, "SCOPE_SWITCH_IN_TRANSACTION": True}
GUANXI = {**GUANXI, "DEV": True, "POOL_SIZE": 2}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = False
