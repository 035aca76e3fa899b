"""Where the floors are tied together, at start, in one visible place."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"

    def ready(self) -> None:
        from config.rooms import all_record_types
        from core.records.types import use_record_types

        use_record_types(all_record_types())
