"""Django settings of the stand-in: a project of its own, sharing nothing with the product."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECRET_KEY = os.environ.get("DEVSTRIPE_SECRET_KEY", "sk_test_devstripe_local")
WEBHOOK_HOST = os.environ.get("DEVSTRIPE_WEBHOOK_HOST", "")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["billing.devstripe"]
MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware", "billing.devstripe.pages.frame.PagePolicy"]
ROOT_URLCONF = "billing.devstripe.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {"context_processors": []},
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        # A file: each thread has a connection of its own.
        "NAME": os.environ["DEVSTRIPE_DATABASE"],
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous="
            + ("OFF" if os.environ.get("DEVSTRIPE_SYNC") == "off" else "FULL"),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOGGING_CONFIG = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
