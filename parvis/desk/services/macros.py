"""Macros: replies written once and used often."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parvis.desk.models import Macro
from parvis.kernel.errors import Invalid, NotAllowed, NotFound
from parvis.staff.domain.viewer import Right, Viewer
from parvis.toolkit.bilingual import fill, in_language
from parvis.toolkit.db import unit


def macros_of(viewer: Viewer) -> QuerySet[Macro]:
    """The macros a member may use: everybody's, and those of their teams. Managers see all of them."""
    found = Macro.objects.select_related("team")
    if viewer.may(Right.CONFIGURE):
        return found
    return found.filter(Q(team=None) | Q(team__members=viewer.member_id)).distinct()


def macro_get(viewer: Viewer, macro_id: int) -> Macro:
    """One macro that a member may use. Raises NotFound alike for none and for another team's."""
    macro = macros_of(viewer).filter(pk=macro_id).first()
    if macro is None:
        raise NotFound(_("There is no such reply, or it is not yours to use."), code="no_macro")
    return macro


def macro_text(macro: Macro, *, language: str, values: dict[str, object]) -> str:
    """A macro in a language (else in whichever it has), its placeholders filled."""
    return fill(in_language(macro.text, language), values)


def macro_save(
    *, viewer: Viewer, macro_id: int | None, name: str, text: dict[str, str], team_id: int | None = None
) -> Macro:
    """Write a macro, new when `macro_id` is None. Raises NotAllowed, NotFound, Invalid for one without words."""
    _authorise(viewer)
    if not name.strip() or not any(t.strip() for t in text.values()):
        raise Invalid(_("A reply needs a name and a text."), fields={"name": _("Give it a name.")})
    with unit():
        macro = Macro() if macro_id is None else macro_get(viewer, macro_id)
        macro.name, macro.text, macro.team_id = name.strip()[:80], text, team_id
        macro.save()
    return macro


def macro_delete(*, viewer: Viewer, macro_id: int) -> None:
    """Delete a macro; replies written with it stay as they are."""
    _authorise(viewer)
    with unit():
        macro_get(viewer, macro_id).delete()


def _authorise(viewer: Viewer) -> None:
    if not viewer.may(Right.CONFIGURE):
        raise NotAllowed(_("Only a manager changes the replies of the house."))
