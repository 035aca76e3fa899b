from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Belongs to TENANT_APPS: the three tables and the work table live in each workspace."""

    name = "core.history"
    label = "history"
