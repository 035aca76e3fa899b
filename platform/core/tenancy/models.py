"""Base of every model that lives in a tenant schema."""

from typing import Any, Self

from django.db import models

from core.tenancy.scope import ScopeError, current


class TenantModel(models.Model):
    """Remembers the schema an instance was loaded in and refuses to be written in another one."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any) -> Self:
        instance = super().from_db(db, field_names, values)
        instance.__dict__["_schema"] = current().schema
        return instance

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_other_tenant()
        super().save(*args, **kwargs)
        self.__dict__.setdefault("_schema", current().schema)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        self._refuse_other_tenant()
        return super().delete(*args, **kwargs)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_other_tenant()
        super().refresh_from_db(*args, **kwargs)

    def _refuse_other_tenant(self) -> None:
        loaded_in = self.__dict__.get("_schema")
        here = current().schema
        if loaded_in is not None and loaded_in != here:
            raise ScopeError(f"{type(self).__name__} of {loaded_in} used in {here}")
