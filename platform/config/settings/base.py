"""Settings of the product. Everything that differs between places comes from the environment."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.utils.translation import gettext_lazy as _

from config.rooms import ROOMS

ROOT = Path(__file__).resolve().parents[3]
STATE = Path(os.environ.get("GUANXI_STATE", ROOT / ".data"))

# -- Addresses. A workspace lives at <address>.<base host>; the public site at the base host.
_base = urlsplit(f"//{os.environ.get('GUANXI_BASE_DOMAIN', 'localhost:8000')}")
_is_local = (_base.hostname or "localhost").lower().endswith("localhost")
GUANXI = {
    "BASE_HOST": (_base.hostname or "localhost").lower(),
    "PUBLIC_PORT": f":{_base.port}" if _base.port else "",
    "SCHEME": os.environ.get("GUANXI_SCHEME", "http"),
    "STATE": STATE,
    # Where a visitor may write to whoever runs this installation; shown where they can do nothing else.
    "CONTACT_MAIL": os.environ.get("GUANXI_CONTACT_MAIL", ""),
    "DEV": os.environ.get("GUANXI_DEV") == "1",
    "POOL_SIZE": int(os.environ.get("GUANXI_POOL_SIZE", "5")),
    # New workspaces an hour from one IP address; 0 for no limit, as on a machine of one's own.
    "SIGNUPS_PER_HOUR": int(os.environ.get("GUANXI_SIGNUPS_PER_HOUR", "0" if _is_local else "5")),
    # What counts for support access where a workspace has said nothing: forbid, ask or allow.
    "SUPPORT_POLICY": os.environ.get("GUANXI_SUPPORT_POLICY", "ask"),
    # Whether a workspace may sign in by a service in our own network (OpenID Connect): on a machine of one's own.
    "PRIVATE_SERVICES": os.environ.get("GUANXI_PRIVATE_SERVICES", "1" if _is_local else "0") == "1",
    "UPLOAD_LIMIT_BYTES": 50 * 1024 * 1024,
}
# -- Payments. Without a key of one's own `up` starts the local stand-in and sets all three.
BILLING = {
    "STRIPE_SECRET_KEY": os.environ.get("STRIPE_SECRET_KEY", ""),
    # Only for the stand-in: where it listens.
    "STRIPE_API_BASE": os.environ.get("STRIPE_API_BASE", ""),
    "STRIPE_WEBHOOK_SECRET": os.environ.get("STRIPE_WEBHOOK_SECRET", ""),
    # In test modes each new customer gets a test clock, so that a year can be played through.
    "TEST_CLOCKS": os.environ.get("GUANXI_TEST_CLOCKS") == "1",
    # Where the seller is at home; a customer there is charged its tax whether business or not.
    "HOME_COUNTRY": os.environ.get("GUANXI_HOME_COUNTRY", ""),
}
TENANCY = {"SCOPE_SWITCH_IN_TRANSACTION": False, "PUBLIC_CACHES": ("registry",)}
HISTORY_KEY = os.environ.get("GUANXI_HISTORY_KEY", "")
# References that no foreign key shows: an undo keeps a record that one of these points at.
HISTORY_REFERENCES = [
    ("activities_activity", "target_id"),
    ("activities_activity", "root_id"),
    ("activities_task", "target_id"),
    ("activities_task", "root_id"),
    ("documents_attachment", "target_id"),
]
# Tables of rooms that history leaves out, each with its reason.
HISTORY_UNTRACKED = {
    "transfer_importjob": "progress of work; what it writes is recorded",
    "transfer_importchunk": "progress of work; what it writes is recorded",
    "transfer_stagedrow": "rows that wait to be written, unlogged",
    "transfer_exportjob": "progress of work that changes nothing",
    "people_handover": "progress of work; what it writes is recorded",
    "people_securityevent": "a log of its own, which nobody takes back",
    "people_signinservice": "how people sign in: a log of its own, and a secret",
    "people_outsideidentity": "who signs in as whom: no undo may bring one back",
    "people_handoverline": "records that wait to change hands",
    "workspace_numbercounter": "an undo must not give a number out twice",
    "usage_usagecount": "counters of what recorded rows say",
    "activities_notification": "what a person was told; derived from recorded changes",
}
SECRET_KEY = os.environ.get("SECRET_KEY", "")
# Former keys, separated by commas: what they signed and sealed still opens.
SECRET_KEY_FALLBACKS = [each for each in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if each]
DEBUG = False
ALLOWED_HOSTS = ["*"]  # the registry decides which hosts are served

# -- Apps. public schema: SHARED_APPS; template and tenants: TENANT_APPS; people and sign-in are in both.
_IN_BOTH = [
    "tenants.people",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
SHARED_APPS = [
    "config",
    "core",
    "web",
    "django_tenants",
    "tenants.registry",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "billing.plans",
    "billing.entitlements",
    "billing.subscriptions",
    "billing.webhooks",
    "tenants.signup",
    "tenants.console",
    *_IN_BOTH,
]
TENANT_APPS = [*_IN_BOTH, "core.history", "core.outbox", "core.records", "core.usage", *ROOMS]
INSTALLED_APPS = list(dict.fromkeys([*SHARED_APPS, *TENANT_APPS]))
TENANT_MODEL = "registry.Tenant"
TENANT_DOMAIN_MODEL = "registry.Domain"


# -- Database: the web login by default; the migrator's only where the environment gives it.
def _database(url: str, **options: object) -> dict:
    return {
        **dj_database_url.parse(url, conn_max_age=600, conn_health_checks=False),
        "ENGINE": "core.tenancy.backend",
        "OPTIONS": {"options": "-c timezone=UTC", "connect_timeout": 10},
        **options,
    }


DATABASES = {
    "default": _database(os.environ.get("DATABASE_URL", "postgres://web@127.0.0.1:5432/guanxi")),
    "migrator": _database(
        os.environ.get("MIGRATOR_DATABASE_URL", "postgres://migrator@127.0.0.1:5432/guanxi"),
        TENANT_ROLE=False,
        CONN_MAX_AGE=0,
    ),
}
DATABASE_ROUTERS = ["core.tenancy.router.TenancyRouter"]
TENANT_SYNC_ROUTER = DATABASE_ROUTERS[0]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Cache and broker: three databases of one server.
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379").rstrip("/")
CACHES = {
    "default": {
        "BACKEND": "core.tenancy.cache.ForgivingRedisCache",
        "LOCATION": f"{REDIS_URL}/1",
        "KEY_FUNCTION": "core.tenancy.cache.tenant_key",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 2},
    },
    # Host → snapshot: read before any tenant is known.
    "registry": {
        "BACKEND": "core.tenancy.cache.ForgivingRedisCache",
        "LOCATION": f"{REDIS_URL}/2",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 2},
    },
}
CELERY_BROKER_URL = f"{REDIS_URL}/0"

# -- Requests
ROOT_URLCONF = "config.urls_tenant"
PUBLIC_SCHEMA_URLCONF = "config.urls_public"
WSGI_APPLICATION = "config.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.health.HealthMiddleware",
    "csp.middleware.CSPMiddleware",
    "tenants.registry.middleware.TenantMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tenants.people.middleware.SessionActivityMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenants.console.support.middleware.SupportMiddleware",
    "tenants.people.middleware.PersonMiddleware",
    "tenants.people.security.gate.SecondFactorGate",
    "tenants.people.roles.viewing.ViewAsMiddleware",
    "billing.subscriptions.middleware.AccessMiddleware",
    "tenants.console.gate.ConsoleGate",
    "web.middleware.DomainErrorMiddleware",
    "web.middleware.ModuleMiddleware",
    "web.middleware.RecordRightsMiddleware",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "web.uploads.LimitedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
_TLS = GUANXI["SCHEME"] == "https"
_PREFIX = "__Host-" if _TLS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_PREFIX}sessionid", f"{_PREFIX}csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "tenants.people.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_FAILURE_VIEW = "web.errors.csrf_failed"
if _TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000

# -- Templates and static files
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "web.templatetags.ui",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.shell.shell",
                "web.branding.branding",
            ],
        },
    }
]
STATIC_URL = "/static/"
STORAGES = {
    "default": {
        "BACKEND": "core.tenancy.files.TenantStorage",
        "OPTIONS": {"location": str(STATE / "files")},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# -- People
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["tenants.people.backends.WorkspaceBackend"]
PASSWORD_HASHERS = [
    "tenants.people.hashers.Argon2idHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_ADAPTER = "tenants.people.adapter.WorkspaceAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the trial is not blocked; confirmation is ours (tenants.people)
ACCOUNT_EMAIL_CONFIRMATION_HMAC = False  # its keys would be valid in every workspace
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "tenants.people.reset_tokens.WorkspaceResetTokens"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
USERSESSIONS_TRACK_ACTIVITY = True
# Our own brakes instead (tenants.people.security.brakes).
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "reauthenticate": None}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60

# Reverse proxies in front whose word on the visitor's address is believed.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("GUANXI_TRUSTED_PROXIES", "0"))
MFA_ADAPTER = "tenants.people.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "tenants.people.second_factor.BrakedAuthenticateForm",
    "reauthenticate": "tenants.people.second_factor.BrakedReauthenticateForm",
}

# -- Mail. Without EMAIL_URL it goes to a folder that a page in local mode shows.
_mail = urlsplit(os.environ.get("EMAIL_URL", ""))
# Writes a line for each mail and hands it to MAIL_SENDER.
EMAIL_BACKEND = "tenants.console.mailing.LoggedBackend"
if _mail.scheme:
    MAIL_SENDER = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.username or "", _mail.password or ""
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp+tls"
else:
    MAIL_SENDER = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = STATE / "mail"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("GUANXI_MAIL_FROM", f"Guanxi <no-reply@{GUANXI['BASE_HOST']}>")

# -- Languages
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "web.formats"

# -- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "web.api.errors.answer",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Guanxi",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["web.api.document.without_hidden_types"],
    "DISABLE_ERRORS_AND_WARNINGS": False,
}

# -- Logs
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"scope": {"()": "config.logs.ScopeFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} tenant={tenant} {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["scope"]}},
    # The SDK tells each request twice.
    "loggers": {"stripe": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("GUANXI_LOG_LEVEL", "INFO")},
}
if os.environ.get("SENTRY_DSN"):
    import sentry_sdk

    sentry_sdk.init(dsn=os.environ["SENTRY_DSN"], send_default_pii=False)
