from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "parvis.desk"

    def ready(self) -> None:
        import parvis.desk.handlers
        import parvis.desk.words  # noqa: F401  (registers how this context's entries read)
        from parvis.channels.places import provide_places
        from parvis.desk.selectors import mail_places

        provide_places(mail_places)
