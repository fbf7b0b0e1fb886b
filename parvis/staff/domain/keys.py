"""Which keys do what, and how a person may change them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from parvis.kernel.errors import Invalid
from parvis.kernel.phrases import Phrase as _

# Key as the pages have it → what it does. "g t" is two keys in a row.
DEFAULT_KEYS: dict[str, _] = {
    "j": _("Next in the list"),
    "k": _("Previous in the list"),
    "c": _("Log a contact"),
    "b": _("New booking; at the counter, a break"),
    "/": _("Search"),
    "r": _("Reply; at the counter, call again"),
    "n": _("Note; at the counter, call next"),
    "a": _("Assign"),
    "e": _("Close and next, or change"),
    "o": _("Take up again"),
    "w": _("Wait for the customer"),
    "u": _("Say what it is about; at the counter, undo"),
    "p": _("Make a promise"),
    "z": _("Undo"),
    "s": _("At the counter: they are here"),
    "m": _("At the counter: did not come"),
    "h": _("At the counter: set aside"),
    "t": _("At the counter: send on"),
    "f": _("At the counter: finish"),
    "g t": _("Today"),
    "g i": _("Inbox"),
    "g q": _("Queue"),
    "g c": _("Customers"),
    "g s": _("Settings"),
}
_KEPT = {"?"}


def field_of(key: str) -> str:
    """The name of the form field for a key: "key_g_t"; "/" has no letter to name it by."""
    return "key_" + key.replace(" ", "_").replace("/", "slash")


def keymap_checked(given: Mapping[str, str]) -> dict[str, str]:
    """The keys that differ from the defaults, `{default: theirs}`.

    A key is one character, or two with a blank between. Raises Invalid, with `fields` by `field_of`, for what is no key
    or stands for two things; and where a single key is the first of two, since it would never be waited for.
    """
    chosen = {key: " ".join(str(given.get(key) or key).split()) for key in DEFAULT_KEYS}
    taken: dict[str, str] = {}
    for key, own in chosen.items():
        parts = own.split(" ")
        if len(parts) > 2 or any(len(part) != 1 or not part.isprintable() for part in parts) or own in _KEPT:
            raise _bad(key, _("One key, or two with a blank between, such as g t."))
        if own in taken:
            raise _bad(key, _("%(key)s stands for “%(other)s” already.", key=own, other=DEFAULT_KEYS[taken[own]]))
        taken[own] = key
    for own, key in taken.items():
        if len(own) == 3 and own[0] in taken:
            raise _bad(key, _("%(key)s stands for “%(other)s” already.", key=own[0], other=DEFAULT_KEYS[taken[own[0]]]))
    return {key: own for key, own in chosen.items() if own != key}


def _bad(key: str, message: _) -> Invalid:
    return Invalid(message, code="bad_key", fields={field_of(key): message})
