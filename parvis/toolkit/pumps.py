"""Background work: pumps that are run again and again, each on a thread of its own, none able to stop another."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import close_old_connections, connections

log = logging.getLogger("parvis.worker")

LONGEST_PAUSE = 60.0


@dataclass(frozen=True)
class Pump:
    """Work that comes in portions. `run` does one portion and returns how much it did; 0 means: nothing was due.

    `every`: seconds to wait after nothing was due. `again`: whether to go on at once after something was done.
    """

    name: str
    run: Callable[[], int]
    every: float
    again: bool = True


def pumps_run_once(pumps: Sequence[Pump], *, rounds: int = 1000) -> tuple[dict[str, int], list[str]]:
    """Run all pumps here until none finds anything to do; how much each did, and the names of those that failed."""
    done = dict.fromkeys((p.name for p in pumps), 0)
    failed: list[str] = []
    for __ in range(rounds):
        busy = False
        for pump in pumps:
            if pump.name in failed:
                continue
            try:
                count = pump.run()
            except Exception:
                log.exception("%s failed", pump.name)
                failed.append(pump.name)
            else:
                done[pump.name] += count
                busy = busy or bool(count and pump.again)
        if not busy:
            break
    return done, failed


def pumps_run(pumps: Sequence[Pump], *, stop: threading.Event, grace: float = 8.0) -> bool:
    """Run all pumps until `stop` is set; returns whether each ended its portion within `grace` seconds after."""
    threads = [threading.Thread(target=_keep, args=(p, stop), name=p.name, daemon=True) for p in pumps]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join(grace / len(threads) if grace < len(threads) else grace)
    return not any(t.is_alive() for t in threads)


def _keep(pump: Pump, stop: threading.Event) -> None:
    failures = 0
    while not stop.is_set():
        pause = pump.every
        try:
            close_old_connections()
            if pump.run() and pump.again:
                pause = 0.0
            failures = 0
        except Exception as error:
            failures += 1
            pause = min(LONGEST_PAUSE, max(pump.every, 2.0 ** min(failures, 6) / 2))
            # The trace once; a database that is away for an hour needs no hundred of them.
            log.error("%s failed, next try in %.0f s: %s", pump.name, pause, error, exc_info=failures == 1)
            close_old_connections()
        if pause:
            stop.wait(pause)
    connections.close_all()
