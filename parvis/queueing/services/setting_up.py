"""Lines and counters are set up."""

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from parvis.catalog.services.common import authorise, bilingual, changed_fields, only_known
from parvis.kernel.errors import Conflict, Invalid, NotFound
from parvis.kernel.ids import new_token
from parvis.ledger.services import Fact, entries_record
from parvis.queueing import events
from parvis.queueing.models import Counter, Line, Screen, ServiceGoal, Sitting, Turn
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of
from parvis.toolkit.db import lock_rows, unit

LINE_FIELDS = frozenset(f.attname for f in Line._meta.local_concrete_fields) - {"id"}
SCREEN_FIELDS = frozenset(f.attname for f in Screen._meta.local_concrete_fields) - {"id", "token", "seen_at"}
GOAL_FIELDS = frozenset(f.attname for f in ServiceGoal._meta.local_concrete_fields) - {"id", "site_id"}
COUNTER_FIELDS = frozenset(f.attname for f in Counter._meta.local_concrete_fields) - {"id"}


def line_save(
    *, viewer: Viewer, line_id: int | None = None, need_ids: Iterable[int] | None = None, **changes: Any
) -> Line:
    """Add a line or change one; `need_ids` replaces the needs it serves. Raises Invalid with `fields`, NotFound.

    Who waits already keeps the place they were told. A line in which people wait cannot be switched off (Conflict). One
    that has given tickets stays at its site: they, and what was told of them, belong there.
    """
    authorise(viewer)
    only_known(changes, LINE_FIELDS)
    with unit():
        row = _one(Line, viewer, line_id) if line_id is not None else Line()
        if row.pk and changes.get("is_active") is False and Turn.objects.filter(line=row, ended_at=None).exists():
            raise Conflict(_("People are waiting in this line."), code="line_in_use", hint=_("Serve them first."))
        moves = row.pk is not None and changes.get("site_id", row.site_id) != row.site_id
        if moves and Turn.objects.filter(line=row).exists():
            raise _stays(_("Tickets of this line were given out here: it cannot move to another site."))
        _save(row, changes, viewer)
        if moves:  # counters and screens stay where they are
            row.counters.clear()
            Screen.lines.through.objects.filter(line_id=row.pk).delete()
        if need_ids is not None:
            row.needs.set(need_ids)
    return row


def counter_save(
    *, viewer: Viewer, counter_id: int | None = None, line_ids: Iterable[int] | None = None, **changes: Any
) -> Counter:
    """Add a counter or change one; `line_ids` replaces what it takes from. Raises Invalid with `fields`, NotFound."""
    authorise(viewer)
    only_known(changes, COUNTER_FIELDS)
    with unit():
        row = _one(Counter, viewer, counter_id) if counter_id is not None else Counter()
        if row.pk and changes.get("is_active") is False and Sitting.objects.filter(counter=row, until=None).exists():
            raise Conflict(_("Somebody sits at this counter."), code="counter_in_use", hint=_("Sign them off first."))
        moves = row.pk is not None and changes.get("site_id", row.site_id) != row.site_id
        if moves and Sitting.objects.filter(counter=row).exists():
            raise _stays(_("People have worked at this counter: it cannot move to another site."))
        _save(row, changes, viewer)
        if moves and line_ids is None:
            row.lines.clear()
        if line_ids is not None:
            row.lines.set(_lines_of_site(row.site_id, line_ids))
    return row


def screen_save(
    *, viewer: Viewer, screen_id: int | None = None, line_ids: Iterable[int] | None = None, **changes: Any
) -> Screen:
    """Add a kiosk or a display, or change one. Raises Invalid with `fields`, NotFound."""
    authorise(viewer)
    only_known(changes, SCREEN_FIELDS)
    with unit():
        row = _one(Screen, viewer, screen_id) if screen_id is not None else Screen()
        _save(row, changes, viewer)
        if line_ids is not None:
            row.lines.set(_lines_of_site(row.site_id, line_ids))
    return row


def screen_renew(*, viewer: Viewer, screen_id: int) -> Screen:
    """Give a device a new secret address; the old one stops working at once."""
    authorise(viewer)
    with unit():
        row = _one(Screen, viewer, screen_id)
        row.token = new_token()
        _save(row, {}, viewer)
    return row


def goal_save(*, viewer: Viewer, site_id: int, **changes: Any) -> ServiceGoal:
    """Say what a site wants to stand by. Raises Invalid with `fields`, NotFound."""
    authorise(viewer)
    only_known(changes, GOAL_FIELDS)
    with unit():
        row = ServiceGoal.objects.filter(site_id=site_id).first() or ServiceGoal(site_id=site_id)
        _save(row, changes, viewer)
    return row


def _stays(told: Any) -> Invalid:
    return Invalid(told, hint=_("Add another one there, and switch this one off."), fields={"site_id": told})


def _lines_of_site(site_id: int, line_ids: Iterable[int]) -> set[int]:
    wanted = set(line_ids)
    if Line.objects.filter(pk__in=wanted, site_id=site_id).count() != len(wanted):
        told = _("Choose lines of the same site.")
        raise Invalid(told, fields={"lines": told})
    return wanted


def _one(model: type[models.Model], viewer: Viewer, pk: int) -> Any:
    found = [row for row in lock_rows(model._default_manager.all(), [pk]) if viewer.sees_site(row.site_id)]
    if not found:
        raise NotFound(_("There is no such thing, or it is not yours to see."), code="not_found")
    return found[0]


def _save(row: Any, changes: dict[str, Any], viewer: Viewer) -> None:
    if isinstance(changes.get("name"), dict):
        changes["name"] = bilingual(changes["name"], longest=60, field="name")
    names: Collection[str] = changed_fields(row, changes)
    if not viewer.sees_site(row.site_id):
        raise NotFound(_("There is no such site, or it is not yours to see."), code="no_site")
    if not getattr(row, "name", "-"):
        raise Invalid(_("This cannot stay empty."), fields={"name": _("Give it a name.")})
    try:
        row.full_clean()
        with transaction.atomic():
            row.save()
    except ValidationError as error:
        fields = {name: [str(m) for m in messages] for name, messages in error.message_dict.items()}
        raise Invalid(_("Something is missing or wrong."), fields=fields) from error
    except IntegrityError as error:
        told = _("Another line of this site has these letters.")
        raise Invalid(told, fields={"code": told}) from error
    data = {"what": row._meta.model_name, "row": row.pk, "fields": sorted(names)}
    facts = [Fact(events.SETTINGS_CHANGED, site_id=row.site_id, data=data)]
    entries_record(actor=actor_of(viewer), facts=facts)
