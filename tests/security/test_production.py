"""As it stands on a public address: Django's own deployment check is content, cookies and headers are strict."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = "https://desk.example.org"
ASK = """
import django, json, sys
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
caller = {"SERVER_NAME": "desk.example.org", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
answers = {}
for path in ("/accounts/login/", "/portal/write/", "/nowhere/", "/healthz"):
    client = Client(**caller, raise_request_exception=False)
    response = client.get(path)
    answers[path] = {"status": response.status_code, "headers": dict(response.headers),
        "cookies": [c.OutputString() for c in client.cookies.values()]}
client = Client(SERVER_NAME="desk.example.org")
plain = client.get("/accounts/login/")
answers["plain"] = {"status": plain.status_code, "to": plain.headers.get("Location", "")}
member = __import__("parvis.staff.models").staff.models.Member.objects.create_user("a@b.example", "x", name="A")
client = Client(**caller)
signed = client.post("/accounts/login/", {"login": "a@b.example", "password": "x"})
answers["session"] = [c.OutputString() for name, c in signed.cookies.items() if name != "csrftoken"]
answers["debug"] = client.get("/nowhere/").content.decode().count("URLconf")
print(json.dumps(answers))
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    """What a process of a public installation finds around it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARVIS_", "PYTEST", "DJANGO"))}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "parvis.config.settings",
        "PARVIS_HOME": str(home),
        "PARVIS_BASE_URL": BASE,
        **more,
    }


def run(*arguments: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment(home, **more),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_deployment_check_has_nothing_to_say(tmp_path: Path) -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "INFO", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a public installation behind a proxy answers."""
    import json

    home = tmp_path_factory.mktemp("home")
    prepared = run("manage.py", "collectstatic", "--noinput", home=home)
    assert prepared.returncode == 0, prepared.stderr
    done = run("-c", ASK, home=home, PARVIS_BEHIND_PROXY="1")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_session_cookie_leaves_by_https_only_and_no_script_reads_it(answers: dict) -> None:
    [cookie] = answers["session"]
    assert cookie.startswith("__Host-parvis=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


def test_so_does_the_token_of_forms(answers: dict) -> None:
    for path in ("/accounts/login/", "/portal/write/"):
        [cookie] = answers[path]["cookies"]
        assert cookie.startswith("csrftoken=")
        assert {"Secure", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}


def test_browsers_are_told_to_come_by_https_alone(answers: dict) -> None:
    for path in ("/accounts/login/", "/portal/write/", "/nowhere/"):
        assert answers[path]["headers"]["Strict-Transport-Security"].startswith("max-age=31536000"), path
    assert answers["plain"] == {"status": 301, "to": f"{BASE}/accounts/login/"}
    assert answers["/healthz"]["status"] == 200


def test_errors_show_no_inside(answers: dict) -> None:
    assert answers["/nowhere/"]["status"] == 404
    assert answers["debug"] == 0


def test_the_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    show = "from django.conf import settings; print(settings.SECRET_KEY)"
    first, second = (run("-c", show, home=tmp_path).stdout.strip() for _i in range(2))
    assert first == second
    assert len(first) >= 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("behind", "named", "peer", "seen"),
    [
        ("", "", "127.0.0.1", "127.0.0.1"),
        ("1", "", "127.0.0.1", "203.0.113.9"),
        ("1", "", "198.51.100.7", "198.51.100.7"),
        ("", "198.51.100.0/24", "198.51.100.7", "203.0.113.9"),
        ("1", "198.51.100.0/24", "127.0.0.1", "127.0.0.1"),
    ],
)
def test_who_calls_is_believed_of_named_proxies_alone(
    tmp_path: Path, behind: str, named: str, peer: str, seen: str
) -> None:
    ask = (
        "import django; django.setup()\n"
        "from django.test import RequestFactory\n"
        "from parvis.toolkit.proxies import CallerMiddleware\n"
        f"request = RequestFactory(REMOTE_ADDR={peer!r}).get('/', headers={{'X-Forwarded-For': '203.0.113.9'}})\n"
        "CallerMiddleware(lambda r: print(r.META['REMOTE_ADDR'], r.is_secure()))(request)"
    )
    given = {"PARVIS_BEHIND_PROXY": behind, "PARVIS_TRUSTED_PROXIES": named}
    done = run("-c", ask, home=tmp_path, **given)
    assert done.stdout.split() == [seen, "False"], done.stderr
