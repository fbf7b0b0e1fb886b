"""What people who wait in a line are told: once, by the way they left."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parvis.catalog.selectors import business, site_get, text_of
from parvis.channels.outbox import Letter, letter_queue
from parvis.channels.sms import Text, sms_ready, sms_send
from parvis.desk.services.letters import site_sender
from parvis.kernel.clock import utcnow
from parvis.kernel.contact import is_mobile
from parvis.kernel.ids import new_token
from parvis.queueing.selectors import ticket_get, turn_of_ticket
from parvis.queueing.services.nearing import reachable
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.db import unit

# Later, they have been called.
MESSAGE_LASTS = dt.timedelta(minutes=15)


def holder_tell(key: str, *, ticket_id: int, entry_id: int, ahead: int = 0) -> bool:
    """Write to the holder of a ticket, if they can be reached and still wait; returns whether. By SMS where they can.

    The one place that knows by which ways they can be reached. Once for an entry of the ledger.
    """
    with unit():
        ticket = ticket_get(ticket_id)
        if ticket is None or not reachable(ticket):
            return False
        turn = turn_of_ticket(ticket.pk)
        if turn.state != "waiting":
            return False
        language = ticket.language[:2]
        values = _values(ticket, turn, language, ahead)
        if sms_ready() and is_mobile(ticket.phone):
            __, text = text_of(f"{key}_sms", language, values)
            late = utcnow() + MESSAGE_LASTS
            message = Text(f"{key}:{entry_id}", ticket.phone, text, site_id=ticket.site_id, not_after=late)
            return sms_send(text=message) is not None
        subject, text = text_of(key, language, values)
        sender = site_sender(ticket.site_id)
        letter = Letter(
            key=f"{key}:{entry_id}",
            site_id=ticket.site_id,
            to=[ticket.email],
            sender=sender,
            subject=subject,
            text=text,
            message_id=f"{new_token()}@{sender.rpartition('@')[2].rstrip('>') or 'parvis.invalid'}",
            automatic=True,
            headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
        )
        try:
            with transaction.atomic():
                letter_queue(letter=letter)
        except IntegrityError:
            return False  # an entry may be read twice
    return True


def _values(ticket: Any, turn: Any, language: str, ahead: int) -> dict[str, object]:
    house, site = business(), site_get(ticket.site_id)
    with translation.override(language):
        hello = _("Hello %(name)s,") % {"name": ticket.name} if ticket.name else _("Hello,")
        place = (
            ngettext("%(n)s person is before you.", "%(n)s people are before you.", ahead) % {"n": ahead}
            if ahead
            else _("You are next.")
        )
    return {
        "hello": hello,
        "name": ticket.name,
        "business": house.name if house else "",
        "site": site.name if site else "",
        "link": f"{settings.BASE_URL}{reverse('ticket', args=[ticket.token])}",
        "code": ticket.code,
        "place": place,
        "what": in_language(turn.line.name, language),
    }
