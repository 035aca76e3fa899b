from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "core.usage"
    label = "usage"
