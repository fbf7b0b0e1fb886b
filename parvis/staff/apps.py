from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "parvis.staff"

    def ready(self) -> None:
        import parvis.staff.words  # noqa: F401  (registers how this context's entries read)
