"""The tree of needs: its nodes, their order, and what the house promises for each (T12)."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from parvis.catalog import events
from parvis.catalog.models import Need
from parvis.catalog.services.common import authorise, bilingual, changed_fields, only_known, record
from parvis.catalog.services.places import free_slug
from parvis.kernel.errors import Invalid, NotFound
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.db import lock_rows

FIELDS = frozenset(
    {
        "name",
        "summary",
        "answer",
        "parent_id",
        "icon",
        "priority",
        "first_answer_minutes",
        "resolution_minutes",
        "team_id",
        "is_public",
        "is_active",
    }
)
# Of the icons that the shell ships, those that can say what somebody needs.
NEED_ICONS = (
    "help-circle",
    "message-circle",
    "info-circle",
    "tool",
    "bike",
    "package",
    "receipt",
    "coin",
    "calendar-event",
    "clock",
    "clipboard-list",
    "search",
    "map-pin",
    "door",
    "building-store",
    "phone",
    "users",
    "star",
    "heart-handshake",
    "lifebuoy",
    "alert-triangle",
    "refresh",
    "key",
    "bulb",
)
LENGTHS = {"name": 80, "summary": 200, "answer": 4000}
LONGEST_MINUTES = 60 * 24 * 366


def need_save(*, viewer: Viewer, need_id: int | None = None, **changes: Any) -> Need:
    """Add a node to the tree of needs (at the end of its branch) or change one.

    Fields: name, summary, answer ({"en": …, "fr": …}), parent_id (None: on the trunk), icon (of NEED_ICONS, or
    empty), priority (1 urgent, 2 normal,
    3 low), first_answer_minutes and resolution_minutes (of opening time; None: as its parent), team_id, is_public,
    is_active. Raises Invalid with `fields`, NotFound for a node that is none.
    """
    authorise(viewer)
    only_known(changes, FIELDS)
    with transaction.atomic():
        need = _locked(need_id) if need_id is not None else Need(is_active=True)
        old_parent = need.parent_id
        names = changed_fields(need, {name: _clean(name, value) for name, value in changes.items()})
        if not need.name:
            raise Invalid(_("Name it in at least one language."), fields={"name_en": _("Name it.")})
        if need.pk is None or need.parent_id != old_parent:
            _check_parent(need)
            need.position = _next_position(need.parent_id)
        if need.pk is None:
            need.slug = free_slug(Need, need.name.get("en") or next(iter(need.name.values())), longest=60)
            need.save()
            record(viewer, events.NEED_ADDED, need=need.pk)
        elif names:
            need.save()
            record(viewer, events.NEED_CHANGED, need=need.pk, fields=names)
    return need


def need_move(*, viewer: Viewer, need_id: int, step: int) -> Need:
    """Move a node among its siblings: -1 up, +1 down. At the end of the branch it stays where it is."""
    authorise(viewer)
    with transaction.atomic():
        need = _locked(need_id)
        siblings = list(Need.objects.filter(parent_id=need.parent_id, is_active=True).order_by("position", "id"))
        here = next((i for i, n in enumerate(siblings) if n.pk == need.pk), None)
        if here is None:
            return need
        there = max(0, min(len(siblings) - 1, here + (1 if step > 0 else -1)))
        if here == there:
            return need
        siblings.insert(there, siblings.pop(here))
        for position, sibling in enumerate(siblings):
            if sibling.position != position:
                sibling.position = position
                sibling.save(update_fields=["position"])
        record(viewer, events.NEED_MOVED, need=need.pk)
    return need


def _locked(need_id: int) -> Need:
    found = lock_rows(Need.objects.all(), [need_id])
    if not found:
        raise NotFound(_("There is no such need."), code="no_need")
    return found[0]


def _clean(name: str, value: Any) -> Any:
    if name in LENGTHS:
        return bilingual(value, longest=LENGTHS[name], field=name)
    if name in ("first_answer_minutes", "resolution_minutes") and value is not None:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LONGEST_MINUTES:
            message = _("Choose a time between a minute and a year.")
            raise Invalid(message, fields={name: message})
    elif name == "icon" and value and value not in NEED_ICONS:
        raise Invalid(_("Choose one of the icons shown."), fields={"icon": _("Choose one of the icons shown.")})
    elif name == "priority" and value not in (1, 2, 3):
        raise Invalid(_("Choose a priority."), fields={"priority": _("Choose a priority.")})
    return value


def _check_parent(need: Need) -> None:
    parents = dict(Need.objects.values_list("pk", "parent_id"))
    at = need.parent_id
    if at is not None and at not in parents:
        raise NotFound(_("There is no such need."), code="no_need")
    while at is not None:
        if at == need.pk:
            message = _("A need cannot hang on its own branch.")
            raise Invalid(message, fields={"parent": message})
        at = parents[at]


def _next_position(parent_id: int | None) -> int:
    last = Need.objects.filter(parent_id=parent_id).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1
