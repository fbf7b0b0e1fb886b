"""Empties a database of everything that a demo wrote into it."""

from django.core.management.color import no_style
from django.db import connection, transaction

from parvis.customers.models import SEARCH as CUSTOMERS
from parvis.desk.models import SEARCH as DESK
from parvis.ledger.triggers import CREATE, DROP
from parvis.toolkit.keys import keys_forget

# Not written by the demo: the schema's own tables, and the name that this installation's mail carries.
KEPT = {"django_migrations", "django_content_type", "auth_permission", "toolkit_installationsecret"}


def database_wipe() -> None:
    """Delete every row, sequences starting over, in one transaction; the ledger's guard stands aside for it."""
    tables = [t for t in connection.introspection.django_table_names(only_existing=True) if t not in KEPT]
    statements = connection.ops.sql_flush(no_style(), tables, reset_sequences=True)
    with transaction.atomic(), connection.cursor() as cursor:
        connection.check_constraints()  # PostgreSQL empties no table that still has one to check
        for statement in DROP[connection.vendor]:
            cursor.execute(statement)
        for statement in statements:
            cursor.execute(statement)
        for index in (CUSTOMERS, DESK):
            cursor.execute(f"DELETE FROM {index.name}")  # noqa: S608 - our own table's name
        for statement in CREATE[connection.vendor]:
            cursor.execute(statement)
    keys_forget()
