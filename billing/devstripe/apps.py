from django.apps import AppConfig


class DevstripeConfig(AppConfig):
    name = "billing.devstripe"
    label = "devstripe"
