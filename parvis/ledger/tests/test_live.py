"""The live feed: who hears what, how a stream resumes, what it holds, and that it ends."""

import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from parvis.ledger import live
from parvis.ledger.live import Hub, stream_open, topics_of
from parvis.ledger.models import Entry
from parvis.ledger.selectors import last_position
from parvis.ledger.services import Actor, Fact, entries_record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def hub(monkeypatch):
    """A reader of its own for each test, quick and stopped at the end."""
    fresh = Hub()
    monkeypatch.setattr(live, "hub", fresh)
    monkeypatch.setattr(live, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(live, "ERROR_PAUSE_SECONDS", 0.02)
    yield fresh
    fresh.stop()


def write(*facts):
    with transaction.atomic():
        entries_record(actor=Actor.system(), facts=[Fact("encounter.opened", **fact) for fact in facts])


def everything(site_id):
    return True


def topics(event):
    [line] = [line for line in event.decode().splitlines() if line.startswith("data: ")]
    return set(eval(line[6:])["topics"])  # noqa: S307 - our own bytes


def event_id(event):
    [line] = [line for line in event.decode().splitlines() if line.startswith("id: ")]
    return line[4:]


def listen(sees=everything, last=""):
    """An open stream after its first event, which says where it stands."""
    stream = stream_open(sees, last)
    return stream, next(stream)


def test_a_change_reaches_an_open_screen_as_topics():
    stream, _first = listen()
    write({"encounter_id": 42, "customer_id": 7, "site_id": 1})
    assert topics(next(stream)) == {"encounter", "inbox", "encounter:42", "customer:7"}
    stream.close()


def test_a_letter_has_a_topic_of_its_own():
    entry = Entry(name="mail.sent", data={"out_mail": 9})
    assert topics_of(entry) == {"mail", "out_mail:9"}


def test_nobody_hears_of_sites_they_do_not_see():
    stream, _first = listen(sees=lambda site: site == 2)
    write({"encounter_id": 1, "site_id": 1}, {"encounter_id": 3, "site_id": None})
    write({"encounter_id": 2, "site_id": 2})
    assert topics(next(stream)) == {"encounter", "inbox", "encounter:2"}
    stream.close()


def test_a_stream_resumes_after_the_last_event_heard():
    stream, _first = listen()
    write({"encounter_id": 1, "site_id": 1})
    heard = event_id(next(stream))
    stream.close()
    write({"encounter_id": 2, "site_id": 1})
    write({"encounter_id": 3, "site_id": 1})
    again, first = listen(last=heard)
    told = heard_until(again, first, "-".join(map(str, last_position())))
    assert told == ["encounter:2", "encounter:3"], "and not the first once more"
    again.close()


def heard_until(stream, first, position):
    """The encounters a stream tells of until it has come to a position."""
    event, told = first, []
    while True:
        if b"data: " in event:
            told += sorted(t for t in topics(event) if t.startswith("encounter:"))
        if event_id(event) == position:
            return told
        event = next(stream)


def test_a_client_that_comes_and_goes_hears_everything_exactly_once(monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
    stream, first = listen()
    last, heard = event_id(first), []
    writer = threading.Thread(target=_write_forty)
    writer.start()
    ends = time.monotonic() + 30
    while len(heard) < 40 and time.monotonic() < ends:
        stream.close()
        stream, event = listen(last=last)
        for _n in range(3):
            if b"data: " in event:
                heard += sorted(t for t in topics(event) if t.startswith("encounter:"))
            last = event_id(event)
            event = next(stream)
    writer.join()
    stream.close()
    assert heard == [f"encounter:{n}" for n in range(100, 140)]


def _write_forty():
    try:
        for number in range(100, 140):
            write({"encounter_id": number, "site_id": 1})
            time.sleep(0.01)
    finally:
        connection.close()


def test_whoever_missed_too_much_looks_at_everything_again(monkeypatch):
    monkeypatch.setattr(live, "RESUME_LIMIT", 3)
    write({"encounter_id": 1, "site_id": 1})
    start = "-".join(map(str, last_position()))
    for n in range(4):
        write({"encounter_id": n, "site_id": 1})
    stream, first = listen(last=start)
    assert topics(first) == {"poll"}
    stream.close()


def test_a_new_screen_is_told_of_the_moments_before_its_stream():
    write({"encounter_id": 5, "site_id": 1})
    stream, first = listen()
    assert "encounter:5" in topics(first)
    stream.close()


@pytest.mark.parametrize("rubbish", ["x", "1", "1-", "--", "1-2-3", "9" * 50])
def test_an_id_that_is_none_starts_afresh(rubbish):
    stream, first = listen(last=rubbish)
    assert first.startswith(b"retry: 3000\nid: ")
    stream.close()


def test_beyond_the_cap_there_is_no_stream(settings, hub):
    settings.PARVIS_LIVE_STREAMS_MAX = 2
    streams = [listen()[0] for _n in range(2)]
    assert stream_open(everything) is None
    streams.pop().close()
    another = stream_open(everything)
    assert another is not None
    another.close()
    streams.pop().close()
    assert hub.open_count == 0


def test_a_stream_that_was_never_read_frees_its_place(hub):
    stream = stream_open(everything)
    assert hub.open_count == 1
    stream.close()
    assert hub.open_count == 0


def test_heartbeats_come_while_nothing_happens_and_carry_the_position(monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
    stream, first = listen()
    beat = next(stream)
    assert beat.endswith(b": beat\n\n")
    assert event_id(beat) == event_id(first)
    stream.close()


def test_a_stream_ends_after_its_lifetime_so_that_rights_are_asked_again(monkeypatch):
    monkeypatch.setattr(live, "LIFETIME_SECONDS", 0.05)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
    assert len(list(stream_open(everything))) < 20


def test_a_database_that_is_away_for_a_moment_is_survived(monkeypatch):
    stream, _first = listen()
    real, failures = live.entries_after, iter([OperationalError("gone")] * 3)

    def flaky(*args, **kwargs):
        if error := next(failures, None):
            raise error
        return real(*args, **kwargs)

    monkeypatch.setattr(live, "entries_after", flaky)
    write({"encounter_id": 6, "site_id": 1})
    assert "encounter:6" in topics(next(stream))
    stream.close()


def test_an_open_stream_holds_no_database_connection():
    seen = {}

    def serve():
        stream = stream_open(everything)
        next(stream)
        seen["connection"] = connection.connection
        stream.close()

    thread = threading.Thread(target=serve)
    thread.start()
    thread.join(10)
    assert seen == {"connection": None}


def test_the_reader_ends_with_its_last_listener_and_begins_again(hub):
    stream, _first = listen()
    reader = hub._thread
    stream.close()
    reader.join(5)
    assert not reader.is_alive()
    again, _first = listen()
    write({"encounter_id": 8, "site_id": 1})
    assert "encounter:8" in topics(next(again))
    again.close()


def test_stopping_ends_every_stream(hub):
    streams = [listen()[0] for _n in range(3)]
    hub.stop()
    assert [list(stream) for stream in streams] == [[], [], []]
