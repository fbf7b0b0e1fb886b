from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "parvis.staff"

    def ready(self) -> None:
        import parvis.staff.words  # noqa: F401  (registers how this context's entries read)
        from parvis.staff.selectors import opens_anything
        from parvis.toolkit.api.idempotency import provide_is_let_in

        provide_is_let_in(lambda request: opens_anything(request.headers.get("Authorization", "")))
