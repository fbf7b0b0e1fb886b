import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Blob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('size', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='MailCounter',
            fields=[
                ('source', models.CharField(max_length=120, primary_key=True, serialize=False)),
                ('received', models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='MailCursor',
            fields=[
                ('source', models.CharField(help_text='imap:user@host/folder', max_length=120, primary_key=True, serialize=False)),
                ('uid_validity', models.BigIntegerField(default=0)),
                ('uid', models.BigIntegerField(default=0, help_text='the highest one stored')),
                ('checked_at', models.DateTimeField(null=True)),
                ('error', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='RawMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('size', models.PositiveIntegerField()),
                ('source', models.CharField(help_text='smtp, import, or imap account', max_length=120)),
                ('times_received', models.PositiveIntegerField(default=1)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('envelope_from', models.CharField(blank=True, max_length=320)),
                ('envelope_to', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('stored', 'Stored, waiting to be read'), ('parsed', 'Read, waiting for its place'), ('attached', 'In an encounter'), ('ignored', 'Set aside'), ('failed', 'Could not be read')], default='stored', max_length=8)),
                ('reason', models.CharField(blank=True, help_text='why it was set aside, or by what it was attached', max_length=200)),
                ('error', models.TextField(blank=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('message_id', models.CharField(blank=True, max_length=512)),
                ('sender', models.CharField(blank=True, max_length=320)),
                ('subject', models.CharField(blank=True, max_length=300)),
                ('site', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.site')),
                ('touchpoint', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.touchpoint')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'id'], name='raw_mail_state'), models.Index(fields=['message_id'], name='raw_mail_message_id'), models.Index(fields=['sender', '-id'], name='raw_mail_sender'), models.Index(fields=['site', 'state'], name='raw_mail_site'), models.Index(condition=models.Q(('times_received__gt', 1)), fields=['site'], name='raw_mail_repeated')],
            },
        ),
        migrations.CreateModel(
            name='RawBody',
            fields=[
                ('mail', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='body', serialize=False, to='channels.rawmail')),
                ('content', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='OutMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('email', 'E-mail'), ('sms', 'SMS')], default='email', max_length=5)),
                ('key', models.CharField(max_length=80, unique=True)),
                ('encounter_ref', models.CharField(blank=True, max_length=16)),
                ('to', models.JSONField(default=list, help_text='addresses; of a text message its one number, E.164')),
                ('cc', models.JSONField(default=list)),
                ('sender', models.CharField(max_length=320)),
                ('reply_to', models.CharField(blank=True, max_length=320)),
                ('subject', models.CharField(max_length=300)),
                ('text', models.TextField()),
                ('html', models.TextField(blank=True)),
                ('headers', models.JSONField(default=dict)),
                ('attachments', models.JSONField(default=list, help_text='[{name, type, blob}]: ids of blobs')),
                ('message_id', models.CharField(db_index=True, max_length=255)),
                ('automatic', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Being sent'), ('sent', 'Sent'), ('failed', 'Failed'), ('cancelled', 'Taken back')], default='queued', max_length=9)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now, help_text='undo send: nothing leaves before')),
                ('not_after', models.DateTimeField(help_text='a text message that would be of no more use then', null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(null=True)),
                ('returned_at', models.DateTimeField(help_text='when a report said that it did not arrive', null=True)),
                ('error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.site')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'sending'])), fields=['next_attempt_at', 'id'], name='out_mail_due'), models.Index(fields=['state', '-id'], name='out_mail_state'), models.Index(condition=models.Q(('returned_at__isnull', False)), fields=['-id'], name='out_mail_returned')],
            },
        ),
    ]
