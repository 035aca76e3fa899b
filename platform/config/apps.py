"""Where the floors are tied together, at start, in one visible place."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"
