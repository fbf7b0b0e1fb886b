import django.db.models.deletion
import django.utils.timezone
import parvis.toolkit.references
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('customers', '0001_initial'),
        ('encounters', '0001_initial'),
        ('staff', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('first_answer', 'First answer'), ('resolution', 'Resolution'), ('call_back', 'Call back'), ('next_news', 'News'), ('delivery', 'Delivery'), ('amount', 'Amount'), ('appointment', 'Appointment'), ('wait', 'Turn at the counter')], max_length=16)),
                ('made_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='what exactly')),
                ('business_seconds', models.PositiveIntegerField(help_text='null: a stated instant, not a span', null=True)),
                ('due_at', models.DateTimeField()),
                ('warn_at', models.DateTimeField()),
                ('amount_minor', models.BigIntegerField(null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('confidence', models.FloatField(help_text='how sure the house was, 0–1', null=True)),
                ('state', models.CharField(choices=[('open', 'Open'), ('kept', 'Kept'), ('broken', 'Broken'), ('renegotiated', 'Renegotiated'), ('void', 'Void')], default='open', max_length=12)),
                ('pauses', models.JSONField(default=list, help_text='[[from, to or null], …]: waiting for the customer')),
                ('paused', models.BooleanField(default=False)),
                ('warned_at', models.DateTimeField(null=True)),
                ('broken_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(help_text='when it was done, kept or late', null=True)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='customers.customer')),
                ('encounter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='promises', to='encounters.encounter')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaced_by', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='promises.promise')),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.site')),
            ],
            options={
                'indexes': [models.Index(fields=['encounter', 'state'], name='promise_encounter'), models.Index(fields=['customer', '-id'], name='promise_customer'), models.Index(condition=models.Q(('paused', False), ('state', 'open')), fields=['due_at', 'id'], name='promise_due'), models.Index(condition=models.Q(('paused', False), ('state', 'open'), ('warned_at__isnull', True)), fields=['warn_at'], name='promise_warn'), models.Index(fields=['site', 'kind', 'made_at'], name='promise_score'), models.Index(fields=['due_at', 'state', 'site'], name='promise_fell_due'), models.Index(condition=models.Q(('broken_at__isnull', False)), fields=['-broken_at', '-id'], name='promise_broke'), models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['due_at', 'id'], name='promise_unsettled')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ['first_answer', 'resolution']), ('state', 'open')), fields=('encounter', 'kind'), name='promise_one_open')],
            },
            bases=(parvis.toolkit.references.Referenced, models.Model),
        ),
    ]
