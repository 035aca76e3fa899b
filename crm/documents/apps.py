from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "crm.documents"
    label = "documents"
