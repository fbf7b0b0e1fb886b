"""Why nothing is free: the panel in words."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parvis.kernel.clock import utcnow, zone
from parvis.reservations.availability import Asked
from parvis.reservations.explaining import why_not_free
from parvis.reservations.supply import supply
from parvis.reservations.views.common import (
    day_given,
    day_words,
    number,
    numbers,
    offer_visible,
    site_chosen,
    sites_seen,
)
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language
from parvis.toolkit.htmx import dialog


@require_safe
def why(request: HttpRequest) -> HttpResponse:
    """The reasons for one offering and day; the offering and the party can be changed in place."""
    viewer, now = require_viewer(request), utcnow()
    site = site_chosen(request, sites_seen(viewer))
    offers = [o for o in supply().offers.values() if site is not None and o.row.site_id == site.pk]
    offers.sort(key=lambda o: (o.row.position, o.row.pk))
    asked_for = number(request, "offering")
    offer = offer_visible(viewer, asked_for) if asked_for else next(iter(offers), None)
    choices = [(o.row.pk, in_language(o.row.name)) for o in offers]
    context = {"offers": choices, "offer": offer, "site": site}
    if offer is not None:
        day = day_given(request, "day", now.astimezone(zone(offer.tz)).date())
        party = min(max(number(request, "party") or offer.terms.min_party, 1), 1000)
        asked = Asked(party=party, nights=max(number(request, "nights") or 1, 1), wished=numbers(request, "resource"))
        reasons = why_not_free(offer, day, asked, now, for_staff=True)
        following = day + dt.timedelta(days=1)
        context |= {"reasons": reasons, "day": day, "day_words": day_words(day), "party": party, "next": following}
    return dialog(request, "reservations/why.html", context, title=_("Why is nothing free?"))
