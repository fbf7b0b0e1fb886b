from django.apps import AppConfig


class PromisesConfig(AppConfig):
    name = "parvis.promises"

    def ready(self) -> None:
        import parvis.promises.words  # noqa: F401  (registers how this context's entries read)
