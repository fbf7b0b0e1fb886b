from django.apps import AppConfig


class EncountersConfig(AppConfig):
    name = "parvis.encounters"
