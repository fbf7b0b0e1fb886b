"""Where a mail ended up. Conversations are known to a higher context only, which registers how to name them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from parvis.staff.domain.viewer import Viewer


@dataclass(frozen=True)
class Place:
    """A conversation, as a list of mail shows it: its reference and subject."""

    reference: str
    subject: str


Places = Callable[[Viewer, Sequence[int]], Mapping[int, Place]]
_places: Places = lambda viewer, mail_ids: {}  # noqa: E731


def provide_places(function: Places) -> None:
    """Let a higher context say in which conversation each of some mails is, as far as the viewer may see it."""
    global _places
    _places = function


def places_of(viewer: Viewer, mail_ids: Sequence[int]) -> Mapping[int, Place]:
    """Mail id → place, in one query, for those that have one the viewer may see."""
    return _places(viewer, mail_ids) if mail_ids else {}
