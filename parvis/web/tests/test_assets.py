"""What the shell ships, and what it must never contain."""

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2]
WEB = PACKAGE / "web"
CSS = sorted((WEB / "static/web/css").glob("*.css"))
SCRIPTS = sorted(PACKAGE.glob("*/static/*/js/*.js"))
TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))
SHELL = {"tokens.css", "base.css", "components.css", "layout.css", "portal.css"}
# See docs/adr/0002-own-stylesheet.md: a page brings its own few rules, the shell does not grow with each.
SHELL_LIMIT = 42 * 1024


def test_the_shells_stylesheet_stays_small():
    sizes = {path.name: path.stat().st_size for path in CSS}
    assert set(sizes) >= SHELL
    assert sum(sizes[name] for name in SHELL) <= SHELL_LIMIT


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_template_carries_what_the_security_policy_refuses(path):
    source = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert not re.search(r"\sstyle\s*=", source), "inline style"
    assert not re.search(r"<style\b", source), "style element"
    assert not re.search(r"\son[a-z]+\s*=", source), "inline event handler"
    assert not re.search(r"\shx-on", source), "code in an attribute"
    assert not re.search(r"javascript:", source), "code in an address"
    for script in re.findall(r"<script\b[^>]*>", source):
        assert "src=" in script or "application/json" in script, script


@pytest.mark.parametrize("path", [*CSS, *SCRIPTS], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_is_fetched_from_elsewhere(path):
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", re.sub(r"(?m)(^|\s)//.*$", "", source))


@pytest.mark.parametrize("path", CSS, ids=lambda p: p.name)
def test_every_file_that_a_stylesheet_names_is_there(path):
    for name in re.findall(r'url\("([^"]+)"\)', path.read_text(encoding="utf-8")):
        assert (path.parent / name).is_file(), name


def test_every_module_that_a_script_imports_is_there():
    for path in SCRIPTS:
        for name in re.findall(r'from "(\./[^"]+)"|import "(\./[^"]+)"', path.read_text(encoding="utf-8")):
            assert (path.parent / (name[0] or name[1])).is_file(), f"{path.name}: {name}"


def test_every_sentence_that_a_script_says_is_in_the_page():
    offered = set(re.findall(r"data-(\w+)=\"{% translate", (WEB / "templates/web/ui/strings.html").read_text()))
    for path in SCRIPTS:
        said = re.findall(r'\b(?:say|tell)\((?:area, )?"(\w+)"', path.read_text(encoding="utf-8"))
        assert set(said) <= offered, path.name


def test_motion_stops_for_those_who_ask_for_none():
    assert "prefers-reduced-motion: reduce" in (WEB / "static/web/css/base.css").read_text()
    for path in CSS:
        for milliseconds in re.findall(r"(\d+)ms", path.read_text()):
            assert int(milliseconds) < 150, path.name
