import django.db.models.deletion
import parvis.toolkit.db
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('name', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('xid', models.BigIntegerField(default=0)),
                ('entry_id', models.BigIntegerField(default=0)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('name', models.CharField(max_length=60)),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('site_id', models.BigIntegerField(null=True)),
                ('customer_id', models.BigIntegerField(null=True)),
                ('encounter_id', models.BigIntegerField(null=True)),
                ('data', models.JSONField(default=dict)),
                ('xid', models.BigIntegerField(db_default=parvis.toolkit.db.CurrentTransactionId(), editable=False)),
            ],
            options={
                'verbose_name_plural': 'entries',
                'indexes': [models.Index(fields=['xid', 'id'], name='ledger_reading_order'), models.Index(fields=['encounter_id', 'id'], name='ledger_encounter'), models.Index(fields=['customer_id', 'id'], name='ledger_customer')],
            },
        ),
        migrations.CreateModel(
            name='Failure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subscription', models.CharField(max_length=80)),
                ('attempts', models.PositiveSmallIntegerField(default=1)),
                ('error', models.TextField()),
                ('next_attempt_at', models.DateTimeField(help_text='null: given up, waits for a person', null=True)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='ledger.entry')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('subscription', 'entry'), name='failure_once')],
            },
        ),
    ]
