"""Ledger entries in words: "Nadège gave the encounter to Łukasz", in the reader's language.

The ledger knows nobody above it. Each context registers the phrases of its own entries and how ids of its own rows
become names (`words.py` of the context, loaded when the app is ready); `tell` reads a page of entries with them, in
one query per kind of name, however many entries.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from parvis.ledger.models import Entry

Text = str | Promise
Data = Mapping[str, Any]
Names = Callable[[list[int]], Mapping[int, str]]


@dataclass(frozen=True)
class Phrase:
    """How one kind of entry reads.

    text:   a lazy translation with %(actor)s, and %(key)s for keys of `names` and `values`; or a function of the
            entry's data that returns one.
    icon:   a vendored icon.
    names:  key of the data → kind of name its id stands for ("member", "organisation", …).
    values: further words from the data, as a function.
    """

    text: Text | Callable[[Data], Text]
    icon: str = "point"
    names: Mapping[str, str] = field(default_factory=dict)
    values: Callable[[Data], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Told:
    """An entry in words, with what a line of a timeline shows beside them."""

    entry: Entry
    icon: str
    text: str
    actor: str = ""
    customer: str = ""
    customer_reference: str = ""
    encounter: str = ""
    encounter_reference: str = ""


@dataclass(frozen=True)
class Group:
    """Kinds of entries that belong together, to choose from."""

    key: str
    label: Text
    names: tuple[str, ...]


_phrases: dict[str, Phrase] = {}
_names: dict[str, Names] = {}
_references: dict[str, Callable[[int], str]] = {}
_groups: dict[str, Group] = {}
_actors: list[Callable[[], Sequence[tuple[int, str]]]] = []


def phrases_register(key: str, label: Text, phrases: Mapping[str, Phrase]) -> None:
    """Say how entries read. `key` and `label` name the group they are chosen by in the audit view."""
    _phrases.update(phrases)
    _groups[key] = Group(key, label, tuple(phrases))


def names_register(kind: str, names: Names, reference: Callable[[int], str] | None = None) -> None:
    """Say how ids of one kind of row become names, many at once, and (if they have one) references."""
    _names[kind] = names
    if reference is not None:
        _references[kind] = reference


def actors_register(choices: Callable[[], Sequence[tuple[int, str]]]) -> None:
    """Say who can be chosen as the actor: pairs of member id and name."""
    _actors.append(choices)


def groups() -> list[Group]:
    """The kinds of entries to choose from."""
    return list(_groups.values())


def actors() -> list[tuple[int, str]]:
    """The members to choose from."""
    return [pair for choices in _actors for pair in choices()]


def tell(entries: Iterable[Entry]) -> list[Told]:
    """The entries in words, in the order given and the active language. Entries without a phrase show their name."""
    entries = list(entries)
    known = _look_up(entries)
    return [_tell(entry, known) for entry in entries]


Known = Mapping[str, Mapping[int, str]]


def _look_up(entries: Sequence[Entry]) -> Known:
    wanted: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        if entry.actor_id is not None:
            wanted[entry.actor_kind].add(entry.actor_id)
        if entry.customer_id is not None:
            wanted["customer"].add(entry.customer_id)
        if entry.encounter_id is not None:
            wanted["encounter"].add(entry.encounter_id)
        for key, kind in _phrase(entry).names.items():
            if isinstance(entry.data.get(key), int):
                wanted[kind].add(entry.data[key])
    return {kind: _names[kind](sorted(ids)) for kind, ids in wanted.items() if kind in _names}


def _phrase(entry: Entry) -> Phrase:
    return _phrases.get(entry.name) or Phrase(text=entry.name.replace("%", "%%"))


def _tell(entry: Entry, known: Known) -> Told:
    phrase = _phrase(entry)
    values: dict[str, Any] = {"actor": _actor(entry, known)}
    for key, kind in phrase.names.items():
        pk = entry.data.get(key)
        values[key] = known.get(kind, {}).get(pk) or _("someone or something gone") if pk is not None else _("nobody")
    if phrase.values is not None:
        values |= phrase.values(entry.data)
    text = phrase.text(entry.data) if callable(phrase.text) else phrase.text
    return Told(
        entry=entry,
        icon=phrase.icon,
        text=str(text) % values,
        actor=values["actor"],
        customer=_name(known, "customer", entry.customer_id),
        customer_reference=_reference("customer", entry.customer_id),
        encounter=_name(known, "encounter", entry.encounter_id),
        encounter_reference=_reference("encounter", entry.encounter_id),
    )


def _actor(entry: Entry, known: Known) -> str:
    if entry.actor_kind == "system":
        return "Parvis"
    name = _name(known, entry.actor_kind, entry.actor_id)
    if name:
        return name
    return {"customer": _("The customer"), "token": _("An API key")}.get(entry.actor_kind, _("A former member"))


def _name(known: Known, kind: str, pk: int | None) -> str:
    return known.get(kind, {}).get(pk, "") if pk is not None else ""


def _reference(kind: str, pk: int | None) -> str:
    make = _references.get(kind)
    return make(pk) if make and pk is not None else ""
