"""The signature is that of the Standard Webhooks specification; the pauses are those it recommends."""

import datetime as dt
import itertools

import pytest

from parvis.webhooks.domain.schedule import JITTER, LONGEST, PAUSES, given_up, pause
from parvis.webhooks.domain.signing import headers, secret_key, secret_text, signature

# The example that the specification publishes.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example_is_signed_as_published() -> None:
    assert signature(secret_key(SECRET), ID, AT, BODY) == SIGNATURE


def test_a_secret_is_written_and_read_alike() -> None:
    assert secret_text(secret_key(SECRET)) == SECRET


def test_with_two_keys_there_are_two_signatures() -> None:
    found = headers([secret_key(SECRET), b"x" * 32], ID, AT, BODY)
    assert found["webhook-signature"].split(" ")[0] == SIGNATURE
    assert len(found["webhook-signature"].split(" ")) == 2
    assert (found["webhook-id"], found["webhook-timestamp"]) == (ID, str(AT))


def test_pauses_grow_over_about_three_days() -> None:
    found = [pause(n, "msg_1") for n in range(1, len(PAUSES) + 1)]
    assert all(a < b for a, b in itertools.pairwise(found))
    assert dt.timedelta(days=2.8) < sum(found, dt.timedelta()) < dt.timedelta(days=3.5)
    assert pause(len(PAUSES) + 1, "msg_1") is None


def test_what_failed_together_does_not_come_back_together() -> None:
    found = {pause(2, f"msg_{n}") for n in range(50)}
    assert len(found) > 40
    assert all(PAUSES[1] * (1 - JITTER) <= p <= PAUSES[1] * (1 + JITTER) for p in found)
    assert pause(2, "msg_7") == pause(2, "msg_7")


@pytest.mark.parametrize("text", ["", "soon", "-5", "Wed, 21 Oct 2015 07:28:00 GMT", "9" * 30, "²"])
def test_a_wish_to_wait_that_says_nothing_is_passed_over(text: str) -> None:
    assert pause(1, "msg_1", text) == pause(1, "msg_1")


def test_a_wish_to_wait_is_heeded_up_to_a_day() -> None:
    assert pause(1, "msg_1", " 600 ") == dt.timedelta(minutes=10)
    assert pause(1, "msg_1", "99999999") == LONGEST
    assert pause(9, "msg_1", "5") == pause(9, "msg_1")


def test_an_endpoint_is_given_up_after_days_of_silence() -> None:
    now = dt.datetime(2031, 3, 10, tzinfo=dt.UTC)
    assert not given_up(None, now)
    assert not given_up(now - dt.timedelta(hours=59), now)
    assert given_up(now - dt.timedelta(hours=60), now)
