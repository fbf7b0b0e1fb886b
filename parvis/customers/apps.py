from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "parvis.customers"

    def ready(self) -> None:
        import parvis.customers.words  # noqa: F401  (registers how this context's entries read)
