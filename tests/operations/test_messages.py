"""The check that every text has its French finds what it is there to find."""

import pytest

from scripts.messages import LANGUAGE, problems
from scripts.system_packages import missing

from .test_compile_messages import HEADER

pytestmark = pytest.mark.skipif(
    bool(missing(["gettext"])), reason="GNU gettext is not installed (apt-get install gettext)"
)

SOURCE = """
from django.utils.translation import gettext as _, ngettext
print(_("Good morning, %(name)s") % {"name": "Ada"}, ngettext("%(n)s day", "%(n)s days", 2) % {"n": 2})
"""
PLURAL = '\nmsgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "un jour"\nmsgstr[1] "%(n)s jours"\n'
GREETING = '\nmsgid "Good morning, %(name)s"\nmsgstr "Bonjour %(name)s"\n'


@pytest.fixture
def check(tmp_path):
    """A function that tells the problems of one context with the source above and the given French."""
    context = tmp_path / "house" / "desk"
    catalogue = context / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
    catalogue.parent.mkdir(parents=True)
    (context / "__init__.py").write_text("")
    (context / "views.py").write_text(SOURCE)

    def run(french: str) -> str:
        catalogue.write_text(HEADER + french, encoding="utf-8")
        return "\n".join(problems(tmp_path / "house"))

    return run


def test_a_complete_catalogue_has_no_problem(check):
    assert check(GREETING + PLURAL) == ""


@pytest.mark.parametrize(
    ("french", "problem"),
    [
        (PLURAL, "missing: 'Good morning, %(name)s'"),
        (GREETING + PLURAL + '\nmsgid "Goodbye"\nmsgstr "Au revoir"\n', "no longer used: 'Goodbye'"),
        (GREETING.replace("Bonjour %(name)s", "") + PLURAL, "not translated: 'Good morning, %(name)s'"),
        ("\n#, fuzzy" + GREETING + PLURAL, "to be confirmed (fuzzy)"),
        (GREETING.replace("Bonjour %(name)s", "Bonjour %(nom)s") + PLURAL, "placeholders differ"),
        (GREETING.replace("Bonjour %(name)s", "Bonjour") + PLURAL, "placeholders differ"),
        (GREETING[:-2] + PLURAL, "django.po:9: end-of-line within string"),
        (GREETING + PLURAL.replace('"%(n)s jours"', '""'), "not translated: '%(n)s day'"),
    ],
)
def test_each_kind_of_problem_is_named(check, french, problem):
    found = check(french)
    assert problem in found
    assert found.count("\n") == 0
    assert found.startswith("house/desk/locale/fr/LC_MESSAGES/django.po: ")
