"""What the services of the catalog share: who may, what a text in two languages is, what the ledger is told."""

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from parvis.kernel.errors import Invalid, NotAllowed
from parvis.ledger.services import Fact, entries_record
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.services import actor_of


def authorise(viewer: Viewer, right: Right = Right.CONFIGURE) -> None:
    """Raise NotAllowed unless the viewer's role carries the right."""
    if not viewer.may(right):
        raise NotAllowed(_("Only a manager changes how the house is set up."))


def record(viewer: Viewer, name: str, *, site_id: int | None = None, **data: Any) -> None:
    """One ledger entry of the catalog, inside the caller's transaction."""
    entries_record(actor=actor_of(viewer), facts=[Fact(name, site_id=site_id, data=data)])


def only_known(changes: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise TypeError for a field that the service does not have: a slip of the caller, not of a person."""
    if unknown := set(changes) - set(known):
        raise TypeError(f"unknown fields: {', '.join(sorted(unknown))}")


def bilingual(texts: Mapping[str, str] | None, *, longest: int, field: str) -> dict[str, str]:
    """`{"en": …, "fr": …}` trimmed, empty languages left out. Raises Invalid beyond `longest` characters."""
    clean = {code: str((texts or {}).get(code) or "").strip() for code, __ in settings.LANGUAGES}
    for code, text in clean.items():
        if len(text) > longest:
            message = _("At most %(count)s characters.") % {"count": longest}
            raise Invalid(message, fields={f"{field}_{code}": message})
    return {code: text for code, text in clean.items() if text}


def needed(text: Any, *, longest: int, field: str = "name") -> str:
    """A trimmed text of one line. Raises Invalid when it is empty or longer than `longest` characters."""
    clean = " ".join(str(text or "").split())
    if not clean:
        raise Invalid(_("This cannot stay empty."), fields={field: _("This cannot stay empty.")})
    if len(clean) > longest:
        message = _("At most %(count)s characters.") % {"count": longest}
        raise Invalid(message, fields={field: message})
    return clean


def changed_fields(row: Any, changes: Mapping[str, Any]) -> list[str]:
    """Set the changes on the row; returns the names of the fields that differ from before, in order."""
    names = [name for name, value in changes.items() if getattr(row, name) != value]
    for name in names:
        setattr(row, name, changes[name])
    return sorted(names)
