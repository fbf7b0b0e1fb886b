"""The way in: what can be done for you here at all, then the branches, answers on the way (T12)."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET
from django.views.i18n import set_language as django_set_language

from parvis.catalog.formatting import answer_html
from parvis.catalog.opening import opening_now, special_days, week_lines
from parvis.catalog.selectors import NeedNode, needs_tree, sites
from parvis.desk.portal.booking.shown import offer_shown, offers_public, places_offered
from parvis.kernel.clock import utcnow
from parvis.toolkit.bilingual import in_language

BRANCHES_NAMED = 3


@dataclass(frozen=True)
class Branch:
    """A need as the portal offers it. `url`: on into the tree, or to the form where there is nothing more to ask."""

    url: str
    icon: str
    label: str
    text: str


def branch_of(node: NeedNode) -> Branch:
    """A node of the tree as the portal offers it; without a summary, its first branches say what it is about."""
    need = node.need
    leads_on = node.children or in_language(need.answer)
    named = ", ".join(child.name for child in node.children[:BRANCHES_NAMED])
    more = "…" if len(node.children) > BRANCHES_NAMED else ""
    return Branch(
        url=reverse("portal_need", args=[need.slug]) if leads_on else f"{reverse('portal_contact')}?need={need.slug}",
        icon=need.icon or "message-circle",
        label=node.name,
        text=in_language(need.summary) or (named + more),
    )


def booking_branch() -> Branch | None:
    """The way to what can be booked; None where nothing can."""
    names = [offer.name for place in places_offered() for offer in place.offers]
    if not names:
        return None
    text = ", ".join(names[:BRANCHES_NAMED]) + ("…" if len(names) > BRANCHES_NAMED else "")
    return Branch(url=reverse("book"), icon="calendar-event", label=_("Book a visit"), text=text)


def trail_to(slug: str, nodes: tuple[NeedNode, ...] | None = None) -> list[NeedNode]:
    """The public nodes from the trunk to the one with this slug, itself last; empty if there is none."""
    for node in needs_tree(public_only=True) if nodes is None else nodes:
        if node.need.slug == slug:
            return [node]
        if below := trail_to(slug, node.children):
            return [node, *below]
    return []


def places(now: Any) -> list[dict[str, Any]]:
    """The sites with what a visitor wants to know of them."""
    return [
        {
            "site": site,
            "opening": opening_now(site, now),
            "week": week_lines(site, now),
            "special": special_days(site, now),
        }
        for site in sites().order_by("pk")
    ]


@login_not_required
@require_GET
def portal(request: HttpRequest) -> HttpResponse:
    """The trunk: what the house can help with, whether it is open, where it is."""
    needs = [branch_of(node) for node in needs_tree(public_only=True)]
    if (booking := booking_branch()) is not None:
        needs.insert(0, booking)
    return render(request, "portal/home.html", {"needs": needs, "places": places(utcnow())})


@login_not_required
@require_GET
def portal_need(request: HttpRequest, slug: str) -> HttpResponse:
    """A branch: its answer, "did this help?", and where it goes on. `?helped` thanks and leads out."""
    trail = trail_to(slug)
    if not trail:
        raise Http404(slug)
    node = trail[-1]
    if not node.children and not in_language(node.need.answer):
        return redirect(f"{reverse('portal_contact')}?need={slug}")
    context = {
        "trail": trail[:-1],
        "node": node,
        "lead": in_language(node.need.summary),
        "answer": answer_html(in_language(node.need.answer)),
        "needs": [branch_of(child) for child in node.children],
        "helped": "helped" in request.GET,
        "contact_url": f"{reverse('portal_contact')}?need={slug}",
        "offers": [offer_shown(o) for o in offers_public() if o.row.need_id == node.need.pk],
    }
    return render(request, "portal/need.html", context)


@login_not_required
@csrf_exempt
def set_language(request: HttpRequest) -> HttpResponse:
    """The language switch of every public page. Exempt from the origin check, which pages with a token cannot pass;
    the worst a foreign page could do is to choose a language.
    """
    return django_set_language(request)
