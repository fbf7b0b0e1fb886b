from django.db import migrations

from parvis.ledger.triggers import CREATE, DROP
from parvis.toolkit.db import run_sql


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [run_sql(CREATE, DROP)]
