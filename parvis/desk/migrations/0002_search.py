from django.db import migrations

from parvis.toolkit.search import SearchIndex


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial")]
    operations = [SearchIndex("desk_search").migration()]
