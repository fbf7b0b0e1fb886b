"""Status pages and a display as they ask, in a process of its own: gently far behind, quickly near the front.

Reads a plan as JSON from standard input and writes what it saw as JSON to standard output. It knows nothing of Django.
"""

import asyncio
import json
import random
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import IO, Any, cast

LOOPBACK = "127.0.0.1"
REDRAW_SECONDS = 120.0
DISPLAY_SECONDS = 0.4


@dataclass
class PhonesPlan:
    """Whose pages are open, and for how long."""

    port: int
    tokens: list[str]
    display: str
    seconds: float


@dataclass
class PhonesSeen:
    """What came of it: when (seconds since 1970) each ticket was seen called, and each call was on the display."""

    called: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    pulses: list[float] = field(default_factory=list)  # milliseconds, sorted
    cards: int = 0
    errors: list[str] = field(default_factory=list)


def phones_start(plan: PhonesPlan) -> "subprocess.Popen[str]":
    """Open the pages in a process of their own; `phones_end` waits for them."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with cast("IO[str]", process.stdin) as given:
        given.write(json.dumps(asdict(plan)))
    return process


def phones_end(process: "subprocess.Popen[str]") -> PhonesSeen:
    """What the pages saw, once their time is over."""
    with cast("IO[str]", process.stdout) as answered:
        seen = json.load(answered)
    process.wait()
    return PhonesSeen(**seen)


def pause(state: str, ahead: int | None) -> float:
    """Seconds until a page asks again, as its script decides."""
    if state == "waiting" and ahead is not None:
        return 0.6 if ahead <= 2 else 1.0 if ahead <= 5 else min(5 + 0.1 * ahead, 15.0)
    return 2.0 if state in ("called", "serving") else 15.0


class Wire:
    """One connection, kept open as a browser does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> bytes:
        """The body of a page. Raises OSError, asyncio.IncompleteReadError."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(LOOPBACK, self._port)
        reader, writer = self._streams
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}:{self._port}\r\nAccept-Language: fr\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if " 200 " not in head.partition("\r\n")[0]:
            raise OSError(head[:80])
        if "content-length: " in head:
            return await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0]))
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return body

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _phone(plan: PhonesPlan, token: str, seen: PhonesSeen, ends: float) -> None:
    wire, draw = Wire(plan.port), random.Random(token)  # noqa: S311 - a sample
    # Pages were opened at different times.
    await asyncio.sleep(draw.uniform(0, 10))
    version, redraw_at = "", time.time() + draw.uniform(0, REDRAW_SECONDS)
    while time.time() < ends:
        wait = 1.0
        try:
            began = time.perf_counter()
            pulse = json.loads(await wire.get(f"/q/{token}/pulse"))
            seen.pulses.append((time.perf_counter() - began) * 1000)
            if pulse["state"] == "called":
                seen.called.setdefault(token, time.time())
            if (version and pulse["v"] != version) or time.time() > redraw_at:
                await wire.get(f"/q/{token}/card/")
                seen.cards += 1
                redraw_at = time.time() + REDRAW_SECONDS
            version = pulse["v"]
            wait = pause(pulse["state"], pulse["ahead"]) * draw.uniform(0.9, 1.1)
        except (OSError, asyncio.IncompleteReadError, ValueError, KeyError) as error:
            seen.errors.append(repr(error)[:160])
            wire.close()
        await asyncio.sleep(wait)
    wire.close()


async def _display(plan: PhonesPlan, seen: PhonesSeen, ends: float) -> None:
    wire, last = Wire(plan.port), -1
    while time.time() < ends:
        try:
            call = json.loads(await wire.get(f"/display/{plan.display}/pulse"))["call"]
            if 0 <= last < call:
                found = json.loads(await wire.get(f"/display/{plan.display}/calls/?after={last}"))
                for one in found["calls"]:
                    seen.shown.setdefault(one["code"], time.time())
            last = call
        except (OSError, asyncio.IncompleteReadError, ValueError, KeyError) as error:
            seen.errors.append(repr(error)[:160])
            wire.close()
        await asyncio.sleep(DISPLAY_SECONDS)
    wire.close()


async def _all(plan: PhonesPlan) -> PhonesSeen:
    seen, ends = PhonesSeen(), time.time() + plan.seconds
    phones: list[Any] = [_phone(plan, token, seen, ends) for token in plan.tokens]
    await asyncio.gather(_display(plan, seen, ends), *phones)
    seen.pulses.sort()
    return seen


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(_all(PhonesPlan(**json.load(sys.stdin))))), sys.stdout)
