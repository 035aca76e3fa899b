"""The Django app of the component kit."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    """Shell, components, assets and their words. No models."""

    name = "web"
    label = "web"
    verbose_name = _("Interface")
