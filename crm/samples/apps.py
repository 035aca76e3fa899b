from django.apps import AppConfig


class SamplesConfig(AppConfig):
    name = "crm.samples"
    label = "samples"
