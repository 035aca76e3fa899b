from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tenants.people"
    label = "people"

    def ready(self) -> None:
        from tenants.people.security.listening import listen

        listen()
