"""Log a contact: made for speed, over any page (key c) or as a page of its own."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from parvis.catalog.selectors import calendar_of, site_default
from parvis.customers.domain.who import read_who
from parvis.customers.finding import (
    affiliations_visible,
    customer_by_reference,
    exact_matches,
    organisation_by_reference,
)
from parvis.customers.selectors import customers_search, recognition_of
from parvis.desk.contact_forms import ContactForm
from parvis.desk.domain.when import parse_when
from parvis.desk.services.contacts import Contact
from parvis.desk.services.counter import Note, Outcome, contact_note
from parvis.encounters.domain.stages import Initiative, Nature
from parvis.encounters.selectors import encounter_by_reference, encounters_of_customer
from parvis.kernel.business_hours import NeverOpen, next_open
from parvis.kernel.clock import utcnow, zone
from parvis.kernel.errors import Invalid, NotFound
from parvis.staff.domain.viewer import Viewer
from parvis.staff.middleware import require_viewer

SUGGESTED = 6
OPEN_SHOWN = 4
LONGEST_QUERY = 300
NEW = "new"
# What was chosen last time is the best guess for the next one.
REMEMBERED = ("channel", "site")


@require_http_methods(["GET", "POST"])
def contact_log_page(request: HttpRequest) -> HttpResponse:
    """The form, and what becomes of it: the encounter's page with a word about what was promised."""
    viewer = require_viewer(request)
    if request.method == "POST":
        form = ContactForm(request.POST, viewer=viewer)
        if form.is_valid() and (encounter := _save(request, viewer, form)):
            return _to_encounter(request, encounter)
    else:
        remembered = {name: request.session.get(f"contact_{name}") for name in REMEMBERED}
        form = ContactForm(viewer=viewer, initial={name: value for name, value in remembered.items() if value})
    context = {"form": form, **_card(viewer, _chosen(request)), "chosen": _chosen(request)}
    fragment = "HX-Request" in request.headers
    template = "desk/contact_log.html#dialog" if fragment else "desk/contact_log.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _chosen(request: HttpRequest) -> str:
    return (request.POST if request.method == "POST" else request.GET).get("customer", "")[:16]


def _save(request: HttpRequest, viewer: Viewer, form: ContactForm) -> Any:
    """The encounter, or None when the service refused: its words then stand at the fields."""
    try:
        encounter = contact_note(viewer=viewer, note=_note(viewer, form))
    except Invalid as error:
        for name, text in error.fields.items():
            form.add_error(name if name in form.fields else None, str(text))
        if not error.fields:
            form.add_error(None, str(error))
        return None
    for name in REMEMBERED:
        request.session[f"contact_{name}"] = form.cleaned_data[name]
    return encounter


def _note(viewer: Viewer, form: ContactForm) -> Note:
    given, read = form.cleaned_data, form.who_read
    known = customer_by_reference(viewer, given["customer"]) if given["customer"] not in ("", NEW) else None
    into = encounter_by_reference(viewer, given["into"]) if given["into"] else None
    organisation = organisation_by_reference(viewer, given["organisation"]) if given["organisation"] else None
    contact = Contact(
        channel=given["channel"],
        text=given["text"].strip(),
        customer_id=known.pk if known else None,
        name="" if known else read.name,
        phone="" if known else read.phone,
        email="" if known else read.email,
        organisation_id=organisation.pk if organisation else None,
        language="" if known else viewer.language,
        site_id=given["site"],
        need_id=given["need"],
        nature=Nature(given["nature"] or Nature.SERVICE),
        initiative=Initiative(given["initiative"] or Initiative.CUSTOMER),
        greet=False,
    )
    return Note(
        contact=contact,
        outcome=Outcome(given["outcome"]),
        due_at=given["due_at"],
        encounter_id=into.pk if into else None,
        surely_new=given["customer"] == NEW,
    )


def _to_encounter(request: HttpRequest, encounter: Any) -> HttpResponse:
    messages.success(request, _told(encounter))
    address = reverse("encounter", args=[encounter.reference])
    if "HX-Request" not in request.headers:
        return redirect(address)
    return HttpResponse(status=204, headers={"HX-Redirect": address})


def _told(encounter: Any) -> str:
    """What was noted, and what was promised by when: the words one would say to the customer again."""
    name = str(encounter.customer)
    encounter.refresh_from_db(fields=["due_at", "status"])
    if encounter.status == "closed":
        return _("Noted for %(name)s, and all done.") % {"name": name}
    if encounter.due_at is None:
        return _("Noted for %(name)s.") % {"name": name}
    return _("Noted for %(name)s. Promised: %(due)s.") % {"name": name, "due": stated(encounter.due_at)}


def stated(instant: Any) -> str:
    """An instant in words, in the active time zone: "Thursday 26 November at 15:00"."""
    return date_format(timezone.localtime(instant), pgettext("a stated time, to staff", r"l j F \a\t H:i"))


@require_safe
def contact_who(request: HttpRequest) -> HttpResponse:
    """Who the line typed may be: known customers, one that only another site knows, or somebody new."""
    viewer, line = require_viewer(request), request.GET.get("who", "").strip()[:LONGEST_QUERY]
    if not line:
        return HttpResponse("")
    site = _own_site(viewer)
    country = site.country if site else "FR"
    read = read_who(line, country)
    found: dict[int, Any] = {}
    elsewhere = 0
    for address in filter(None, (read.phone, read.email)):
        seen, hidden = exact_matches(viewer, address, country)
        found |= {c.pk: c for c in seen}
        elsewhere += hidden
    for words in dict.fromkeys(filter(None, (line, read.name))):
        if len(found) < SUGGESTED:
            found |= {c.pk: c for c in customers_search(viewer, words, limit=SUGGESTED)[0]}
    context = {
        "options": [(c, recognition_of(c)) for c in list(found.values())[:SUGGESTED]],
        "read": read,
        "elsewhere": elsewhere and not found,
    }
    return render(request, "desk/contact_who.html", context)


@require_safe
def contact_card(request: HttpRequest) -> HttpResponse:
    """What to know of the customer chosen before one asks: how often, what matters, what is open."""
    viewer, chosen = require_viewer(request), request.GET.get("customer", "")[:16]
    context = _card(viewer, chosen)
    if chosen == NEW:
        site = _own_site(viewer)
        context["read"] = read_who(request.GET.get("who", "")[:LONGEST_QUERY], site.country if site else "FR")
    return render(request, "desk/contact_card.html", context)


def _card(viewer: Viewer, chosen: str) -> dict[str, Any]:
    if chosen in ("", NEW):
        return {}
    try:
        customer = customer_by_reference(viewer, chosen)
    except (NotFound, Invalid):
        return {}
    return {
        "customer": customer,
        "recognition": recognition_of(customer),
        "affiliations": affiliations_visible(viewer, customer.pk),
        "open": encounters_of_customer(viewer, customer.pk).exclude(status="closed")[:OPEN_SHOWN],
    }


@require_safe
def contact_when(request: HttpRequest) -> HttpResponse:
    """How a time typed was understood, and whether the house is open then."""
    viewer, text = require_viewer(request), request.GET.get("when", "").strip()[:60]
    given = request.GET.get("site", "")
    wanted = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    site = site_default(
        wanted if wanted and viewer.sees_site(wanted) else next(iter(sorted(viewer.site_ids or ())), None)
    )
    due = parse_when(text, now=utcnow(), zone=zone(site.timezone)) if site and text else None
    closed = False
    if due and site:
        try:
            closed = next_open(calendar_of(site, around=due), due) > due
        except NeverOpen:
            closed = False
    return render(
        request, "desk/contact_when.html", {"said": stated(due) if due else "", "closed": closed, "text": text}
    )


def _own_site(viewer: Viewer) -> Any:
    """The first site the viewer works at, for reading numbers and times."""
    return site_default(min(viewer.site_ids) if viewer.site_ids else None)
