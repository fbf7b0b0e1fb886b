from django.apps import AppConfig


class ToolkitConfig(AppConfig):
    name = "parvis.toolkit"

    def ready(self) -> None:
        # The kernel knows no Django; its errors read in the reader's language through this.
        from django.utils.translation import gettext

        from parvis.kernel.phrases import use_translator

        use_translator(gettext)
