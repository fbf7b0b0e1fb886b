from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "parvis.catalog"

    def ready(self) -> None:
        import parvis.catalog.words  # noqa: F401  (registers how this context's entries read)
        from parvis.catalog.selectors import site_ids_of_member
        from parvis.catalog.snapshot import watch_catalog
        from parvis.staff.selectors import provide_site_ids

        provide_site_ids(site_ids_of_member)
        watch_catalog()
