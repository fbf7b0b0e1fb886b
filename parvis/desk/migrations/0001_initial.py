import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('channels', '0001_initial'),
        ('customers', '0001_initial'),
        ('encounters', '0001_initial'),
        ('staff', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Macro',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('text', models.JSONField(default=dict)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='staff.team')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('direction', models.CharField(choices=[('in', 'From the customer'), ('out', 'To the customer'), ('note', 'Note')], max_length=4)),
                ('purpose', models.CharField(choices=[('talk', 'Conversation'), ('greeting', 'Greeting'), ('renegotiation', 'Renegotiated promise'), ('follow_up', 'Follow-up question'), ('open_door', 'Invitation'), ('booking', 'About the booking')], default='talk', max_length=13)),
                ('channel', models.CharField(max_length=8)),
                ('at', models.DateTimeField()),
                ('subject', models.CharField(blank=True, max_length=300)),
                ('text', models.TextField(help_text='what is new in it')),
                ('quoted', models.TextField(blank=True, help_text='what it quotes: folded, never cut')),
                ('html', models.TextField(blank=True, help_text='sanitised; shown in a sandboxed frame')),
                ('sender_name', models.CharField(blank=True, max_length=200)),
                ('sender_address', models.CharField(blank=True, max_length=320)),
                ('recipients', models.JSONField(default=dict, help_text='{"to": […], "cc": […]}')),
                ('threaded_by', models.CharField(blank=True, help_text='token, references, new', max_length=20)),
                ('automatic', models.CharField(blank=True, help_text='kind of automatic mail, if it is one', max_length=16)),
                ('undo', models.JSONField(help_text='how things stood before, while the reply can still be taken back', null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('encounter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='encounters.encounter')),
                ('mail', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='channels.rawmail')),
                ('out_mail', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='channels.outmail')),
            ],
            options={
                'indexes': [models.Index(fields=['encounter', 'id'], name='message_encounter')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255)),
                ('type', models.CharField(max_length=120)),
                ('size', models.PositiveIntegerField()),
                ('content_id', models.CharField(blank=True, max_length=255)),
                ('inline', models.BooleanField(default=False)),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='channels.blob')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='desk.message')),
            ],
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('typing', models.BooleanField(default=False)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('encounter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='encounters.encounter')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('encounter', 'member'), name='presence_once')],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.BigIntegerField()),
                ('encounter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='encounters.encounter')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('encounter', 'member'), name='reading_once')],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('reply', 'Reply'), ('note', 'Note')], default='reply', max_length=5)),
                ('text', models.TextField()),
                ('seen_message', models.BigIntegerField(default=0, help_text='last message on screen: the send guard compares')),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('encounter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='encounters.encounter')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('encounter', 'member', 'kind'), name='draft_once')],
            },
        ),
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.PositiveSmallIntegerField(default=0, help_text='how often the encounter had been reopened')),
                ('ask_at', models.DateTimeField()),
                ('asked_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('all_done', models.BooleanField(help_text='true: nothing was forgotten', null=True)),
                ('comment', models.TextField(blank=True)),
                ('encounter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='follow_ups', to='encounters.encounter')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('asked_at__isnull', True)), fields=['ask_at'], name='follow_up_due'), models.Index(condition=models.Q(('all_done', False)), fields=['-answered_at', '-id'], name='follow_up_bad')],
                'constraints': [models.UniqueConstraint(fields=('encounter', 'round'), name='follow_up_once')],
            },
        ),
    ]
