"""What the worker does, and how often."""

import datetime as dt
from collections.abc import Callable, Sequence
from importlib import import_module

from django.conf import settings

from parvis.channels.imap import accounts_fetch
from parvis.channels.outbox import outbox_send
from parvis.channels.sms import texts_send
from parvis.desk.services import follow_ups_ask, mails_take_in
from parvis.desk.services.bookings import bookings_remind
from parvis.desk.services.queue_promises import waits_promise
from parvis.kernel.clock import utcnow
from parvis.ledger.services import subscriptions_deliver
from parvis.promises.services import promises_watch
from parvis.queueing.services import held_watch, near_tell, silent_watch, told_score, waits_learn
from parvis.reservations.services import calendars_refresh, forecasts_pump, holds_expire, waiting_run, waiting_settle
from parvis.toolkit.db import statistics_refresh
from parvis.toolkit.models import IdempotencyKey
from parvis.toolkit.pumps import Pump
from parvis.toolkit.rates import rates_forget

KEYS_KEPT = dt.timedelta(hours=48)
# What higher contexts let the worker do besides; they register it at start-up.
_provided: list[Callable[[], Sequence[Pump]]] = []


def provide_pumps(function: Callable[[], Sequence[Pump]]) -> None:
    """Let a higher context give the worker pumps of its own."""
    _provided.append(function)


def pumps() -> list[Pump]:
    """The pumps of this house. New mail is noticed within a fifth of a second."""
    found = [
        Pump("mail in", mails_take_in, every=0.2),
        Pump("mail out", _send, every=0.5),
        Pump("promises", _watch, every=1.0),
        Pump("follow-ups", follow_ups_ask, every=5.0),
        Pump("holds", holds_expire, every=5.0),
        Pump("waiting list", _waiting, every=5.0, again=False),
        Pump("queue", _queue, every=2.0, again=False),
        Pump("waits promised", waits_promise, every=2.0, again=False),
        Pump("waits", waits_learn, every=300.0, again=False),
        Pump("calendars", calendars_refresh, every=10.0),
        Pump("reminders", bookings_remind, every=30.0),
        Pump("forecasts", forecasts_pump, every=60.0),
        Pump("subscriptions", subscriptions_deliver, every=0.5),
        Pump("housekeeping", housekeep, every=3600.0, again=False),
        Pump("statistics", statistics_refresh, every=3600.0, again=False),
    ]
    if settings.SMS_URL:
        found.insert(2, Pump("SMS out", texts_send, every=1.0))
    if settings.IMAP_URLS:
        found.insert(0, Pump("mailboxes", accounts_fetch, every=20.0))
    return [*found, *(pump for provided in _provided for pump in provided())]


def _send() -> int:
    sent, __ = outbox_send()
    return sent


def _waiting() -> int:
    return waiting_settle() + waiting_run()


def _queue() -> int:
    return held_watch() + near_tell() + silent_watch() + told_score()


def _watch() -> int:
    return sum(promises_watch())


def housekeep() -> int:
    """Forget what has served its time: rate windows, sessions, answers kept for repeats. Returns rows dropped."""
    forgotten = rates_forget()
    forgotten += IdempotencyKey.objects.filter(created_at__lt=utcnow() - KEYS_KEPT).delete()[0]
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return forgotten
