"""Which language a mail is in."""

from __future__ import annotations

import sys

import pytest

from parvis.channels.domain.mail.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bonjour, je voudrais savoir si mon vélo est prêt. Merci !", "fr"),
        ("Hello, I would like to know whether my bike is ready. Thanks!", "en"),
        ("Bonjour", "fr"),
        ("Thanks!", "en"),
        ("Possible de décaler rdv jeudi ?", "fr"),
        ("Wrong colour delivered, refund asap", "en"),
        ("Hallo, ich möchte gern wissen, ob mein Fahrrad fertig ist. Danke!", None),
        ("Hola, quisiera saber si mi bicicleta está lista. Muchas gracias.", None),
        ("Ciao, vorrei un tavolo per due persone domani sera", None),
        ("12345 67890", None),
        ("", None),
        ("https://example.fr/les/des/et", None),
    ],
)
def test_french_and_english_are_told_and_others_left_open(text: str, language: str | None) -> None:
    assert detect_language(text) == language


def test_clear_cases_do_not_load_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)  # importing it would fail
    assert detect_language("Bonjour, est-ce que mon vélo est prêt pour jeudi ?") == "fr"
    assert detect_language("Hello, is my bike ready for Thursday?") == "en"
