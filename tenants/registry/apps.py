from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "tenants.registry"
    label = "registry"

    def ready(self) -> None:
        from core.tenancy.tasks import use_snapshots_from
        from tenants.registry.hosts import snapshot_of_schema

        use_snapshots_from(snapshot_of_schema)
