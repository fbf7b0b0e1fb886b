"""The stories of the demo as people write them, read into values. Pure.

A story file is text. A line that begins with one of four marks says what follows; everything else is what is said:

    @@ squeaky fr need=brakes by=email,form who=anyone      a story: key, language, options
    ## Mes freins couinent                                  a subject; several, and one is drawn
    Bonjour, mon {bike} couine [depuis hier|depuis lundi].  the first contact
    ++ reply 40m close                                      a step: what, how long after the one before, options
    Bonjour {first}, passez quand vous voulez.              what is said in it
    -- a remark

`[this|that]` draws one, `{name}` is filled in by the player. A length is `40m`, `3h` or `2d`; the player takes it in
opening hours for what the house does (a day is eight of them) and on the wall clock for what a customer does.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files

_LENGTH = re.compile(r"(\d+)([mhd])")
_CHOICE = re.compile(r"\[([^\[\]|]*(?:\|[^\[\]|]*)+)\]")
_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Step:
    """Something that happens in a story. `after` is in units of `unit` ("m", "h", "d")."""

    verb: str
    after: int
    unit: str
    words: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    def minutes(self, *, day: int) -> int:
        """The length in minutes, a day being `day` of them."""
        return self.after * {"m": 1, "h": 60, "d": day}[self.unit]


@dataclass(frozen=True)
class Story:
    """One need of one customer, from the first word on."""

    key: str
    language: str
    subjects: tuple[str, ...]
    text: str
    steps: tuple[Step, ...]
    options: Mapping[str, str]

    def option(self, name: str, default: str = "") -> str:
        """An option of the story's first line."""
        return self.options.get(name, default)


class BadScript(ValueError):
    """A story file that cannot be read; the message names the line."""


@cache
def stories() -> tuple[Story, ...]:
    """Every story of the demo, in the order of the files' names."""
    folder = files("parvis.config.demo") / "stories"
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".txt"))
    return tuple(story for name in names for story in parse((folder / name).read_text(encoding="utf-8"), name))


def parse(text: str, name: str = "script") -> list[Story]:
    """The stories of one file. Raises BadScript."""
    return [_story(lines, name) for lines in _blocks(text, name)]


def _blocks(text: str, name: str) -> Iterator[list[tuple[int, str]]]:
    block: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("--"):
            continue
        if line.startswith("@@"):
            if block:
                yield block
            block = []
        elif not block and line.strip():
            raise BadScript(f"{name}:{number}: a story begins with @@")
        if block or line.startswith("@@"):
            block.append((number, line))
    if block:
        yield block


def _story(lines: list[tuple[int, str]], name: str) -> Story:
    number, head = lines[0]
    words, options = _split(head[2:])
    if len(words) != 2 or words[1] not in ("fr", "en"):
        raise BadScript(f"{name}:{number}: write @@ key language option=value …")
    subjects: list[str] = []
    parts: list[tuple[Step | None, list[str]]] = [(None, [])]
    for number, line in lines[1:]:
        if line.startswith("##"):
            subjects.append(line[2:].strip())
        elif line.startswith("++"):
            parts.append((_step(line, f"{name}:{number}"), []))
        else:
            parts[-1][1].append(line)
    text = "\n".join(parts[0][1]).strip()
    steps = [replace(step, text="\n".join(said).strip()) for step, said in parts[1:] if step is not None]
    return Story(words[0], words[1], tuple(subjects), text, tuple(steps), options)


def _step(line: str, where: str) -> Step:
    words, options = _split(line[2:])
    length = _LENGTH.fullmatch(words[1]) if len(words) > 1 else None
    if length is None:
        raise BadScript(f"{where}: write ++ verb 40m (or 3h, 2d) …")
    return Step(words[0], int(length[1]), length[2], tuple(words[2:]), options)


def _split(line: str) -> tuple[list[str], dict[str, str]]:
    words = line.split()
    return [w for w in words if "=" not in w], dict(w.split("=", 1) for w in words if "=" in w)


def told(text: str, slots: Mapping[str, str], draw: Callable[[list[str]], str]) -> str:
    """The text with its alternatives drawn, innermost first, and its slots filled. Raises KeyError for no such slot."""
    while _CHOICE.search(text):
        text = _CHOICE.sub(lambda m: draw(m[1].split("|")), text)
    return _SLOT.sub(lambda m: slots[m[1]], text)


def slots_of(story: Story) -> set[str]:
    """The names of all slots that a story uses."""
    texts = [*story.subjects, story.text, *(step.text for step in story.steps)]
    return {name for text in texts for name in _SLOT.findall(text)}
