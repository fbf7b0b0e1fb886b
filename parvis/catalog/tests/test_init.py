from typing import Any

import pytest
from django.core.management import CommandError, call_command

from parvis.catalog.management.commands.init import PASSWORD_VARIABLE, zone_of_country
from parvis.catalog.models import Business, Need, Site, Touchpoint
from parvis.staff.models import Member
from tests.world import PASSWORD, World

ANSWERS = {
    "name": "Atelier du Canal",
    "country": "FR",
    "admin_name": "Zoé Martin",
    "admin_email": "zoe@canal.example",
    "mailbox": "bonjour@canal.example",
    "no_input": True,
}


def init(monkeypatch: pytest.MonkeyPatch, password: str | None = PASSWORD, **changes: Any) -> None:
    if password is None:
        monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(PASSWORD_VARIABLE, password)
    call_command("init", **{**ANSWERS, **changes})


def test_it_sets_up_a_house_in_one_go(db: None, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    init(monkeypatch)
    house = Business.objects.get()
    assert (house.name, house.languages, house.timezone) == ("Atelier du Canal", ["fr", "en"], "Europe/Paris")
    assert Touchpoint.objects.get(channel="email").address == "bonjour@canal.example"
    assert Member.objects.get().role == "administrator"
    assert Need.objects.count() > 4
    assert "Atelier du Canal is ready" in capsys.readouterr().out


def test_it_refuses_a_database_that_has_a_house(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="already has a house: Atelier du Canal"):
        init(monkeypatch)
    assert Site.objects.count() == 2


@pytest.mark.parametrize(
    ("password", "changes", "said"),
    [
        (None, {}, PASSWORD_VARIABLE),
        ("kurz", {}, "too short"),
        (PASSWORD, {"country": "QQ"}, "two letters"),
        (PASSWORD, {"timezone": "Mars/Base"}, "time zone"),
        (PASSWORD, {"admin_email": "zoe"}, "e-mail"),
        (PASSWORD, {"mailbox": "bonjour"}, "e-mail"),
        (PASSWORD, {"languages": "de"}, "languages"),
        (PASSWORD, {"name": None}, "--name"),
    ],
)
def test_what_it_cannot_use_is_said_and_nothing_is_made(
    db: None, monkeypatch: pytest.MonkeyPatch, password: str | None, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        init(monkeypatch, password, **changes)
    assert not Business.objects.exists()
    assert not Member.objects.exists()


def test_on_a_terminal_it_asks_and_offers_what_is_usual(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    given = iter(["", "BE", "Friterie du Port", "", "", "", "Lotte Peeters", "lotte@port.example"])
    questions: list[str] = []

    def answer(question: str) -> str:
        questions.append(question)
        return next(given)

    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("getpass.getpass", lambda question: PASSWORD)
    call_command("init")
    house = Business.objects.get()
    assert (house.country, house.timezone, house.languages) == ("BE", "Europe/Brussels", ["fr", "en"])
    assert Member.objects.get().check_password(PASSWORD)
    assert not Touchpoint.objects.filter(channel="email").exists()
    assert "[Europe/Brussels]" in questions[3]


def test_two_passwords_that_differ_change_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter([PASSWORD, PASSWORD + "x"])
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("getpass.getpass", lambda question: next(typed))
    answers = {**ANSWERS, "no_input": False, "languages": "fr", "timezone": "Europe/Paris", "site": "Canal"}
    with pytest.raises(CommandError, match="differ"):
        call_command("init", **answers)
    assert not Business.objects.exists()


@pytest.mark.parametrize(
    ("country", "zone"), [("FR", "Europe/Paris"), ("US", "America/New_York"), ("MA", "Africa/Casablanca")]
)
def test_a_country_brings_its_time_zone(country: str, zone: str) -> None:
    assert zone_of_country(country) == zone
