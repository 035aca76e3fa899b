from django.apps import AppConfig


class FieldsConfig(AppConfig):
    name = "crm.fields"
    label = "fields"
