"""The load: a process of its own that asks a server on loopback, a bounded number of times, and says how long it took.

Reads a plan as JSON from standard input and writes the outcome as JSON to standard output. It knows nothing of Django,
so that it weighs little on the machine it shares with the server.
"""

import http.client
import json
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

LOOPBACK = "127.0.0.1"
CLIENT_SECONDS = 600


@dataclass
class Plan:
    """What to ask: `requests` are dictionaries with method, path, body and headers, taken in turn by all workers."""

    kind: str  # "http" or "smtp"
    port: int
    requests: list[dict[str, Any]]
    workers: int = 1
    seconds: float = 5.0
    most: int = 1000
    expect: int = 200


@dataclass
class Outcome:
    """What came of it. Times in milliseconds, sorted; `seconds` is how long all of it lasted."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Successful requests per second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """The time that this share of requests did not exceed; 0 when there was none."""
        return self.times[min(int(len(self.times) * share), len(self.times) - 1)] if self.times else 0.0


def ask(plan: Plan) -> Outcome:
    """Carry out a plan in a process of its own. Raises RuntimeError when that fails."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", __name__],
        input=json.dumps(asdict(plan)),
        text=True,
        capture_output=True,
        timeout=CLIENT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the load client failed:\n{done.stderr[-2000:]}")
    return Outcome(**json.loads(done.stdout))


class Turns:
    """Hands out the requests in turn until time or number is up."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._next, self._lock = plan, 0, threading.Lock()
        self._until = time.monotonic() + plan.seconds

    def take(self) -> dict[str, Any] | None:
        """The next request, None at the end."""
        with self._lock:
            if self._next >= self._plan.most or time.monotonic() > self._until:
                return None
            self._next += 1
            return self._plan.requests[(self._next - 1) % len(self._plan.requests)]


def carry_out(plan: Plan) -> Outcome:
    """Ask with as many threads as the plan has workers."""
    outcome, turns = Outcome(), Turns(plan)
    worker: Callable[[Plan, Turns, Outcome], None] = _mails if plan.kind == "smtp" else _pages
    threads = [threading.Thread(target=worker, args=(plan, turns, outcome)) for _n in range(plan.workers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - began
    outcome.times.sort()
    return outcome


def _pages(plan: Plan, turns: Turns, outcome: Outcome) -> None:
    connection = http.client.HTTPConnection(LOOPBACK, plan.port, timeout=30)
    while (request := turns.take()) is not None:
        began = time.perf_counter()
        try:
            connection.request(
                request.get("method", "GET"), request["path"], body=request.get("body"), headers=request["headers"]
            )
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            outcome.errors.append(repr(error)[:200])
            connection.close()
            continue
        if response.status == plan.expect:
            outcome.times.append((time.perf_counter() - began) * 1000)
        else:
            outcome.errors.append(f"{response.status} {request['path']} {body[:300]!r}")
    connection.close()


def _mails(plan: Plan, turns: Turns, outcome: Outcome) -> None:
    server = smtplib.SMTP(LOOPBACK, plan.port, local_hostname="bench.example", timeout=60)
    while (request := turns.take()) is not None:
        began = time.perf_counter()
        try:
            server.sendmail(request["sender"], [request["to"]], request["body"].encode())
            outcome.times.append((time.perf_counter() - began) * 1000)
        except (OSError, smtplib.SMTPException) as error:
            outcome.errors.append(repr(error)[:200])
            break
    server.close()


if __name__ == "__main__":
    json.dump(asdict(carry_out(Plan(**json.load(sys.stdin)))), sys.stdout)
