"""The command line `parvis`: Django's commands, and before them Parvis's own.

`run`, `web`, `prepare` and `backup` live in `parvis.config.commands`, since they concern the whole installation; the
others are ordinary management commands of the contexts.
"""

import ctypes
import os
import re
import signal
import sys
from importlib import import_module

from django.core.management import ManagementUtility, get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from parvis.config.supervise import SUPERVISOR_PID

OWN_COMMANDS = ("run", "web", "prepare", "backup", "demo", "bench_load")
_PR_SET_PDEATHSIG = 1
# How SQLite and PostgreSQL say that a table or a column is not there.
_UNPREPARED = re.compile(r"no such (table|column)|(relation|column) \S+ does not exist")


class ParvisUtility(ManagementUtility):
    """Django's command line with Parvis's commands listed first."""

    def __init__(self, argv: list[str] | None = None) -> None:
        super().__init__(argv)
        self.prog_name = "parvis"

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """The command of that name; exits with a suggestion when there is none."""
        if subcommand in OWN_COMMANDS:
            return import_module(f"parvis.config.commands.{subcommand}").Command()
        return super().fetch_command(subcommand)

    def main_help_text(self, commands_only: bool = False) -> str:
        """The text of `parvis help`, or the bare names for `parvis help --commands`."""
        if commands_only:
            return "\n".join(sorted({*OWN_COMMANDS, *get_commands()}))
        ours = {name: self.fetch_command(name) for name in OWN_COMMANDS}
        others: list[str] = []
        for name, app in sorted(get_commands().items()):
            if isinstance(app, str) and app.startswith("parvis."):
                ours[name] = load_command_class(app, name)
            else:
                others.append(name)
        width = max(map(len, ours))
        return "\n".join(
            [
                "Usage: parvis COMMAND [options]   (parvis help COMMAND tells the options)",
                "",
                "Parvis:",
                *(f"  {name:<{width}}  {_first_line(command)}" for name, command in ours.items()),
                "",
                "Django and its applications:",
                *(f"  {name}" for name in others),
            ]
        )


def main(argv: list[str] | None = None) -> None:
    """Run the command named in `argv` (default: of this process), with Parvis's settings unless told others."""
    _end_with_supervisor()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parvis.config.settings")
    try:
        ParvisUtility(argv or sys.argv).execute()
    except DatabaseError as error:
        if not _UNPREPARED.search(str(error)):
            raise
        sys.exit("The database is not set up for this version of Parvis yet: run `parvis prepare` first.")


def _first_line(command: BaseCommand) -> str:
    return str(command.help).strip().partition("\n")[0]


def _end_with_supervisor() -> None:
    """Have the system end this process when the supervisor that started it dies, even by SIGKILL (Linux)."""
    supervisor = os.environ.pop(SUPERVISOR_PID, "")
    if not supervisor or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(supervisor):
        # It died before we could ask.
        sys.exit(1)


if __name__ == "__main__":
    main()
