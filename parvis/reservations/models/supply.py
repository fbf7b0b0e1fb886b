"""What can be booked: resources, when they are away, and the offerings that need them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parvis.reservations.domain.rules import Unit
from parvis.toolkit.bilingual import BilingualField

MAX_MINUTES = 14 * 24 * 60


class Resource(models.Model):
    """Somebody or something of limited capacity: the row that is locked before any of it is sold."""

    KINDS = [
        ("person", _("Person")),
        ("room", _("Room")),
        ("table", _("Table")),
        ("machine", _("Machine")),
        ("pool", _("Pool")),
        ("session", _("Session")),
    ]

    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+", verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=KINDS)
    capacity = models.PositiveIntegerField(
        _("how many at once"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    min_party = models.PositiveIntegerField(_("from how many persons"), default=1, validators=[MinValueValidator(1)])
    max_party = models.PositiveIntegerField(
        _("up to how many persons"), null=True, blank=True, help_text=_("a table's seats, a room's beds")
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("member of staff"),
    )
    hours = models.JSONField(
        _("hours"), null=True, blank=True, help_text=_("when this resource can be booked; empty: as the site is open")
    )
    exceptional_days = models.JSONField(_("exceptional days"), default=dict, blank=True)
    is_public = models.BooleanField(_("customers may choose it"), default=True)
    feed_key = models.PositiveIntegerField(default=1, editable=False, help_text="raised to void addresses given out")
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], condition=~Q(kind="session"), name="resource_name_once"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="resource_capacity"),
        ]

    def __str__(self) -> str:
        return self.name


class Absence(models.Model):
    """A time when a resource is not there: leave, repair, or busy in another calendar."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=120, blank=True)
    source = models.CharField(max_length=80, blank=True, help_text="which calendar it was read from; empty: by hand")

    class Meta:
        indexes = [models.Index(fields=["resource", "ends_at"], name="absence_ahead")]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="absence_forward")]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.starts_at:%F %H:%M}–{self.ends_at:%F %H:%M}"


class Offering(models.Model):
    """Something customers book: a slot with a person, nights in a room, a seat in a session."""

    UNITS = [(Unit.SLOT.value, _("Time slot")), (Unit.NIGHT.value, _("Nights")), (Unit.SESSION.value, _("Session"))]
    REMINDERS = [
        ("mail", _("By mail; by SMS without an address")),
        ("sms", _("By SMS; by mail without a mobile phone")),
        ("both", _("By mail and by SMS")),
    ]
    PER = [("booking", _("per booking")), ("person", _("per person")), ("night", _("per night"))]

    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+", verbose_name=_("site"))
    slug = models.SlugField(_("short name in addresses"), max_length=60, unique=True)
    name = BilingualField(_("name"))
    summary = BilingualField(_("summary"))
    need = models.ForeignKey(
        "catalog.Need", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("need")
    )
    unit = models.CharField(_("what is booked"), max_length=8, choices=UNITS, default=Unit.SLOT.value)
    duration_minutes = models.PositiveIntegerField(
        _("duration (minutes)"), default=60, validators=[MinValueValidator(1), MaxValueValidator(MAX_MINUTES)]
    )
    step_minutes = models.PositiveIntegerField(
        _("a start every … minutes"), default=30, validators=[MinValueValidator(1), MaxValueValidator(MAX_MINUTES)]
    )
    buffer_before = models.PositiveSmallIntegerField(_("buffer before (minutes)"), default=0)
    buffer_after = models.PositiveSmallIntegerField(_("buffer after (minutes)"), default=0)
    buffers_shared = models.BooleanField(_("neighbours share their buffers"), default=False)
    seats = models.PositiveIntegerField(_("persons who share one slot"), default=1, validators=[MinValueValidator(1)])
    min_party = models.PositiveIntegerField(_("from how many persons"), default=1, validators=[MinValueValidator(1)])
    max_party = models.PositiveIntegerField(_("up to how many persons"), default=1, validators=[MinValueValidator(1)])
    min_nights = models.PositiveSmallIntegerField(_("nights at least"), default=1)
    max_nights = models.PositiveSmallIntegerField(_("nights at most"), default=28)
    check_in = models.TimeField(_("check-in from"), default="15:00")
    check_out = models.TimeField(_("check-out until"), default="11:00")
    notice_minutes = models.PositiveIntegerField(_("notice (minutes)"), default=0)
    horizon_days = models.PositiveIntegerField(
        _("bookable how many days ahead"), default=90, validators=[MaxValueValidator(730)]
    )
    limits = models.JSONField(_("limits"), default=dict, blank=True, help_text='{"day": 2, "month": 20}')
    price_minor = models.PositiveBigIntegerField(_("price"), default=0)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    price_per = models.CharField(_("price is"), max_length=8, choices=PER, default="booking")
    deposit_minor = models.PositiveBigIntegerField(_("deposit"), default=0)
    free_cancel_hours = models.PositiveIntegerField(_("free cancellation until (hours before)"), default=24)
    late_fee_minor = models.PositiveBigIntegerField(_("late cancellation costs"), default=0)
    overbooking = models.PositiveIntegerField(_("overbooking at most"), default=0)
    turned_away_minor = models.PositiveBigIntegerField(_("turning somebody away costs"), null=True, blank=True)
    empty_minor = models.PositiveBigIntegerField(_("an empty place costs"), null=True, blank=True)
    hold_minutes = models.PositiveSmallIntegerField(
        _("held while deciding (minutes)"), default=5, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    offer_minutes = models.PositiveIntegerField(
        _("waiting list: an offer stands (minutes)"), default=120, validators=[MinValueValidator(1)]
    )
    waiting_open = models.BooleanField(_("waiting list: new people may join"), default=True)
    waiting_auto = models.BooleanField(_("waiting list: places are offered by themselves"), default=True)
    waiting_first = models.BooleanField(_("waiting list: who waits comes before newcomers"), default=True)
    reminder_hours = models.PositiveSmallIntegerField(_("reminder (hours before; 0: none)"), default=24)
    reminder_by = models.CharField(_("reminders go"), max_length=4, choices=REMINDERS, default="mail")
    grace_minutes = models.PositiveSmallIntegerField(_("counts as late after (minutes)"), default=15)
    is_public = models.BooleanField(_("offered on the portal"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(max_party__gte=models.F("min_party")), name="offering_party"),
        ]

    def __str__(self) -> str:
        return self.slug


class Requirement(models.Model):
    """One thing an offering needs: so many of these resources."""

    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="requirements")
    resources = models.ManyToManyField(Resource, related_name="requirements", verbose_name=_("one of"))
    count = models.PositiveSmallIntegerField(_("how many of them"), default=1, validators=[MinValueValidator(1)])
    units = models.PositiveIntegerField(_("units of each"), default=1, validators=[MinValueValidator(1)])
    per_person = models.BooleanField(_("units count per person"), default=False)
    setup_minutes = models.PositiveSmallIntegerField(_("set-up before (minutes)"), default=0)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.offering_id}: {self.count}"


class Session(models.Model):
    """A planned date of an offering with seats: a course, a departure. Its seats are a resource of their own."""

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="sessions")
    resource = models.OneToOneField(Resource, on_delete=models.PROTECT, related_name="session")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["offering", "starts_at"], name="session_offering")]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="session_forward")]

    def __str__(self) -> str:
        return f"{self.offering_id} {self.starts_at:%F %H:%M}"
