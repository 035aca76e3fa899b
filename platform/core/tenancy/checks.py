"""System checks: nothing shared between tenants may be configured without the tenant in its keys."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.utils.module_loading import import_string

from core.tenancy.files import TenantStorage


@register()
def every_cache_knows_the_tenant(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Caches other than those named in TENANCY["PUBLIC_CACHES"] must use core.tenancy.cache.tenant_key."""
    wanted = "core.tenancy.cache.tenant_key"
    public = settings.TENANCY["PUBLIC_CACHES"]
    return [
        Error(f"CACHES[{alias!r}] has no KEY_FUNCTION {wanted}", id="tenancy.E001")
        for alias, config in settings.CACHES.items()
        if alias not in public and config.get("KEY_FUNCTION") != wanted
    ]


@register()
def every_storage_knows_the_tenant(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Only the static files' storage may stand outside the tenants' folders."""
    return [
        Error(f"STORAGES[{alias!r}] is not a TenantStorage", id="tenancy.E002")
        for alias, config in settings.STORAGES.items()
        if alias != "staticfiles" and not issubclass(import_string(config["BACKEND"]), TenantStorage)
    ]


@register()
def shared_and_tenant_apps_cover_all(app_configs: Any, **kwargs: Any) -> list[Error]:
    """An installed app that is in neither list would silently get no tables."""
    named = {*settings.SHARED_APPS, *settings.TENANT_APPS}
    return [
        Error(f"{name} is neither in SHARED_APPS nor in TENANT_APPS", id="tenancy.E003")
        for name in settings.INSTALLED_APPS
        if name not in named
    ]
