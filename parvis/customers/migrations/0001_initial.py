import django.db.models.deletion
import django.utils.timezone
import parvis.toolkit.references
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('staff', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=160, verbose_name='name')),
                ('sort_key', models.CharField(blank=True, help_text='folded name: matching and sorting', max_length=160)),
                ('language', models.CharField(blank=True, choices=[('en', 'English'), ('fr', 'Français')], max_length=2, verbose_name='language')),
                ('matters', models.TextField(blank=True, verbose_name='what matters to this person')),
                ('encounter_count', models.PositiveIntegerField(default=0)),
                ('open_count', models.PositiveIntegerField(default=0)),
                ('first_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('erased_at', models.DateTimeField(null=True)),
                ('merged_into', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='absorbed', to='customers.customer')),
            ],
            options={
                'indexes': [models.Index(fields=['sort_key', 'id'], name='customer_name'), models.Index(fields=['-last_seen_at', '-id'], name='customer_recent'), models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='customer_merged')],
            },
            bases=(parvis.toolkit.references.Referenced, models.Model),
        ),
        migrations.CreateModel(
            name='ContactPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('email', 'E-mail'), ('phone', 'Phone')], max_length=5)),
                ('value', models.CharField(max_length=254)),
                ('key', models.CharField(help_text='normalised: lower-case address, E.164 number', max_length=254)),
                ('label', models.CharField(blank=True, max_length=40)),
                ('bounced_at', models.DateTimeField(help_text='permanent failure reported: do not write here', null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='contact_points', to='customers.customer')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['kind', 'key'], name='contact_point_key'), models.Index(condition=models.Q(('bounced_at__isnull', False)), fields=['bounced_at'], name='contact_point_bounced')],
                'constraints': [models.UniqueConstraint(fields=('customer', 'kind', 'key'), name='contact_point_once')],
            },
        ),
        migrations.CreateModel(
            name='CustomerSite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='known_at', to='customers.customer')),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.site')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('site', 'customer'), name='customer_site_once')],
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('moved', models.JSONField(default=dict)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('undone_at', models.DateTimeField(null=True)),
                ('absorbed', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kept', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
            ],
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('domain', models.CharField(blank=True, db_index=True, max_length=120, verbose_name='mail domain')),
                ('notes', models.TextField(blank=True, verbose_name='what matters to them')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('account_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='account owner')),
                ('sites', models.ManyToManyField(related_name='+', to='catalog.site')),
            ],
            options={
                'ordering': ['name', 'id'],
                'indexes': [models.Index(fields=['name', 'id'], name='organisation_name')],
            },
            bases=(parvis.toolkit.references.Referenced, models.Model),
        ),
        migrations.CreateModel(
            name='Affiliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(blank=True, max_length=80, verbose_name='role')),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='affiliations', to='customers.customer')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='affiliations', to='customers.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('customer', 'organisation'), name='affiliation_once')],
            },
        ),
    ]
