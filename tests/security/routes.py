"""Every address of the house, filled in with rows of a small house: for tests that try all of them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from parvis.catalog.models import Touchpoint
from parvis.customers.models import Merge
from parvis.customers.services import affiliation_make, contact_point_add, organisation_create
from parvis.desk.models import Attachment, FollowUp, Message
from parvis.desk.portal.booking.tokens import HoldKey, booking_token, hold_token, waiting_token
from parvis.desk.portal.tokens import REQUESTS_SALT
from parvis.desk.services import conversation_close, note_add, reply_send
from parvis.desk.services.drafts import draft_save
from parvis.desk.services.letters import ENCOUNTER_SALT, FOLLOW_UP_SALT
from parvis.desk.services.macros import macro_save
from parvis.desk.services.merge import customer_merge
from parvis.desk.services.messages import File
from parvis.encounters.models import Encounter
from parvis.encounters.services import encounter_link
from parvis.kernel.clock import utcnow
from parvis.ledger.models import Entry, Failure
from parvis.ledger.services import Actor
from parvis.queueing.services import screen_save, sign_on
from parvis.reservations.feeds import feed_link
from parvis.reservations.models import Door
from parvis.reservations.partners import BOOKS, MANAGES, key_of
from parvis.reservations.services import Caller, Guest, Wanted, booking_hold, booking_make
from parvis.reservations.services.busy import calendar_add
from parvis.reservations.services.partners import partner_save
from parvis.reservations.services.setting_up import (
    Need,
    absence_add,
    offering_save,
    resource_save,
    session_plan,
)
from parvis.reservations.services.waiting import Joining, waiting_join
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import team_save, token_create
from parvis.webhooks.services import endpoint_add, ping_queue
from tests.mail.letters import letter, take_in
from tests.queueing_world import Hall
from tests.world import World

# What a house of the canal must never tell an outsider: the words of its rows.
SECRETS = ("Grincement", "grince", "Zoé", "zoe@exemple", "Kurier", "Jumelle", "Entre nous", "Passez demain")


@dataclass(frozen=True)
class Route:
    """An address of the house. `open_to_all`: no sign-in is asked; `no_token`: a form's token is not asked either."""

    name: str
    url: str
    open_to_all: bool
    no_token: bool

    def __str__(self) -> str:
        return f"{self.name} {self.url}"


@dataclass
class House:
    """A house with a row of every kind at `canal`, all of it out of the outsider's sight."""

    world: World
    encounter: Encounter
    fillings: dict[str, Any]

    def url(self, name: str, **special: Any) -> str:
        """The address of a route, its parts filled in with rows of this house."""
        return next(r.url for r in self.routes(**special) if r.name == name)

    def routes(self, **special: Any) -> list[Route]:
        """All named addresses but those of the API, whose tests have a list of their own."""
        return [self._route(p, names, special) for p, names in _patterns(get_resolver()) if p.name]

    def _route(self, pattern: URLPattern, wanted: tuple[str, ...], special: dict[str, Any]) -> Route:
        name = str(pattern.name)
        given = {part: special.get(part, self._filling(name, part)) for part in wanted}
        try:
            url = reverse(name, kwargs=given)
        except NoReverseMatch as error:
            raise AssertionError(f"{name}: say in tests/security/routes.py what {given} is here") from error
        view = pattern.callback
        return Route(name, url, not getattr(view, "login_required", True), bool(getattr(view, "csrf_exempt", False)))

    def _filling(self, name: str, part: str) -> Any:
        for key in (f"{name}.{part}", f"{name.partition('_')[0]}.{part}", f"{'_'.join(name.split('_')[:2])}.{part}"):
            if key in self.fillings:
                return self.fillings[key]
        return self.fillings[part]


def _patterns(resolver: URLResolver, above: tuple[str, ...] = ()) -> Iterator[tuple[URLPattern, tuple[str, ...]]]:
    for entry in resolver.url_patterns:
        wanted = (*above, *entry.pattern.regex.groupindex)
        if isinstance(entry, URLPattern):
            yield entry, wanted
        elif entry.namespace != "api":
            yield from _patterns(entry, wanted)


def house_filled(world: World) -> House:
    """Make a row of everything at `canal`, by services, as a day's work would."""
    agent, lead, administrator = (world.viewer(who) for who in ("agent", "lead", "administrator"))
    files = [File("photo.png", "image/png", b"\x89PNG"), File("page.html", "text/html", b"<script>alert(1)</script>")]
    encounter = world.contact(need_id=world.repair.pk, files=files)
    other = world.contact(subject="Grincement bis", email="jumelle@exemple.example", name="Jumelle Martin")
    twin = world.contact(channel="phone", email="", phone="0612345678", name="Zoé Martin").customer
    [mail] = take_in(letter(subject="Grincement par courrier", sender="Zoé <zoe@exemple.example>"))
    note_add(viewer=agent, encounter_id=encounter.pk, text="Entre nous")
    reply = reply_send(viewer=agent, encounter_id=encounter.pk, text="Passez demain.", undo_seconds=0)
    draft_save(viewer=agent, encounter_id=encounter.pk, kind="reply", text="Passez demain matin")
    link = encounter_link(viewer=agent, encounter_id=encounter.pk, other_id=other.pk)
    organisation = organisation_create(viewer=lead, name="Kurier AG", domain="kurier.example")
    affiliation_make(viewer=agent, customer_id=encounter.customer_id, organisation_id=organisation.pk, role="chef")
    point = contact_point_add(viewer=agent, customer_id=encounter.customer_id, kind="phone", value="0698765432")
    customer_merge(viewer=agent, keep_id=encounter.customer_id, absorb_id=twin.pk)
    macro = macro_save(viewer=world.viewer("manager"), macro_id=None, name="Kurier-Antwort", text={"fr": "Ouvert"})
    conversation_close(viewer=agent, encounter_id=other.pk)
    failure = Failure.objects.create(subscription="x", entry=Entry.objects.latest("pk"), error="Grincement")
    token, __ = token_create(
        viewer=administrator, member_id=world.agent.pk, name="CRM", scopes=["customers:read"], expires_at=None
    )
    team = team_save(viewer=administrator, name="Atelier")
    hook, __ = endpoint_add(viewer=administrator, url="https://example.com/hook", description="Jumelle")
    message = ping_queue(viewer=administrator, endpoint_id=hook.pk)
    encounter.refresh_from_db()
    fillings = (
        _bookings(world, encounter)
        | _queue(world, encounter)
        | {
            "reference": encounter.reference,
            "customer.reference": encounter.customer.reference,
            "point.reference": encounter.customer.reference,
            "affiliation.reference": encounter.customer.reference,
            "organisation": organisation.reference,
            "organisation.reference": organisation.reference,
            "promise.reference": encounter.promises.filter(state="open").first().reference,
            "promise_make.reference": encounter.reference,
            "other": other.customer.reference,
            "view": "all",
            "link_id": link.pk,
            "message_id": reply.pk,
            "attachment_id": Attachment.objects.get(name="page.html").pk,
            "macro_id": macro.pk,
            "merge_id": Merge.objects.get().pk,
            "point_id": point.pk,
            "mail_id": mail.pk,
            "out_mail_id": Message.objects.get(pk=reply.pk).out_mail_id,
            "failure_id": failure.pk,
            "pk": world.agent.pk,
            "settings_site.pk": world.canal.pk,
            "settings_hours.pk": world.canal.pk,
            "settings_day.pk": world.canal.pk,
            "settings_touchpoint.pk": Touchpoint.objects.get(site=world.canal, channel="email").pk,
            "settings_touchpoint_new.pk": world.canal.pk,
            "settings_need.pk": world.repair.pk,
            "settings_token_revoke.pk": token.pk,
            "settings_team.pk": team.pk,
            "settings_webhook.pk": hook.pk,
            "webhook.reference": hook.reference,
            "message": message.message_id,
            "day": utcnow().date().isoformat(),
            "key": "reply",
            "slug": "repair",
            "level": "success",
            "name": "index",
            "uidb36": "1",
            "request.token": signing.dumps(encounter.pk, salt=ENCOUNTER_SALT),
            "portal_sent.token": signing.dumps(encounter.pk, salt=ENCOUNTER_SALT),
            "follow.token": signing.dumps(FollowUp.objects.get().pk, salt=FOLLOW_UP_SALT),
            "book.slug": "jumelage",
            "widget.slug": "jumelage",
            "my_requests_list.token": signing.dumps("zoe@exemple.example", salt=REQUESTS_SALT, compress=True),
        }
    )
    return House(world, encounter, fillings)


def _queue(world: World, encounter: Encounter) -> dict[str, Any]:
    """What addresses name of a line, a counter, a screen, and of Zoé, who waits."""
    house = Viewer.house()
    hall = Hall.open(world)
    turn = hall.take(customer_id=encounter.customer_id, name="Zoé", note="Entre nous")
    sitting = sign_on(viewer=world.viewer("agent"), counter_id=hall.counters[0].pk)
    screen = screen_save(viewer=house, site_id=world.canal.pk, kind="kiosk", name="Jumelle")
    display = screen_save(viewer=house, site_id=world.canal.pk, kind="display", name="Jumelle")
    return {
        "turn.pk": turn.pk,
        "verb": "recall",
        "sitting_end.pk": sitting.pk,
        "settings_line.pk": hall.repairs.pk,
        "settings_counter.pk": hall.counters[0].pk,
        "settings_screen.pk": screen.pk,
        "settings_screen_renew.pk": screen.pk,
        "kiosk.token": screen.token,
        "kiosk.ticket": turn.ticket.token,
        "display.token": display.token,
        "ticket.token": turn.ticket.token,
        "join.site": world.canal.slug,
    }


def _bookings(world: World, encounter: Encounter) -> dict[str, Any]:
    """What addresses name of a booking, of a hold and of somebody who waits, all Zoé's; and of what was set up."""
    house, now = Viewer.house(), utcnow().replace(minute=0, second=0, microsecond=0)
    resource = resource_save(viewer=house, site_id=world.canal.pk, name="Malik", kind="person", capacity=9)
    offering = offering_save(
        viewer=house,
        site_id=world.canal.pk,
        slug="jumelage",
        name={"fr": "Jumelage", "en": "Twinning"},
        needs=[Need([resource.pk])],
    )
    first = Wanted(offering.pk, now + dt.timedelta(days=3), override="a regular")
    guest = Guest(customer_id=encounter.customer_id, note="Grincement")
    booked = booking_make(caller=Caller.staff(house), wanted=first, guest=guest)
    later = Wanted(offering.pk, now + dt.timedelta(days=4), override="a regular")
    held = booking_hold(caller=Caller.staff(house, Door.PORTAL), wanted=later, minutes=60)
    day = now.date()
    joining = Joining(offering.pk, encounter.customer_id, day, day + dt.timedelta(days=5))
    waits = waiting_join(caller=Caller.public(), joining=joining)
    away, __ = absence_add(
        viewer=house, resource_id=resource.pk, starts_at=now, ends_at=now + dt.timedelta(hours=1), reason="Entre nous"
    )
    file = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
    elsewhere = calendar_add(viewer=house, resource_id=resource.pk, name="Entre nous", file=file)
    course = offering_save(viewer=house, site_id=world.canal.pk, slug="cours", name={"fr": "Cours"}, unit="session")
    begin = now + dt.timedelta(days=5)
    session = session_plan(
        viewer=house, offering_id=course.pk, starts_at=begin, ends_at=begin + dt.timedelta(hours=1), seats=4
    )
    partner = partner_save(viewer=house, name="Jumelle", offering_ids=[offering.pk])
    seller = Caller(Door.PARTNER, Actor.system(), house, partner.pk)
    sold = booking_hold(caller=seller, wanted=later, minutes=60)
    return {
        "book_partner.key": key_of(partner, BOOKS),
        "book_partner_who.token": hold_token(HoldKey(sold.pk)),
        "book_partner_done.token": booking_token(sold.pk),
        "book_partner.slug": "jumelage",
        "partner.key": key_of(partner, MANAGES),
        "partner.reference": sold.reference,
        "settings_partner.pk": partner.pk,
        "book_who.token": hold_token(HoldKey(held.pk)),
        "widget_who.token": hold_token(HoldKey(held.pk)),
        "book_done.token": booking_token(booked.pk),
        "widget_done.token": booking_token(booked.pk),
        "booking.token": booking_token(booked.pk),
        "booking.reference": booked.reference,
        "waiting.token": waiting_token(waits.pk),
        "waiting.reference": waits.reference,
        "resource_feed.token": feed_link(house, resource).rpartition("/")[2].removesuffix(".ics"),
        "visit.reference": booked.reference,
        "queue.reference": waits.reference,
        "visit_session.pk": session.pk,
        "visit_session_cancel.pk": session.pk,
        "absence_remove.pk": away.pk,
        "settings_resource.pk": resource.pk,
        "busy_calendar_new.pk": resource.pk,
        "resource_feed_renew.pk": resource.pk,
        "busy_calendar.pk": elsewhere.pk,
        "settings_offering.pk": offering.pk,
        "settings_overbooking.pk": offering.pk,
        "settings_overbooking_allow.pk": offering.pk,
        "settings_dates_plan.pk": course.pk,
        "settings_date_seats.pk": session.pk,
    }
