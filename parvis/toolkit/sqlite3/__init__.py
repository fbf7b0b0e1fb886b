"""Django's SQLite backend, with writers that wait their turn more patiently (`ENGINE = "parvis.toolkit.sqlite3"`)."""
