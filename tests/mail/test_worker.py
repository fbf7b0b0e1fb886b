"""The worker: one pump's trouble is its own, new mail is noticed at once, and it ends when told to."""

import datetime as dt
import logging
import signal
import subprocess
import threading
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from parvis.channels.models import RawMail
from parvis.channels.services import Delivery, mails_store
from parvis.desk import worker
from parvis.kernel.clock import utcnow
from parvis.toolkit.models import IdempotencyKey, RateWindow
from parvis.toolkit.pumps import Pump, pumps_run, pumps_run_once
from parvis.toolkit.rates import rate_take
from tests.mail.letters import letter
from tests.mail.wire import command, environment
from tests.world import World


def broken() -> int:
    raise RuntimeError("tripped")


def test_a_pump_that_fails_stops_no_other() -> None:
    work = [3, 2, 1]
    done, failed = pumps_run_once([Pump("broken", broken, 1), Pump("well", lambda: work.pop() if work else 0, 1)])
    assert (done, failed) == ({"broken": 0, "well": 6}, ["broken"])


def test_a_pump_that_keeps_failing_is_tried_again_with_growing_pauses_and_one_trace(db: None, caplog) -> None:
    stop, turns = threading.Event(), {"well": 0, "broken": 0}

    def count(name: str) -> int:
        turns[name] += 1
        return broken() if name == "broken" else 0

    pumps = [Pump(name, lambda name=name: count(name), every=0.05) for name in turns]
    threading.Timer(1.6, stop.set).start()
    with caplog.at_level(logging.ERROR, "parvis.worker"):
        assert pumps_run(pumps, stop=stop)
    assert turns["well"] > 8
    assert turns["broken"] == 2, "after one second, then after two more"
    assert [bool(record.exc_info) for record in caplog.records] == [True, False]


def test_a_pump_that_would_not_end_is_told_of(db: None) -> None:
    stop, release = threading.Event(), threading.Event()
    stop.set()
    endless = Pump("endless", lambda: int(release.wait(20)), 1)
    started = Pump("short", lambda: 0, 1)
    stop.clear()
    threading.Timer(0.2, stop.set).start()
    assert not pumps_run([endless, started], stop=stop, grace=0.4)
    release.set()


def test_once_does_what_is_due_and_says_how_much(world: World) -> None:
    mails_store(deliveries=[Delivery(letter(f"Bonjour {n}").as_bytes(), source="smtp") for n in range(3)])
    out = StringIO()
    call_command("worker", "--once", stdout=out)
    assert "mail in 3" in out.getvalue()
    assert RawMail.objects.filter(state="attached").count() == 3


def test_once_ends_with_an_error_when_something_failed(world: World, monkeypatch) -> None:
    monkeypatch.setattr(worker, "promises_watch", broken)
    mails_store(deliveries=[Delivery(letter().as_bytes(), source="smtp")])
    with pytest.raises(CommandError, match="promises"):
        call_command("worker", "--once", stdout=StringIO())
    assert RawMail.objects.get().state == "attached"


def test_housekeeping_forgets_what_has_served_its_time(db: None) -> None:
    now = utcnow()
    for age in (1, 47, 49, 100):
        IdempotencyKey.objects.create(owner="t", key=str(age), fingerprint="", created_at=now - dt.timedelta(hours=age))
    rate_take(bucket="old", limit=1, window=dt.timedelta(days=1))
    rate_take(bucket="new", limit=1, window=dt.timedelta(days=1))
    RateWindow.objects.filter(bucket="old").update(window_start=now - dt.timedelta(days=5))
    worker.housekeep()
    assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {"1", "47"}
    assert list(RateWindow.objects.values_list("bucket", flat=True)) == ["new"]


@pytest.mark.django_db(transaction=True)
def test_the_running_worker_notices_new_mail_and_ends_at_sigterm(world: World) -> None:
    process = subprocess.Popen(command("worker"), env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert "at work" in process.stdout.readline()
        for text in ("Un", "Deux"):
            [(mail, __)] = mails_store(deliveries=[Delivery(letter(text).as_bytes(), source="smtp")])
            until = time.monotonic() + 30
            while RawMail.objects.get(pk=mail.pk).state != "attached" and time.monotonic() < until:
                time.sleep(0.05)
            assert RawMail.objects.get(pk=mail.pk).state == "attached"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
