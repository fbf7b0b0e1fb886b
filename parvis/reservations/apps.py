from django.apps import AppConfig


class ReservationsConfig(AppConfig):
    name = "parvis.reservations"

    def ready(self) -> None:
        import parvis.reservations.words  # noqa: F401  (registers how this context's entries read)
        from parvis.catalog.snapshot import watch
        from parvis.reservations.models import Offering, Requirement, Resource

        watch(Offering, Requirement, Resource)
