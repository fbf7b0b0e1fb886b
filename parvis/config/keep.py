"""What `parvis run` becomes when all is prepared: a small process, without Django, that keeps the others going."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import NoReturn

from parvis.config.ports import serves_pages
from parvis.config.supervise import Program, Supervisor


@dataclass(frozen=True)
class Plan:
    """Which programs to keep running, where the pages answer when they are ready, and what to say then."""

    programs: Sequence[Program]
    host: str
    port: int
    welcome: str = field(repr=False, default="")


def become(plan: Plan) -> NoReturn:
    """Replace this process, and all the memory it took to prepare, by one that carries out the plan."""
    sys.stdout.flush()
    command = [sys.executable, "-m", "parvis.config.keep", json.dumps(asdict(plan))]
    os.execv(command[0], command)  # noqa: S606 - our own interpreter


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out the plan that is the one argument, until told to stop."""
    told = json.loads((argv or sys.argv[1:])[0])
    programs = [Program(p["name"], tuple(p["argv"]), p["env"]) for p in told["programs"]]
    plan = Plan(programs, told["host"], told["port"], told["welcome"])
    _say("Starting…")
    code = Supervisor(
        plan.programs,
        ready=lambda: serves_pages(plan.host, plan.port),
        on_ready=lambda: _say(plan.welcome),
    ).run()
    _say("Parvis has stopped.")
    return code


def _say(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # In `parvis run | tee log`, Ctrl-C has ended the reader: nobody is left to tell, and that is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
