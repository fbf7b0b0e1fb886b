from django.apps import AppConfig


class EncountersConfig(AppConfig):
    name = "parvis.encounters"

    def ready(self) -> None:
        import parvis.encounters.words  # noqa: F401  (registers how this context's entries read)
