from django.apps import AppConfig


class TradesConfig(AppConfig):
    name = "crm.trades"
    label = "trades"
