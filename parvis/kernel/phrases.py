"""Words of the kernel that a person reads, translated when read, without the kernel knowing Django.

The project calls ``use_translator(gettext)`` once at start; until then everything reads in English.
"""

from __future__ import annotations

from collections.abc import Callable


class Phrase:
    """A lazy text: ``str()`` of it is translated and filled in at that moment.

    template: the English text with ``%(name)s`` places, as it stands in the catalogue.
    params:   the values for the places, themselves possibly lazy.
    """

    __slots__ = ("params", "template")

    def __init__(self, template: str, **params: object) -> None:
        self.template = template
        self.params = params

    def __str__(self) -> str:
        text = _translate(self.template)
        return text % self.params if self.params else text

    def __repr__(self) -> str:
        return f"Phrase({self.template!r}, {self.params!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Phrase):
            return (self.template, self.params) == (other.template, other.params)
        return str(self) == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.template)


def use_translator(function: Callable[[str], str]) -> None:
    """Set what turns an English template into the reader's language, such as Django's ``gettext``."""
    global _translate
    _translate = function


def _as_it_is(template: str) -> str:
    return template


_translate: Callable[[str], str] = _as_it_is
