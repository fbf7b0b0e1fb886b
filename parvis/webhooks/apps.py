from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "parvis.webhooks"

    def ready(self) -> None:
        import parvis.webhooks.handlers
        import parvis.webhooks.words  # noqa: F401  (registers how this context's entries read)
        from parvis.desk.worker import provide_pumps
        from parvis.webhooks.worker import pumps

        provide_pumps(pumps)
