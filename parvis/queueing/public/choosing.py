"""What somebody may stand in line for, from trunk to branch: the needs that lead to a line, and lines without any."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from parvis.catalog.selectors import NeedNode, needs_tree
from parvis.kernel.errors import NotFound
from parvis.queueing.models import Line
from parvis.queueing.selectors import lines_by_need
from parvis.toolkit.bilingual import in_language


@dataclass(frozen=True)
class Choice:
    """Something to press: with a line it is what is wanted, without one it leads on into the tree."""

    icon: str
    label: str
    text: str = ""
    line_id: int | None = None
    slug: str = ""

    @property
    def query(self) -> str:
        """What the next page is asked with."""
        given = {"line": self.line_id, "need": self.slug}
        return urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True)
class Wish:
    """What somebody stands in line for."""

    line: Line
    label: str
    need_id: int | None = None
    slug: str = ""


@dataclass(frozen=True)
class Choosing:
    """Where somebody is on the way: `trail` from the trunk down to here, and what can be chosen next."""

    trail: list[NeedNode]
    choices: list[Choice]

    @property
    def only(self) -> Choice | None:
        """The one thing there is, at the trunk: nobody need be asked."""
        one = self.choices[0] if len(self.choices) == 1 and not self.trail else None
        return one if one is not None and one.line_id else None


class Tree:
    """The choices of a kiosk or of a site's link, over the lines that take tickets there."""

    def __init__(self, site_id: int, lines: Collection[Line]) -> None:
        self._lines = {line.pk: line for line in lines}
        self._nodes = needs_tree(public_only=True)
        self._found = {pk: line for pk, line in lines_by_need(site_id).items() if line.pk in self._lines}

    def at(self, slug: str = "") -> Choosing:
        """What can be chosen at a node ("" the trunk). Raises NotFound for a node that leads to no line."""
        trail = _trail(self._nodes, slug) if slug else []
        if slug and not (trail and self._leads(trail[-1])):
            raise NotFound(_("There is no such choice."), code="no_choice")
        below = trail[-1].children if trail else self._nodes
        choices = [self._choice(node) for node in below if self._leads(node)]
        if trail:
            return Choosing(trail, choices)
        named = {line.pk for node in _all(self._nodes) if (line := self._line(node)) is not None}
        return Choosing([], [*choices, *(_of_line(x) for pk, x in self._lines.items() if pk not in named)])

    def other(self, node: NeedNode) -> Choice | None:
        """The node itself, for whoever finds none of its branches right."""
        line = self._line(node)
        return None if line is None else Choice("help-circle", node.name, line_id=line.pk, slug=node.need.slug)

    def wish(self, line_id: int, slug: str = "") -> Wish:
        """What was chosen. Raises NotFound for a line that takes no tickets here."""
        line = self._lines.get(line_id)
        if line is None:
            raise NotFound(_("There is no such line."), code="no_line")
        trail = _trail(self._nodes, slug) if slug else []
        if not trail:
            return Wish(line, in_language(line.name))
        return Wish(line, trail[-1].name, trail[-1].need.pk, slug)

    def _line(self, node: NeedNode) -> Line | None:
        return self._found.get(node.need.pk)

    def _leads(self, node: NeedNode) -> bool:
        return self._line(node) is not None or any(self._leads(child) for child in node.children)

    def _choice(self, node: NeedNode) -> Choice:
        line = self._line(node)
        children = [child for child in node.children if self._leads(child)]
        text = in_language(node.need.summary) or ", ".join(child.name for child in children[:3])
        line_id = line.pk if line is not None and not children else None
        return Choice(node.need.icon or "message-circle", node.name, text, line_id, node.need.slug)


def _of_line(line: Line) -> Choice:
    return Choice("users", in_language(line.name), line_id=line.pk)


def _trail(nodes: tuple[NeedNode, ...], slug: str) -> list[NeedNode]:
    for node in nodes:
        if node.need.slug == slug:
            return [node]
        if below := _trail(node.children, slug):
            return [node, *below]
    return []


def _all(nodes: tuple[NeedNode, ...]) -> list[NeedNode]:
    return [found for node in nodes for found in (node, *_all(node.children))]
