import django.db.models.deletion
import parvis.toolkit.bilingual
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('staff', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Business',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('languages', models.JSONField(default=list, help_text="the first one is the house's own", verbose_name='languages')),
                ('country', models.CharField(default='FR', max_length=2, verbose_name='country')),
                ('timezone', models.CharField(default='Europe/Paris', max_length=64, verbose_name='time zone')),
                ('accent', models.CharField(default='#1f6f5c', max_length=7, verbose_name='accent colour')),
                ('headings', models.CharField(choices=[('serif', 'Serif'), ('sans', 'Sans serif')], default='serif', max_length=5, verbose_name='headings')),
                ('logo', models.BinaryField(null=True)),
                ('logo_type', models.CharField(blank=True, editable=False, max_length=40)),
                ('logo_height', models.PositiveSmallIntegerField(default=40, verbose_name='logo height')),
                ('greeting', parvis.toolkit.bilingual.BilingualField(blank=True, default=dict, verbose_name='greeting')),
                ('follow_up_hours', models.PositiveSmallIntegerField(default=24, verbose_name='ask after closing, in hours')),
                ('is_demo', models.BooleanField(default=False, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name_plural': 'business',
            },
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                ('slug', models.SlugField(max_length=40, unique=True)),
                ('address', models.TextField(blank=True, verbose_name='address')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('timezone', models.CharField(max_length=64, verbose_name='time zone')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('region', models.CharField(blank=True, max_length=10, verbose_name='region')),
                ('observes_holidays', models.BooleanField(default=True, verbose_name='closed on public holidays')),
                ('hours', models.JSONField(default=dict, help_text='{"mon": [["09:00", "12:30"], …], …}', verbose_name='opening hours')),
                ('exceptional_days', models.JSONField(default=dict, help_text='{"2026-12-24": {"spans": [["09:00", "16:00"]], "note": "…"}, …}', verbose_name='exceptional days')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Text',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40, unique=True)),
                ('subject', parvis.toolkit.bilingual.BilingualField(blank=True, default=dict, verbose_name='subject')),
                ('body', parvis.toolkit.bilingual.BilingualField(blank=True, default=dict, verbose_name='text')),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Need',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', parvis.toolkit.bilingual.BilingualField(blank=True, default=dict, verbose_name='name')),
                ('summary', parvis.toolkit.bilingual.BilingualField(blank=True, default=dict, verbose_name='summary')),
                ('answer', parvis.toolkit.bilingual.BilingualField(blank=True, default=dict, verbose_name='answer offered to the customer')),
                ('icon', models.CharField(blank=True, max_length=24, verbose_name='icon')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('priority', models.PositiveSmallIntegerField(choices=[(1, 'Urgent'), (2, 'Normal'), (3, 'Low')], default=2, verbose_name='priority')),
                ('first_answer_minutes', models.PositiveIntegerField(blank=True, null=True, verbose_name='first answer within')),
                ('resolution_minutes', models.PositiveIntegerField(blank=True, null=True, verbose_name='resolution within')),
                ('is_public', models.BooleanField(default=True, verbose_name='offered on the portal')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalog.need', verbose_name='under')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='staff.team', verbose_name='team')),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='SiteMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='site_members', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='site_members', to='catalog.site')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('site', 'member'), name='site_member_once')],
            },
        ),
        migrations.CreateModel(
            name='Touchpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('form', 'Web form'), ('phone', 'Phone'), ('counter', 'Counter'), ('chat', 'Chat'), ('sms', 'SMS'), ('api', 'API')], max_length=8, verbose_name='channel')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('address', models.EmailField(blank=True, help_text='for mail: customers write here', max_length=254, verbose_name='mail address')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='touchpoints', to='catalog.site')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='staff.team', verbose_name='team')),
            ],
            options={
                'ordering': ['site_id', 'channel', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('address', ''), _negated=True), fields=('address',), name='touchpoint_address_once')],
            },
        ),
    ]
