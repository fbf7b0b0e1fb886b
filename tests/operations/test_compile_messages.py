"""Translations compiled without gettext are what gettext and Django read."""

import gettext
from pathlib import Path

import pytest
from django.utils.translation.trans_real import DjangoTranslation

from scripts.compile_messages import compile_all, compile_catalogue

HEADER = """msgid ""
msgstr ""
"Language: fr\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"
"""
PLURAL = """
msgid "%(n)s message"
msgid_plural "%(n)s messages"
msgstr[0] "%(n)s courriel reçu"
msgstr[1] "%(n)s courriels reçus"
"""


def write_catalogue(root: Path, body: str, header: str = HEADER) -> Path:
    path = root / "desk" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + body, encoding="utf-8")
    return path


def compiled(root: Path, body: str) -> gettext.GNUTranslations:
    with compile_catalogue(write_catalogue(root, body)).open("rb") as file:
        return gettext.GNUTranslations(file)


def test_french_counts_zero_and_one_as_singular(tmp_path):
    french = compiled(tmp_path, PLURAL)
    texts = [french.ngettext("%(n)s message", "%(n)s messages", n) for n in (0, 1, 2, 5, 1_000_000)]
    assert texts == ["%(n)s courriel reçu"] * 2 + ["%(n)s courriels reçus"] * 3


def test_django_reads_the_same_plurals(tmp_path, settings):
    compile_catalogue(write_catalogue(tmp_path, PLURAL))
    settings.LOCALE_PATHS = [str(tmp_path / "desk" / "locale")]
    french = DjangoTranslation("fr")
    assert french.ngettext("%(n)s message", "%(n)s messages", 0) == "%(n)s courriel reçu"
    assert french.ngettext("%(n)s message", "%(n)s messages", 2) == "%(n)s courriels reçus"


def test_contexts_keep_equal_words_apart(tmp_path):
    french = compiled(
        tmp_path,
        '\nmsgctxt "verb"\nmsgid "open"\nmsgstr "ouvrir"\n\nmsgctxt "state"\nmsgid "open"\nmsgstr "ouvert"\n',
    )
    assert (french.pgettext("verb", "open"), french.pgettext("state", "open")) == ("ouvrir", "ouvert")


def test_what_is_fuzzy_or_not_translated_shows_its_english(tmp_path):
    french = compiled(
        tmp_path,
        '\n#, fuzzy\nmsgid "maybe"\nmsgstr "certainement"\n\nmsgid "later"\nmsgstr ""\n'
        '\nmsgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] ""\nmsgstr[1] ""\n',
    )
    assert (french.gettext("maybe"), french.gettext("later")) == ("maybe", "later")
    assert french.ngettext("%(n)s day", "%(n)s days", 2) == "%(n)s days"


def test_only_what_changed_is_compiled_again(tmp_path):
    path = write_catalogue(tmp_path, PLURAL)
    assert compile_all(tmp_path) == [path.with_suffix(".mo")]
    assert compile_all(tmp_path) == []


def test_a_malformed_catalogue_is_named_with_its_line(tmp_path):
    path = write_catalogue(tmp_path, '\nmsgid "open"\nnonsense\n')
    with pytest.raises(ValueError, match=r"django\.po, line 8"):
        compile_catalogue(path)
    assert not path.with_suffix(".mo").exists()
