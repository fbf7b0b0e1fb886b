"""What a machine lacks is installed by root, and named to anybody else."""

import subprocess

import pytest

from scripts import system_packages


@pytest.fixture
def machine(monkeypatch):
    """A machine without chromium; `installed` records what apt-get was asked, and makes it true unless told to fail."""
    state = {"chromium": False, "fails": False, "installed": []}

    def apt_get(command, **options):
        state["installed"].append(command)
        if state["fails"]:
            raise subprocess.CalledProcessError(100, command)
        state["chromium"] |= "chromium" in command

    present = {"chromium": lambda: state["chromium"], "gettext": lambda: True}
    monkeypatch.setattr(system_packages, "PRESENT", present)
    monkeypatch.setattr(system_packages.subprocess, "run", apt_get)
    monkeypatch.setattr(system_packages.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(system_packages.os, "geteuid", lambda: 0)
    return state


def test_nothing_is_done_where_all_is_there(machine, capsys):
    assert system_packages.main(["gettext"]) == 0
    assert machine["installed"] == []
    assert capsys.readouterr() == ("", "")


def test_root_has_only_what_is_missing_installed(machine):
    assert system_packages.main(["gettext", "chromium"]) == 0
    update, install = machine["installed"]
    assert update[-1] == "update"
    assert install[-1] == "chromium"
    assert "gettext" not in install


def test_anybody_else_is_told_what_to_install(machine, monkeypatch, capsys):
    monkeypatch.setattr(system_packages.os, "geteuid", lambda: 1000)
    assert system_packages.main(["gettext", "chromium"]) == 1
    assert machine["installed"] == []
    assert "Install with: sudo apt-get install chromium" in capsys.readouterr().err


def test_a_failed_installation_fails_with_what_is_missing(machine, capsys):
    machine["fails"] = True
    assert system_packages.main(["chromium"]) == 1
    assert "Missing on this machine: chromium" in capsys.readouterr().err
