import django.core.validators
import django.db.models.deletion
import parvis.kernel.ids
import parvis.toolkit.bilingual
import parvis.toolkit.references
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('customers', '0001_initial'),
        ('encounters', '0001_initial'),
        ('reservations', '0001_initial'),
        ('staff', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Learning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fitted_at', models.DateTimeField()),
                ('turns', models.PositiveIntegerField(help_text='how many turns it was learned from')),
                ('days', models.PositiveSmallIntegerField()),
                ('habits', models.JSONField(default=dict)),
                ('correction', models.JSONField(default=dict, help_text='empty: the replay by itself was as good')),
                ('recalibration', models.JSONField(default=dict)),
                ('site', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.site')),
            ],
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', parvis.toolkit.bilingual.BilingualField(blank=True, default=dict, verbose_name='name')),
                ('code', models.CharField(help_text='A gives A001, A002, …', max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{1,2}$', 'One or two capital letters.')], verbose_name='letters of its tickets')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('typical_minutes', models.PositiveSmallIntegerField(default=6, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(600)], verbose_name='typical minutes of service')),
                ('assisted_minutes', models.PositiveSmallIntegerField(default=30, help_text='minutes', validators=[django.core.validators.MaxValueValidator(1440)], verbose_name='head start of people with special needs')),
                ('urgent_minutes', models.PositiveSmallIntegerField(default=60, help_text='minutes', validators=[django.core.validators.MaxValueValidator(1440)], verbose_name='head start of urgent matters')),
                ('booked_minutes', models.PositiveSmallIntegerField(default=15, help_text='minutes before the booked time from which they count as waiting', validators=[django.core.validators.MaxValueValidator(1440)], verbose_name='head start of appointments')),
                ('late_minutes', models.PositiveSmallIntegerField(default=10, help_text='minutes', validators=[django.core.validators.MaxValueValidator(1440)], verbose_name='grace for late appointments')),
                ('grace_seconds', models.PositiveSmallIntegerField(default=60, help_text='after a call; then they may be called again or given up', validators=[django.core.validators.MinValueValidator(10), django.core.validators.MaxValueValidator(1800)], verbose_name='seconds to come to the counter')),
                ('calls', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(9)], verbose_name='how often somebody is called')),
                ('return_minutes', models.PositiveSmallIntegerField(default=20, help_text='minutes in which they come back to their old place', validators=[django.core.validators.MaxValueValidator(1440)], verbose_name='way back after a missed call')),
                ('more_times', models.PositiveSmallIntegerField(default=1, help_text='on their own page, when it is nearly their turn; 0: never', validators=[django.core.validators.MaxValueValidator(5)], verbose_name='how often somebody may ask for more time')),
                ('more_minutes', models.PositiveSmallIntegerField(default=5, help_text='others go first meanwhile; then they are in the line again, at their old place', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='minutes of each time')),
                ('takes_walk_ins', models.BooleanField(default=True, verbose_name='tickets at the kiosk')),
                ('takes_remote', models.BooleanField(default=True, verbose_name='tickets by link or QR code')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('needs', models.ManyToManyField(blank=True, related_name='+', to='catalog.need', verbose_name='needs')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.site', verbose_name='site')),
            ],
            options={
                'ordering': ['site_id', 'position', 'id'],
                'constraints': [models.UniqueConstraint(fields=('site', 'code'), name='line_code_once')],
            },
        ),
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', parvis.toolkit.bilingual.BilingualField(blank=True, default=dict, verbose_name='name')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.site', verbose_name='site')),
                ('lines', models.ManyToManyField(blank=True, related_name='counters', to='queueing.line', verbose_name='takes from')),
            ],
            options={
                'ordering': ['site_id', 'position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='LineDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('last_number', models.PositiveIntegerField(default=0)),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='days', to='queueing.line')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('line', 'day'), name='line_day_once')],
            },
        ),
        migrations.CreateModel(
            name='Screen',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('kiosk', 'Kiosk'), ('display', 'Waiting-room display')], max_length=8, verbose_name='kind')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('token', models.CharField(default=parvis.kernel.ids.new_token, editable=False, max_length=40, unique=True)),
                ('speaks', models.BooleanField(default=True, help_text="by the browser's own voice", verbose_name='calls aloud')),
                ('prints', models.BooleanField(default=False, verbose_name='prints tickets')),
                ('seen_at', models.DateTimeField(editable=False, null=True)),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('lines', models.ManyToManyField(blank=True, help_text='none: all of the site', related_name='+', to='queueing.line', verbose_name='lines')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.site', verbose_name='site')),
            ],
            options={
                'ordering': ['site_id', 'kind', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ServiceGoal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('in_time_percent', models.PositiveSmallIntegerField(default=80, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(99)], verbose_name='of 100 people, called in time')),
                ('within_minutes', models.PositiveSmallIntegerField(default=10, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(240)], verbose_name='in time means within (minutes)')),
                ('leave_percent', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(99)], verbose_name='of 100 people, at most so many leave')),
                ('counter_hour_minor', models.PositiveIntegerField(default=2500, help_text='what a counter costs for an hour')),
                ('leaver_minor', models.PositiveIntegerField(default=2000, help_text='what somebody who leaves costs')),
                ('currency', models.CharField(default='EUR', max_length=3)),
                ('site', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.site')),
            ],
        ),
        migrations.CreateModel(
            name='Sitting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('until_planned', models.DateTimeField(help_text='when they mean to go, if they said', null=True)),
                ('paused_at', models.DateTimeField(help_text='null: not on a break', null=True)),
                ('back_at', models.DateTimeField(help_text='when they mean to be back, if they said', null=True)),
                ('pauses', models.JSONField(default=list, help_text='[[from, to], …]: breaks that are over')),
                ('counter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sittings', to='queueing.counter')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['counter', '-since'], name='sitting_counter')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('counter',), name='sitting_one_at_counter'), models.UniqueConstraint(condition=models.Q(('until', None)), fields=('member',), name='sitting_one_of_member')],
            },
        ),
        migrations.CreateModel(
            name='Ticket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(help_text='of the site')),
                ('code', models.CharField(help_text='A012', max_length=8)),
                ('token', models.CharField(default=parvis.kernel.ids.new_token, help_text='key of the status page', max_length=40, unique=True)),
                ('source', models.CharField(choices=[('kiosk', 'Kiosk'), ('agent', 'Member of staff'), ('remote', 'Own phone'), ('phone', 'By telephone'), ('booking', 'Appointment'), ('api', 'API')], max_length=8)),
                ('party', models.PositiveSmallIntegerField(default=1, verbose_name='persons')),
                ('precedence', models.CharField(choices=[('usual', 'None'), ('assisted', 'Special needs'), ('urgent', 'Urgent')], default='usual', max_length=8)),
                ('language', models.CharField(max_length=5)),
                ('name', models.CharField(blank=True, help_text='as they gave it, for the counter alone', max_length=80, verbose_name='name')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('taken_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(help_text='when the status page was last alive', null=True)),
                ('near_told_at', models.DateTimeField(help_text='when they were told that it is nearly time', null=True)),
                ('all_done', models.BooleanField(help_text='answer to: did we forget anything?', null=True)),
                ('booking', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tickets', to='reservations.booking')),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='customers.customer')),
                ('encounter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tickets', to='encounters.encounter')),
                ('need', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.need')),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.site')),
            ],
            options={
                'indexes': [models.Index(fields=['site', 'day'], name='ticket_day')],
                'constraints': [models.UniqueConstraint(fields=('site', 'day', 'code'), name='ticket_code_once'), models.UniqueConstraint(condition=models.Q(('booking__isnull', False)), fields=('booking',), name='ticket_booking_once')],
            },
            bases=(parvis.toolkit.references.Referenced, models.Model),
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('held', 'Set aside'), ('called', 'Called'), ('serving', 'Being served'), ('done', 'Served'), ('moved', 'Sent on'), ('no_show', 'Did not come'), ('left', 'Left'), ('void', 'Void')], default='waiting', max_length=8)),
                ('joined_at', models.DateTimeField()),
                ('rank_at', models.DateTimeField()),
                ('rule', models.CharField(help_text='by which rule it was placed (domain/placing.py)', max_length=10)),
                ('called_at', models.DateTimeField(help_text='first call', null=True)),
                ('recalled_at', models.DateTimeField(help_text='latest call', null=True)),
                ('calls', models.PositiveSmallIntegerField(default=0)),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, help_text='staff | customer | house', max_length=8)),
                ('asked_at', models.DateTimeField(help_text='when they were asked whether they are still here', null=True)),
                ('more_times', models.PositiveSmallIntegerField(default=0, help_text='how often they asked for more time')),
                ('held_until', models.DateTimeField(help_text='asked for time until then; null: not of their own asking', null=True)),
                ('was_held', models.BooleanField(default=False, help_text='set aside once: no wait to learn from')),
                ('counter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='queueing.counter')),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='turns', to='queueing.line')),
                ('reserved', models.ForeignKey(help_text='only this one may call', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='queueing.counter')),
                ('server', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='turns', to='queueing.ticket')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['line', 'rank_at', 'id'], name='turn_next'), models.Index(condition=models.Q(('ended_at', None)), fields=['line', 'state'], name='turn_open'), models.Index(fields=['line', 'joined_at'], name='turn_history'), models.Index(fields=['ticket', '-id'], name='turn_ticket')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('ticket',), name='turn_one_open'), models.UniqueConstraint(condition=models.Q(('state__in', ['called', 'serving'])), fields=('counter',), name='turn_one_at_counter')],
            },
        ),
        migrations.CreateModel(
            name='Told',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('ahead', models.PositiveSmallIntegerField(help_text='people who would be called before, as things stood')),
                ('quantiles', models.JSONField(default=dict)),
                ('inputs', models.JSONField(default=dict, help_text='the state it was made from, and what simple rules would say')),
                ('why_unknown', models.CharField(blank=True, max_length=20)),
                ('is_first', models.BooleanField(help_text='told when the ticket was taken')),
                ('waited', models.FloatField(help_text='seconds until called, or until they left; null: still open', null=True)),
                ('censored', models.BooleanField(default=False, help_text='they left before they were called')),
                ('turn', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='told', to='queueing.turn')),
            ],
            options={
                'indexes': [models.Index(fields=['turn', '-id'], name='told_turn'), models.Index(condition=models.Q(('is_first', True)), fields=['at'], name='told_first'), models.Index(condition=models.Q(('waited', None)), fields=['turn'], name='told_open')],
            },
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=8)),
                ('at', models.DateTimeField()),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.site')),
                ('counter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='queueing.counter')),
                ('turn', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='queueing.turn')),
            ],
            options={
                'indexes': [models.Index(fields=['site', '-id'], name='call_site')],
            },
        ),
    ]
