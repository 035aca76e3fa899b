"""The same apps under django-tenants' own backend, router and commands: the peer that bench/stock.py measures."""

from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASES, INSTALLED_APPS

# First, so that its own migrate_schemas is found, not the one that refuses.
INSTALLED_APPS = ["django_tenants", *(name for name in INSTALLED_APPS if name != "django_tenants")]
DATABASES = {
    "default": {**DATABASES["migrator"], "ENGINE": "django_tenants.postgresql_backend", "CONN_MAX_AGE": 600}
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
TENANT_SYNC_ROUTER = DATABASE_ROUTERS[0]
PG_EXTRA_SEARCH_PATHS = ["extensions"]
