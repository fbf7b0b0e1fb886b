from django.db import migrations

from parvis.toolkit.search import SearchIndex


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [SearchIndex("customers_search").migration()]
