"""What the customer's panel shows beside a conversation: who this is, what matters to them, what else there is."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from parvis.customers.selectors import affiliations_of, contact_points_of, recognition_of
from parvis.desk.models import FollowUp
from parvis.desk.selectors import follow_ups_of
from parvis.encounters.domain.stages import stepper
from parvis.encounters.selectors import encounters_of_customer, links_of
from parvis.encounters.services import progress_of
from parvis.promises.shown import promise_cards
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.addresses import address
from parvis.toolkit.drawn import drawn
from parvis.toolkit.prepared import prepared

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter

PREVIOUS = 6


def panel_of(viewer: Viewer, encounter: "Encounter") -> dict[str, Any]:
    """Everything of the panel of an encounter that the caller has read through a selector, and itself, `drawn`.

    Six or seven queries.
    """
    others = _others(viewer, customer=encounter.customer_id, encounter=encounter.pk)
    shown = others[:PREVIOUS]
    panel = {
        "id": encounter.pk,
        "reference": encounter.reference,
        "customer": customer_card(encounter),
        "promises": promise_cards(viewer, encounter.pk),
        "stages": stepper(progress_of(encounter)),
        "links": [_line(other) | {"link": link.pk} for link, other in links_of(viewer, encounter.pk)],
        "open_elsewhere": [_line(e) for e in shown if e.status != "closed"],
        "previous": [_line(e) for e in shown if e.status == "closed"],
        "more_previous": len(others) > PREVIOUS,
        "follow_ups": [_follow_up(f) for f in _follow_ups(encounter)],
    }
    return panel | {"drawn": drawn("desk/panel.html", {"panel": panel})}


def _line(encounter: "Encounter") -> dict[str, Any]:
    """Another encounter, as one line that leads to it."""
    return {
        "url": address("encounter", encounter.reference),
        "subject": encounter.subject,
        "at": encounter.last_activity_at,
    }


def _follow_up(asked: FollowUp) -> dict[str, Any]:
    return {
        "at": asked.answered_at or asked.asked_at,
        "answer": "open" if asked.answered_at is None else "yes" if asked.all_done else "no",
        "words": follow_up_words(asked),
        "comment": asked.comment,
    }


@prepared
def _others(viewer: Viewer, customer: int, encounter: int) -> QuerySet:
    return encounters_of_customer(viewer, customer).exclude(pk=encounter)[: PREVIOUS + 1]


def _follow_ups(encounter: "Encounter") -> list[FollowUp]:
    """The questions that were asked; nobody is asked before the first closing."""
    if encounter.closed_at is None and not encounter.reopened_count:
        return []
    return [f for f in follow_ups_of(encounter.pk) if f.asked_at or f.answered_at]


def customer_card(encounter: "Encounter") -> dict[str, Any]:
    """The customer of an encounter, as `web/ui/customer_card.html` wants them, with what matters to them apart."""
    customer, known = encounter.customer, recognition_of(encounter.customer)
    # Whoever sees an encounter sees its customer, unless that record is no more.
    visible = customer.merged_into_id is None and customer.erased_at is None
    facts = [(point.get_kind_display(), point) for point in contact_points_of(customer.pk)]
    organisation, role = encounter.organisation, ""
    for affiliation in affiliations_of(customer.pk):
        organisation = organisation or affiliation.organisation
        if organisation and affiliation.organisation_id == organisation.pk:
            role = affiliation.role
    return {
        "id": customer.pk,
        "name": str(customer),
        "url": address_or_nothing("customer", customer.reference) if visible else "",
        "line": recognition_line(known),
        "badges": _badges(known),
        "org": f"{organisation.name} · {role}" if organisation and role else organisation.name if organisation else "",
        "org_url": address_or_nothing("organisation", organisation.reference) if organisation else "",
        "matters_text": customer.matters,
        "may_change": visible,
        "facts": [(label, _point_words(point)) for label, point in facts] + _more_facts(customer),
    }


def address_or_nothing(name: str, *args: str) -> str:
    """The address of another context's page, "" in a house without it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def recognition_line(known: Any) -> str:
    """ "Customer since March 2023 · 11 encounters"; "" for somebody new."""
    if known.is_newcomer:
        return ""  # the badge says so
    since = date_format(known.since, pgettext("since month and year", "F Y"))
    times = ngettext("%(n)s encounter", "%(n)s encounters", known.encounter_count) % {"n": known.encounter_count}
    return _("Customer since %(since)s · %(times)s") % {"since": since, "times": times}


def _badges(known: Any) -> list[dict[str, str]]:
    found = []
    if known.is_newcomer:
        found.append({"text": _("First time here"), "tone": "info", "icon": "sparkles"})
    if known.is_regular:
        found.append({"text": _("Regular"), "tone": "accent", "icon": "star"})
    if known.open_count > 1:
        text = ngettext("%(n)s open", "%(n)s open", known.open_count) % {"n": known.open_count}
        found.append({"text": text, "tone": "", "icon": "inbox"})
    return found


def _point_words(point: Any) -> str:
    return _("%(value)s (mail comes back)") % {"value": point.value} if point.bounced_at else point.value


def _more_facts(customer: Any) -> list[tuple[str, str]]:
    language = dict(settings.LANGUAGES).get(customer.language)
    return [(_("Language"), str(language))] if language else []


def follow_up_words(follow_up: FollowUp) -> str:
    """How the question after closing was answered."""
    if follow_up.answered_at is None:
        return _("Asked, no answer yet")
    return _("Nothing was forgotten") if follow_up.all_done else _("Something was forgotten")
