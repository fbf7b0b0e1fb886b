"""How the queue is set up: lines, the counters that take from them, and who sits where."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parvis.kernel.ids import new_token
from parvis.toolkit.bilingual import BilingualField

_DAY_MINUTES = MaxValueValidator(24 * 60)


class Line(models.Model):
    """People who wait for the same service of a site. Its minutes are the rule by which they are placed and called."""

    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+", verbose_name=_("site"))
    name = BilingualField(_("name"))
    code = models.CharField(
        _("letters of its tickets"),
        max_length=2,
        validators=[RegexValidator(r"^[A-Z]{1,2}$", _("One or two capital letters."))],
        help_text=_("A gives A001, A002, …"),
    )
    needs = models.ManyToManyField("catalog.Need", related_name="+", blank=True, verbose_name=_("needs"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    typical_minutes = models.PositiveSmallIntegerField(
        _("typical minutes of service"), default=6, validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    assisted_minutes = models.PositiveSmallIntegerField(
        _("head start of people with special needs"), default=30, validators=[_DAY_MINUTES], help_text=_("minutes")
    )
    urgent_minutes = models.PositiveSmallIntegerField(
        _("head start of urgent matters"), default=60, validators=[_DAY_MINUTES], help_text=_("minutes")
    )
    booked_minutes = models.PositiveSmallIntegerField(
        _("head start of appointments"),
        default=15,
        validators=[_DAY_MINUTES],
        help_text=_("minutes before the booked time from which they count as waiting"),
    )
    late_minutes = models.PositiveSmallIntegerField(
        _("grace for late appointments"), default=10, validators=[_DAY_MINUTES], help_text=_("minutes")
    )
    grace_seconds = models.PositiveSmallIntegerField(
        _("seconds to come to the counter"),
        default=60,
        validators=[MinValueValidator(10), MaxValueValidator(1800)],
        help_text=_("after a call; then they may be called again or given up"),
    )
    calls = models.PositiveSmallIntegerField(
        _("how often somebody is called"), default=3, validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    return_minutes = models.PositiveSmallIntegerField(
        _("way back after a missed call"),
        default=20,
        validators=[_DAY_MINUTES],
        help_text=_("minutes in which they come back to their old place"),
    )
    more_times = models.PositiveSmallIntegerField(
        _("how often somebody may ask for more time"),
        default=1,
        validators=[MaxValueValidator(5)],
        help_text=_("on their own page, when it is nearly their turn; 0: never"),
    )
    more_minutes = models.PositiveSmallIntegerField(
        _("minutes of each time"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("others go first meanwhile; then they are in the line again, at their old place"),
    )
    takes_walk_ins = models.BooleanField(_("tickets at the kiosk"), default=True)
    takes_remote = models.BooleanField(_("tickets by link or QR code"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["site_id", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="line_code_once")]

    def __str__(self) -> str:
        return self.code


class LineDay(models.Model):
    """The last number given out in a line on a day of its site: the row that is locked before the next one."""

    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "day"], name="line_day_once")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.day}: {self.last_number}"


class Counter(models.Model):
    """A place where people are served, and the lines it can take from."""

    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+", verbose_name=_("site"))
    name = BilingualField(_("name"))
    lines = models.ManyToManyField(Line, related_name="counters", blank=True, verbose_name=_("takes from"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["site_id", "position", "id"]

    def __str__(self) -> str:
        return f"{self.pk}"


class Sitting(models.Model):
    """A member of staff at a counter, from signing on to signing off."""

    counter = models.ForeignKey(Counter, on_delete=models.PROTECT, related_name="sittings", db_index=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    until_planned = models.DateTimeField(null=True, help_text="when they mean to go, if they said")
    paused_at = models.DateTimeField(null=True, help_text="null: not on a break")
    back_at = models.DateTimeField(null=True, help_text="when they mean to be back, if they said")
    pauses = models.JSONField(default=list, help_text="[[from, to], …]: breaks that are over")

    class Meta:
        indexes = [models.Index(fields=["counter", "-since"], name="sitting_counter")]
        constraints = [
            models.UniqueConstraint(fields=["counter"], condition=Q(until=None), name="sitting_one_at_counter"),
            models.UniqueConstraint(fields=["member"], condition=Q(until=None), name="sitting_one_of_member"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} @ {self.counter_id}"


class ServiceGoal(models.Model):
    """What a site wants to stand by, and what counters and lost people cost it; staffing is worked out from it."""

    site = models.OneToOneField("catalog.Site", on_delete=models.CASCADE, related_name="+")
    in_time_percent = models.PositiveSmallIntegerField(
        _("of 100 people, called in time"), default=80, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    within_minutes = models.PositiveSmallIntegerField(
        _("in time means within (minutes)"), default=10, validators=[MinValueValidator(1), MaxValueValidator(240)]
    )
    leave_percent = models.PositiveSmallIntegerField(
        _("of 100 people, at most so many leave"), default=3, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    counter_hour_minor = models.PositiveIntegerField(default=2500, help_text="what a counter costs for an hour")
    leaver_minor = models.PositiveIntegerField(default=2000, help_text="what somebody who leaves costs")
    currency = models.CharField(max_length=3, default="EUR")

    def __str__(self) -> str:
        return f"{self.in_time_percent} % in {self.within_minutes} min"


class Screen(models.Model):
    """A device in the room, opened by its secret address: a kiosk that gives tickets, or the display of calls."""

    KINDS = [("kiosk", _("Kiosk")), ("display", _("Waiting-room display"))]

    site = models.ForeignKey("catalog.Site", on_delete=models.PROTECT, related_name="+", verbose_name=_("site"))
    kind = models.CharField(_("kind"), max_length=8, choices=KINDS)
    name = models.CharField(_("name"), max_length=60)
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    lines = models.ManyToManyField(
        Line, related_name="+", blank=True, verbose_name=_("lines"), help_text=_("none: all of the site")
    )
    speaks = models.BooleanField(_("calls aloud"), default=True, help_text=_("by the browser's own voice"))
    prints = models.BooleanField(_("prints tickets"), default=False)
    seen_at = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["site_id", "kind", "id"]

    def __str__(self) -> str:
        return self.name
