from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "crm.documents"
    label = "documents"

    def ready(self) -> None:
        from crm.activities.selectors.attachments import use_file_shelf
        from crm.documents.parts import SHELF

        use_file_shelf(SHELF)
