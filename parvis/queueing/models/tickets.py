"""Who waits: the ticket in a person's hand, and each turn it has in a line."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parvis.kernel.ids import new_token
from parvis.toolkit.references import Referenced


class TurnState(models.TextChoices):
    """How a turn stands. `waiting`, `held`, `called` and `serving` are open; the others are over."""

    WAITING = "waiting", _("Waiting")
    HELD = "held", _("Set aside")
    CALLED = "called", _("Called")
    SERVING = "serving", _("Being served")
    DONE = "done", _("Served")
    MOVED = "moved", _("Sent on")
    NO_SHOW = "no_show", _("Did not come")
    LEFT = "left", _("Left")
    VOID = "void", _("Void")


OPEN = ("waiting", "held", "called", "serving")
AT_COUNTER = ("called", "serving")


class Precedence(models.TextChoices):
    """Why somebody has a head start. Never shown to other customers."""

    USUAL = "usual", _("None")
    ASSISTED = "assisted", _("Special needs")
    URGENT = "urgent", _("Urgent")


class Source(models.TextChoices):
    """How somebody came into the line."""

    KIOSK = "kiosk", _("Kiosk")
    AGENT = "agent", _("Member of staff")
    REMOTE = "remote", _("Own phone")
    PHONE = "phone", _("By telephone")
    BOOKING = "booking", _("Appointment")
    API = "api", _("API")


class Ticket(Referenced, models.Model):
    """A number in somebody's hand, for a day. The party it stands for may be known or not."""

    REFERENCE_PREFIX = "T"

    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(help_text="of the site")
    code = models.CharField(max_length=8, help_text="A012")
    token = models.CharField(max_length=40, unique=True, default=new_token, help_text="key of the status page")
    source = models.CharField(max_length=8, choices=Source.choices)
    party = models.PositiveSmallIntegerField(_("persons"), default=1)
    precedence = models.CharField(max_length=8, choices=Precedence.choices, default=Precedence.USUAL)
    language = models.CharField(max_length=5)
    name = models.CharField(_("name"), max_length=80, blank=True, help_text="as they gave it, for the counter alone")
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="tickets")
    encounter = models.ForeignKey("encounters.Encounter", on_delete=models.SET_NULL, null=True, related_name="tickets")
    booking = models.ForeignKey("reservations.Booking", on_delete=models.SET_NULL, null=True, related_name="tickets")
    need = models.ForeignKey("catalog.Need", on_delete=models.SET_NULL, null=True, related_name="+")
    taken_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, help_text="when the status page was last alive")
    near_told_at = models.DateTimeField(null=True, help_text="when they were told that it is nearly time")
    all_done = models.BooleanField(null=True, help_text="answer to: did we forget anything?")

    class Meta:
        indexes = [models.Index(fields=["site", "day"], name="ticket_day")]
        constraints = [
            models.UniqueConstraint(fields=["site", "day", "code"], name="ticket_code_once"),
            # A booking stands in a line once, however often its arrival is noted.
            models.UniqueConstraint(fields=["booking"], condition=Q(booking__isnull=False), name="ticket_booking_once"),
        ]

    def __str__(self) -> str:
        return self.code


class Turn(models.Model):
    """One wait in one line and what came of it. A ticket that is sent on to another line gets another turn.

    `rank_at` is the whole order: whoever has the earliest is next. It is the instant from which they count as waiting,
    less a head start (domain/placing.py); as time passes everybody comes first in the end, so nobody starves.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="turns", db_index=False)
    line = models.ForeignKey("queueing.Line", on_delete=models.PROTECT, related_name="turns", db_index=False)
    state = models.CharField(max_length=8, choices=TurnState.choices, default=TurnState.WAITING)
    joined_at = models.DateTimeField()
    rank_at = models.DateTimeField()
    rule = models.CharField(max_length=10, help_text="by which rule it was placed (domain/placing.py)")
    reserved = models.ForeignKey(
        "queueing.Counter", on_delete=models.PROTECT, null=True, related_name="+", help_text="only this one may call"
    )
    counter = models.ForeignKey("queueing.Counter", on_delete=models.PROTECT, null=True, related_name="+")
    server = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    called_at = models.DateTimeField(null=True, help_text="first call")
    recalled_at = models.DateTimeField(null=True, help_text="latest call")
    calls = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=8, blank=True, help_text="staff | customer | house")
    asked_at = models.DateTimeField(null=True, help_text="when they were asked whether they are still here")
    more_times = models.PositiveSmallIntegerField(default=0, help_text="how often they asked for more time")
    held_until = models.DateTimeField(null=True, help_text="asked for time until then; null: not of their own asking")
    was_held = models.BooleanField(default=False, help_text="set aside once: no wait to learn from")

    class Meta:
        indexes = [
            models.Index(fields=["line", "rank_at", "id"], name="turn_next", condition=Q(state="waiting")),
            models.Index(fields=["line", "state"], name="turn_open", condition=Q(ended_at=None)),
            models.Index(fields=["line", "joined_at"], name="turn_history"),
            models.Index(fields=["ticket", "-id"], name="turn_ticket"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(ended_at=None), name="turn_one_open"),
            # Nobody is served by two, and no counter serves two.
            models.UniqueConstraint(
                fields=["counter"], condition=Q(state__in=["called", "serving"]), name="turn_one_at_counter"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} in {self.line_id}: {self.state}"


class Call(models.Model):
    """A call as displays show and speak it. Read by id, so that none is lost when two come in one second."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="+", db_index=False)
    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    counter = models.ForeignKey("queueing.Counter", on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["site", "-id"], name="call_site")]

    def __str__(self) -> str:
        return f"{self.code} → {self.counter_id}"
