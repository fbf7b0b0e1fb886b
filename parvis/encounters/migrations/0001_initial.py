import django.db.models.deletion
import parvis.toolkit.references
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('customers', '0001_initial'),
        ('staff', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Encounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=8)),
                ('stage', models.CharField(choices=[('welcome', 'Welcome'), ('understand', 'Understand'), ('serve', 'Serve'), ('follow_up', 'Follow up'), ('open_door', 'Open door')], default='welcome', max_length=10)),
                ('stages_reached', models.JSONField(default=dict, help_text='stage → instant first reached')),
                ('status', models.CharField(choices=[('open', 'Open'), ('waiting', 'Waiting for the customer'), ('closed', 'Closed')], default='open', max_length=8)),
                ('initiative', models.CharField(choices=[('customer', 'Customer'), ('company', 'Company')], default='customer', max_length=8)),
                ('nature', models.CharField(choices=[('service', 'Service'), ('sales', 'Sales'), ('advice', 'Advice')], default='service', max_length=8)),
                ('priority', models.PositiveSmallIntegerField(default=2)),
                ('subject', models.CharField(max_length=200)),
                ('last_line', models.CharField(blank=True, max_length=160)),
                ('opened_at', models.DateTimeField()),
                ('last_activity_at', models.DateTimeField()),
                ('last_customer_at', models.DateTimeField(help_text='when the customer last spoke', null=True)),
                ('waiting_since', models.DateTimeField(help_text='since when the house waits for the customer', null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('reopened_count', models.PositiveSmallIntegerField(default=0)),
                ('unanswered', models.BooleanField(default=True, help_text='the customer spoke last')),
                ('due_at', models.DateTimeField(null=True)),
                ('due_kind', models.CharField(blank=True, max_length=16)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='encounters', to='customers.customer')),
                ('need', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.need')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='encounters', to='customers.organisation')),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.site')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='staff.team')),
                ('touchpoint', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.touchpoint')),
            ],
            options={
                'indexes': [models.Index(fields=['status', '-last_activity_at', '-id'], name='encounter_view_status'), models.Index(fields=['owner', 'status', '-last_activity_at', '-id'], name='encounter_view_owner'), models.Index(fields=['-last_activity_at', '-id'], name='encounter_view_all'), models.Index(condition=models.Q(('unanswered', True)), fields=['last_customer_at', 'id'], name='encounter_unanswered'), models.Index(fields=['site', '-last_activity_at', '-id'], name='encounter_view_site'), models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at', 'id'], name='encounter_view_due'), models.Index(fields=['customer', '-last_activity_at', '-id'], name='encounter_view_customer')],
            },
            bases=(parvis.toolkit.references.Referenced, models.Model),
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('related', 'Related'), ('follows', 'Follows from'), ('duplicate', 'Same matter')], default='related', max_length=10)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links_out', to='encounters.encounter')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links_in', to='encounters.encounter')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'target'), name='encounter_link_once'), models.CheckConstraint(condition=models.Q(('source', models.F('target')), _negated=True), name='encounter_link_other')],
            },
        ),
    ]
