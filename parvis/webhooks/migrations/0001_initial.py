import django.db.models.deletion
import django.utils.timezone
import parvis.toolkit.references
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ledger', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500)),
                ('description', models.CharField(blank=True, max_length=200)),
                ('events', models.JSONField(default=list, help_text='names of the catalogue; none: all of them')),
                ('seed', models.CharField(max_length=64)),
                ('old_seed', models.CharField(blank=True, help_text='of the secret before, which signs too for a while', max_length=64)),
                ('old_until', models.DateTimeField(null=True)),
                ('is_active', models.BooleanField(default=True)),
                ('off_because', models.CharField(blank=True, choices=[('person', 'Switched off'), ('gone', 'It said that it is gone for good'), ('failing', 'It took nothing for days')], max_length=8)),
                ('off_at', models.DateTimeField(null=True)),
                ('failing_since', models.DateTimeField(help_text='of the first failure after the last success', null=True)),
                ('taken_at', models.DateTimeField(help_text='when it last took something', null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['id'],
            },
            bases=(parvis.toolkit.references.Referenced, models.Model),
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(help_text='webhook-id, the same at every attempt', max_length=40, unique=True)),
                ('event', models.CharField(max_length=40)),
                ('at', models.DateTimeField(help_text='when it happened')),
                ('state', models.CharField(choices=[('queued', 'Waits'), ('sending', 'On its way'), ('delivered', 'Taken'), ('failed', 'Given up')], default='queued', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(null=True)),
                ('status', models.PositiveSmallIntegerField(help_text='of the last answer', null=True)),
                ('error', models.CharField(blank=True, help_text='why there was no answer, in English', max_length=200)),
                ('answer', models.CharField(blank=True, help_text='how the answer to a test begins', max_length=200)),
                ('milliseconds', models.PositiveIntegerField(help_text='how long the last attempt took', null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('entry', models.ForeignKey(help_text='null: a test', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ledger.entry')),
                ('endpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='webhooks.endpoint')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'sending'])), fields=['next_at', 'id'], name='delivery_due'), models.Index(fields=['endpoint', '-id'], name='delivery_endpoint'), models.Index(fields=['created_at'], name='delivery_age')],
                'constraints': [models.UniqueConstraint(fields=('endpoint', 'entry'), name='delivery_once')],
            },
        ),
    ]
