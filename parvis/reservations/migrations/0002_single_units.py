"""On PostgreSQL a second net below the guard: two claims on a single unit can never overlap.

Claims that share a slot carry the same `share`; all others carry one of their own. SQLite has one writer at a time and
no such constraint. The extension is one that the owner of a database may install.
"""

from django.db import migrations

from parvis.toolkit.db import run_sql

ADD = [
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """
    ALTER TABLE reservations_claim ADD CONSTRAINT claim_single_unit EXCLUDE USING gist (
        resource_id WITH =,
        int8range(hard_from, hard_until) WITH &&,
        share WITH <>
    ) WHERE (exclusive)
    """,
]
REMOVE = ["ALTER TABLE reservations_claim DROP CONSTRAINT claim_single_unit"]


class Migration(migrations.Migration):
    dependencies = [("reservations", "0001_initial")]
    operations = [run_sql({"sqlite": [], "postgresql": ADD}, {"sqlite": [], "postgresql": REMOVE})]
