from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "crm.activities"
    label = "activities"

    def ready(self) -> None:
        from core.records.writing import call_after_write
        from crm.activities.services.notifications import tell_new_owner
        from crm.activities.services.reminders import expect_reminder

        call_after_write(tell_new_owner)
        call_after_write(expect_reminder)
