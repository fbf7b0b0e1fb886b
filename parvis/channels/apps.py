from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "parvis.channels"

    def ready(self) -> None:
        from parvis.channels.sms import provider_check

        provider_check()
        import parvis.channels.words  # noqa: F401  (registers how this context's entries read)
