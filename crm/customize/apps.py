from django.apps import AppConfig


class CustomizeConfig(AppConfig):
    name = "crm.customize"
    label = "customize"
