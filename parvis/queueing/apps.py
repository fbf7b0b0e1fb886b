from django.apps import AppConfig


class QueueingConfig(AppConfig):
    name = "parvis.queueing"

    def ready(self) -> None:
        import parvis.queueing.words  # noqa: F401  (registers how this context's entries read)
