"""Which app's tables live in which schema; migrations run through the migrator's login only."""

from typing import Any

from django.apps import apps
from django.conf import settings

from core.tenancy.scope import peek

MIGRATOR = "migrator"


class TenancyRouter:
    """Public schema: SHARED_APPS. Template and tenants: TENANT_APPS."""

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool | None:
        if db != MIGRATOR:
            return False
        scope = peek()
        names = settings.SHARED_APPS if scope is None or scope.is_public else settings.TENANT_APPS
        return None if apps.get_app_config(app_label).name in names else False

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True
