"""Two installations write to each other: people are heard, machines fall silent (RFC 3834)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core import mail as django_mail
from django.core.mail import get_connection
from django.test import override_settings

from parvis.catalog.models import Touchpoint
from parvis.channels.models import OutMail
from parvis.channels.outbox import outbox_send
from parvis.desk.models import Message
from parvis.desk.services import reply_send
from parvis.encounters.models import Encounter
from tests.mail.letters import letter, take_in
from tests.world import World

OTHER = "accueil@ailleurs.example"


@pytest.fixture
def elsewhere(world: World) -> Callable[[], AbstractContextManager[None]]:
    """Be the other house for a while: another key (so another installation), and other addresses."""

    class Elsewhere:
        def __enter__(self) -> None:
            self.key = override_settings(SECRET_KEY="another installation" * 3)
            self.key.enable()
            self.ours = {t.pk: t.address for t in Touchpoint.objects.exclude(address="")}
            world.mailbox.address, world.other_mailbox.address = OTHER, ""
            world.other_mailbox.save()
            world.mailbox.save()

        def __exit__(self, *_: object) -> None:
            self.key.disable()
            for touchpoint in (world.mailbox, world.other_mailbox):
                touchpoint.address = self.ours[touchpoint.pk]
                touchpoint.save()

    return Elsewhere


def leave(settings) -> list[bytes]:
    """Send what is in the outbox; the mails as they go over the wire."""
    settings.MAIL_CONFIGURED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    get_connection()
    django_mail.outbox = []
    while outbox_send()[0]:
        pass
    return [m.message().as_bytes() for m in django_mail.outbox]


def test_a_member_of_one_house_writes_to_the_other_and_no_machine_answers_a_machine(world, elsewhere, settings) -> None:
    encounter = world.contact(channel="email", email=OTHER, name="Atelier d’ailleurs")
    reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Avez-vous la pièce ?", undo_seconds=0)
    OutMail.objects.filter(automatic=True).delete()
    wire = leave(settings)
    assert len(wire) == 1
    total = 0
    for turn in range(6):  # back and forth until nobody has anything to say
        before = set(OutMail.objects.values_list("pk", flat=True))
        if turn % 2 == 0:
            with elsewhere():
                take_in(*wire)
                wire = leave(settings)
        else:
            take_in(*wire)
            wire = leave(settings)
        new = OutMail.objects.exclude(pk__in=before)
        total += new.count()
        assert all(m.automatic for m in new)
        if not wire:
            break
    assert total == 1, "the other house greets once, and the greeting is not answered"
    heard = Message.objects.get(text__contains="Avez-vous la pièce", direction="in")
    assert heard.encounter_id != encounter.pk, "in the other house a person was heard"
    told = Message.objects.get(automatic="auto-reply")
    assert told.encounter_id == encounter.pk, "in ours the greeting joined the encounter that it answers"


def test_greetings_of_two_houses_that_hold_each_other_for_customers_die_out(world, elsewhere, settings) -> None:
    take_in(letter(sender=f"Ailleurs <{OTHER}>"))
    wire = leave(settings)
    assert len(wire) == 1
    with elsewhere():
        take_in(*wire)
        assert leave(settings) == []
    assert Encounter.objects.count() == 1


def test_our_own_mail_sent_back_to_us_by_a_forwarder_opens_nothing(world, settings) -> None:
    encounter = world.contact(channel="email")
    reply_send(viewer=world.viewer("agent"), encounter_id=encounter.pk, text="Vendredi ?", undo_seconds=0)
    wire = leave(settings)
    assert len(wire) == 2
    back = [b"Received: from mx.exemple.example\r\n" + raw for raw in wire]
    mails = take_in(*back)
    assert [(m.state, m.reason) for m in mails] == [("ignored", "our own mail")] * 2
    assert Encounter.objects.count() == 1
    assert leave(settings) == []
