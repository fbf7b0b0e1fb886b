"""How this context's ledger entries read."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from parvis.kernel.clock import parse_instant
from parvis.ledger.words import Phrase, names_register, phrases_register
from parvis.reservations import events
from parvis.reservations.models import Offering, Partner, Resource
from parvis.toolkit.bilingual import in_language


def _when(data: Mapping[str, Any]) -> dict[str, Any]:
    start = timezone.localtime(parse_instant(data["starts_at"])) if data.get("starts_at") else None
    form = pgettext("when something takes place", "D j M, H:i")
    return {"when": date_format(start, form) if start else "", "party": data.get("party", 1)}


def _offering_names(ids: Iterable[int]) -> dict[int, str]:
    return {pk: in_language(name) for pk, name in Offering.objects.filter(pk__in=list(ids)).values_list("pk", "name")}


def _resource_names(ids: Iterable[int]) -> dict[int, str]:
    return dict(Resource.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def _partner_names(ids: Iterable[int]) -> dict[int, str]:
    return dict(Partner.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


names_register("partner", _partner_names)
names_register("offering", _offering_names)
names_register("resource", _resource_names)
_WHAT = {"offering": "offering"}
_PARTNER = {"partner": "partner"}


def _extra(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"extra": data.get("extra", 0)}


def _phrase(text: Any, icon: str) -> Phrase:
    return Phrase(text, icon, _WHAT, _when)


phrases_register(
    "booking",
    _("Bookings"),
    {
        events.HELD: _phrase(_("%(actor)s held a place: %(offering)s, %(when)s"), "clock-pause"),
        events.CONFIRMED: _phrase(_("%(actor)s booked: %(offering)s, %(when)s"), "calendar-check"),
        events.MOVED: _phrase(_("%(actor)s moved the booking: %(offering)s, now %(when)s"), "calendar-repeat"),
        events.CANCELLED: _phrase(_("%(actor)s cancelled: %(offering)s, %(when)s"), "calendar-off"),
        events.EXPIRED: _phrase(_("The hold ran out: %(offering)s, %(when)s"), "clock-off"),
        events.ARRIVED: _phrase(_("Arrived: %(offering)s, %(when)s"), "door-enter"),
        events.DONE: _phrase(_("Done: %(offering)s, %(when)s"), "circle-check"),
        events.NO_SHOW: _phrase(_("Did not come: %(offering)s, %(when)s"), "user-off"),
        events.REMINDED: _phrase(_("Reminded: %(offering)s, %(when)s"), "bell"),
        events.REASSURED: _phrase(_("%(actor)s will come: %(offering)s, %(when)s"), "thumb-up"),
        events.OVERRIDDEN: _phrase(_("%(actor)s set a rule aside: %(offering)s, %(when)s"), "alert-triangle"),
        events.RESTORED: _phrase(_("%(actor)s took it back: %(offering)s, %(when)s"), "arrow-back-up"),
    },
)
phrases_register(
    "waiting",
    _("Waiting list"),
    {
        events.WAITING_JOINED: _phrase(_("%(actor)s waits for a place: %(offering)s"), "hourglass"),
        events.WAITING_OFFERED: _phrase(_("A place was offered: %(offering)s, %(when)s"), "gift"),
        events.WAITING_LAPSED: _phrase(_("The offer ran out: %(offering)s"), "clock-off"),
        events.WAITING_LEFT: _phrase(_("%(actor)s waits no longer: %(offering)s"), "user-off"),
    },
)
phrases_register(
    "reservations",
    _("Booking settings"),
    {
        events.ABSENCE_ADDED: Phrase(
            _("%(actor)s noted an absence of %(resource)s"), "beach", {"resource": "resource"}
        ),
        events.ABSENCE_REMOVED: Phrase(
            _("%(actor)s removed an absence of %(resource)s"), "beach", {"resource": "resource"}
        ),
        events.OVERBOOKING_DECIDED: Phrase(
            _("%(actor)s decided on overbooking: %(offering)s, %(extra)s extra"), "users", _WHAT, _extra
        ),
        events.BUSY_CHANGED: Phrase(
            _("The busy times of %(resource)s in another calendar changed"), "calendar-off", {"resource": "resource"}
        ),
        events.FEED_RENEWED: Phrase(
            _("%(actor)s gave the calendar of %(resource)s a new address"), "key", {"resource": "resource"}
        ),
        events.PARTNER_CHANGED: Phrase(_("%(actor)s set up the partner %(partner)s"), "building-store", _PARTNER),
        events.PARTNER_RENEWED: Phrase(_("%(actor)s gave the partner %(partner)s new addresses"), "key", _PARTNER),
        events.SETTINGS_CHANGED: Phrase(_("%(actor)s changed what can be booked"), "settings"),
    },
)
