"""Plays the demo: every story begins at its hour, each step follows the one before, and time stops at the present.

A heap of what happens next, earliest first. The clock shows the time of what is happening, so that the services write
history as if they had been there. Between the steps goes what the worker would do: watch promises, ask the question
after closing, send mail (which here only notes that it was sent).
"""

import datetime as dt
import heapq
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from django.db.models import F, Max

from parvis.channels import events as channel_events
from parvis.channels.domain.states import MailState, OutState
from parvis.channels.models import OutMail
from parvis.config.demo import closing, mails
from parvis.config.demo.bookings import Bookings
from parvis.config.demo.deeds import DAY, SPOKEN, Deeds, outbox_note
from parvis.config.demo.house import DOMAIN, STAFF, ZONE, House
from parvis.config.demo.people import CAST, COMPANIES
from parvis.config.demo.queue import Queue
from parvis.config.demo.script import Step, stories
from parvis.config.demo.times import contact_times, opening_after, opening_before, working_moment
from parvis.config.demo.world import Crowd, Thread
from parvis.customers.services import (
    affiliation_make,
    customer_change,
    customer_create,
    organisation_change,
    organisation_create,
)
from parvis.desk.models import Message, Reading
from parvis.desk.services import follow_ups_ask
from parvis.encounters.models import Encounter
from parvis.kernel.clock import clock_at, utcnow
from parvis.ledger.services import Actor
from parvis.promises.models import Promise
from parvis.promises.services import calendar_for, promises_watch

ASKED_AFTER = dt.timedelta(hours=24, minutes=1)
STAFF_VERBS = {"reply", "note", "close", "promise", "keep", "void", "renegotiate", "assign", "reopen", "draft"}
LAST_QUEUED = 3
SILENT = 0.4  # of those content, this share does not answer the question after closing
USUAL = 500  # encounters of a demo as it is loaded: bookings keep their proportion to them
SENT_EVERY = dt.timedelta(hours=20)


class Player:
    """Plays `encounters` encounters into a house, spread over the time from `start` to `now`."""

    def __init__(self, house: House, *, start: dt.datetime, now: dt.datetime, seed: int) -> None:
        self.house, self.start, self.now = house, start, now
        self.draw = random.Random(seed)  # noqa: S311 - a demo, not a secret
        self.deeds = Deeds(house)
        self.crowd = Crowd(self.draw)
        self.tally: Counter[str] = Counter()
        self._heap: list[tuple[dt.datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._sent_at = start

    def play(self, encounters: int, say: Callable[[str], object] = lambda text: None) -> Counter[str]:
        """Play to the present; returns how often each thing happened. Inside the caller's transaction."""
        self._people()
        self._past(encounters)
        self._present()
        self._machines()
        dice = random.Random(11)  # noqa: S311 - of its own: the stories stay what they were
        Bookings(self.house, dice, self.tally, self._at).plan(self.start, self.now, share=encounters / USUAL)
        dice = random.Random(12)  # noqa: S311
        Queue(self.house, dice, self.tally, self._at).plan(
            self.start, self.now, share=min(max(encounters / USUAL, 0.25), 1.0)
        )
        shown = ""
        while self._heap and self._heap[0][0] <= self.now:
            at, __, act = heapq.heappop(self._heap)
            if shown != f"{at:%Y-%m}":
                shown = f"{at:%Y-%m}"
                say(f"  {at:%B %Y}…")
            with clock_at(at):
                if at - self._sent_at > SENT_EVERY:
                    self._send()
                act()
        with clock_at(self.now):
            self._tick()
            self._send()
        self._settle_in()
        return self.tally

    def _at(self, at: dt.datetime, act: Callable[[], None]) -> None:
        if at <= self.now:
            heapq.heappush(self._heap, (at, next(self._order), act))

    # Who and what ---------------------------------------------------------------------------------------------------

    def _people(self) -> None:
        claire = self.house.viewer("claire")
        with clock_at(self.start):
            site_ids = [site.pk for site in self.house.sites.values()]
            made = {}
            for company in COMPANIES:
                row = organisation_create(
                    viewer=claire, name=company.name, domain=company.domain, notes=company.notes, site_ids=site_ids
                )
                owner = self.house.members[company.owner].pk
                organisation_change(viewer=claire, organisation_id=row.pk, account_owner_id=owner)
                made[company.key] = row
            for person in CAST:
                if not (person.matters or person.organisation):
                    continue
                customer = customer_create(
                    actor=Actor.system(),
                    site_id=self.house.sites["canal"].pk,
                    name=person.name,
                    emails=[person.mail] if person.mail else [],
                    phones=[person.phone] if person.phone else [],
                    language=person.language,
                    at=self.start,
                )
                if person.matters:
                    customer_change(viewer=claire, customer_id=customer.pk, matters=person.matters)
                if person.organisation:
                    affiliation_make(
                        viewer=claire,
                        customer_id=customer.pk,
                        organisation_id=made[person.organisation].pk,
                        role=person.role,
                    )

    def _past(self, encounters: int) -> None:
        past = [s for s in stories() if "ago" not in s.options]
        weights = [int(s.option("weight", "1")) for s in past]
        # Each story at least once, so that every kind of thing has happened.
        chosen = [*past, *self.draw.choices(past, weights, k=max(encounters - len(past), 0))][:encounters]
        self.draw.shuffle(chosen)
        times = contact_times(self.draw, len(chosen), self.start + dt.timedelta(days=1), self.now, ZONE)
        for at, story in zip(times, chosen, strict=True):
            thread = self.crowd.thread(story)
            if thread.channel in SPOKEN:
                at = self._spoken_at(thread, at)
            self._begin(thread, at)

    def _spoken_at(self, thread: Thread, at: dt.datetime) -> dt.datetime:
        """Nobody calls or comes by while the house is closed: they do at the next opening, one after the other."""
        with clock_at(at):
            opening = working_moment(self.deeds.calendar(thread), at)
        return opening + dt.timedelta(minutes=self.draw.randrange(3, 90)) if opening > at else at

    def _present(self) -> None:
        for story in stories():
            if ago := story.option("ago"):
                thread = self.crowd.thread(story)
                self._begin(thread, self._ago(thread, int(ago)))

    def _ago(self, thread: Thread, minutes: int) -> dt.datetime:
        with clock_at(self.now):
            return opening_before(self.deeds.calendar(thread), self.now, minutes)

    def _machines(self) -> None:
        box = f"bonjour@{DOMAIN}"
        days = (self.now - self.start).days
        for number, (subject, text) in enumerate(closing.NEWSLETTERS):
            at = self.now - dt.timedelta(days=days * (len(closing.NEWSLETTERS) - number) / 6, hours=5)
            raw = mails.notice(to=box, subject=subject, text=text, at=at, zone=ZONE, kind="newsletter")
            self._at(at, partial(self._machine, raw))
        at = self.now - dt.timedelta(days=1, hours=3)
        subject, text = (
            "Réponse automatique : Catalogue",
            "Je suis en congé jusqu’au 3. Pour les commandes : 01 99 00 90 00.",
        )
        raw = mails.notice(to=box, subject=subject, text=text, at=at, zone=ZONE, kind="away")
        self._at(at, partial(self._machine, raw))
        at = self.now - dt.timedelta(days=2, hours=2)
        self._at(at, lambda: self.deeds.unreadable_mail(mails.rubbish(utcnow()), "scanner@imprimante.example"))

    def _machine(self, raw: bytes, sender: str = "lettre@velo-pro.example") -> None:
        mail_id, state = self.deeds.machine_mail(raw, sender)
        self.tally[f"mail {state}"] += 1
        if state == MailState.ATTACHED:
            site_id = self.house.sites["canal"].pk
            read_at = opening_after(calendar_for(site_id, utcnow()), utcnow(), 15)
            self._at(read_at, lambda: self.deeds.put_aside(mail_id))

    # How a story goes on --------------------------------------------------------------------------------------------

    def _begin(self, thread: Thread, at: dt.datetime) -> None:
        def open_it() -> None:
            self.deeds.open(thread)
            self.tally["encounters"] += 1
            self._next(thread)

        self._at(at, open_it)

    def _next(self, thread: Thread) -> None:
        """Put the next step of a thread on the heap, and the moments its promises come up."""
        self._watch(thread)
        steps = thread.story.steps
        if thread.step >= len(steps):
            self._aftermath(thread)
            return
        step = steps[thread.step]
        if step.verb == "follow" and "good" in step.words and self.draw.random() < SILENT:
            return
        self._at(self._when(thread, step), lambda: self._do(thread, step))

    def _do(self, thread: Thread, step: Step) -> None:
        self.deeds.do(thread, step)
        self.tally[step.verb] += 1
        thread.step += 1
        self._next(thread)

    def _when(self, thread: Thread, step: Step) -> dt.datetime:
        here = utcnow()
        if ago := step.options.get("ago"):
            return max(here + dt.timedelta(seconds=30), self._ago(thread, int(ago)))
        if step.verb == "follow":
            asked = thread.closed_at + ASKED_AFTER
            return max(asked, here) + dt.timedelta(minutes=step.minutes(day=1440) * self.draw.uniform(0.3, 1.5))
        if step.verb in STAFF_VERBS:
            pace = 1.0 if "ago" in thread.story.options else self._pace(thread)
            return opening_after(self.deeds.calendar(thread), here, max(step.minutes(day=DAY) * pace, 0.5))
        return here + dt.timedelta(minutes=step.minutes(day=1440) * self.draw.uniform(0.5, 1.6))

    def _pace(self, thread: Thread) -> float:
        """How busy the house was: mostly a little more or less than usual, now and then swamped."""
        usual = self.draw.lognormvariate(-0.15, 0.3) * float(thread.story.option("speed", "1"))
        return usual * (4.0 if self.draw.random() < 0.04 else 1.0)

    def _aftermath(self, thread: Thread) -> None:
        """What customers do after a story has been told, where it does not say so itself."""
        told = {step.verb for step in thread.story.steps}
        if thread.closed_at is None or "ago" in thread.story.options or thread.step < 0:
            return
        language, chance = thread.person.language, thread.draw.random()
        if "follow" not in told and thread.person.mail:
            if chance < 0.06:
                comment, answer = thread.draw.choice(closing.BAD[language])
                self._improvise(
                    thread,
                    [
                        Step("follow", 5, "h", ("bad",), {}, comment),
                        Step("reply", 50, "m", ("close",), {}, answer),
                        Step("follow", 9, "h", ("good",)),
                    ],
                )
            elif chance < 0.5:
                comment = thread.draw.choice(closing.GOOD[language])
                self._improvise(thread, [Step("follow", 7, "h", ("good",), {}, comment)])
            elif chance < 0.56:
                words, answer = thread.draw.choice(closing.AFTERTHOUGHT[language])
                then = Step("reply", 30, "m", ("close",), {}, answer) if answer else Step("close", 20, "m")
                self._improvise(thread, [Step("customer", 9, "h", (), {}, words), then])
            elif chance < 0.59:
                self._improvise(thread, [Step("away", 4, "m")])

    def _improvise(self, thread: Thread, steps: list[Step]) -> None:
        """Go on with steps that the story does not have."""
        thread.step = -1

        def go(left: list[Step]) -> None:
            if left:
                self._at(self._when(thread, left[0]), lambda: carry_out(left))

        def carry_out(left: list[Step]) -> None:
            self.deeds.do(thread, left[0])
            self.tally[left[0].verb] += 1
            self._watch(thread)
            go(left[1:])

        go(steps)

    # What the worker does -------------------------------------------------------------------------------------------

    def _watch(self, thread: Thread) -> None:
        """Have the worker wake when a promise of this thread comes up, and when its question is due."""
        second = dt.timedelta(seconds=1)
        open_ones = Promise.objects.filter(encounter_id=thread.encounter_id, state="open", paused=False)
        rows = list(open_ones.values_list("pk", "warn_at", "due_at", "warned_at"))
        thread.running = {pk for pk, *__ in rows}
        for pk, warn_at, due_at, warned_at in rows:
            if warned_at is None:
                self._at(max(warn_at, utcnow()) + second, partial(self._tick_for, thread, pk))
            self._at(due_at + second, partial(self._tick_for, thread, pk))
        if thread.closed_at == utcnow():
            self._at(thread.closed_at + ASKED_AFTER - dt.timedelta(seconds=30), self._tick)

    def _tick_for(self, thread: Thread, promise_id: int) -> None:
        """The worker wakes for nothing when a promise was settled meanwhile: spare it."""
        if promise_id in thread.running:
            self._tick()

    def _tick(self) -> None:
        warned, broken = promises_watch(now=utcnow())
        self.tally["warned"] += warned
        self.tally["broken"] += broken
        self.tally["asked"] += follow_ups_ask(now=utcnow())

    def _send(self) -> None:
        """Note as sent what would have left by now, but for the newest few: they show what a queue looks like."""
        self._sent_at = utcnow()
        queued = OutMail.objects.filter(state=OutState.QUEUED, not_before__lte=utcnow()).order_by("-id")
        ids = list(queued.values_list("pk", flat=True)[LAST_QUEUED:])
        if ids:
            sent = {"state": OutState.SENT, "attempts": 1, "sent_at": F("not_before") + dt.timedelta(seconds=4)}
            OutMail.objects.filter(pk__in=ids).update(**sent)
            outbox_note(channel_events.MAIL_SENT, ids, utcnow())

    # Afterwards -----------------------------------------------------------------------------------------------------

    def _settle_in(self) -> None:
        """Dates that rows take from the wall clock, and what each member has read by now."""
        Message.objects.update(created_at=F("at"))
        Promise.objects.update(created_at=F("made_at"))
        for member in self.house.members.values():
            type(member).objects.filter(pk=member.pk).update(created_at=self.start)
        answered: Any = Encounter.objects.filter(unanswered=False).values_list("pk", flat=True)
        last = Message.objects.filter(encounter_id__in=answered).values("encounter_id").annotate(last=Max("pk"))
        Reading.objects.bulk_create(
            [
                Reading(
                    encounter_id=row["encounter_id"], member=self.house.members[colleague.key], message_id=row["last"]
                )
                for row in last
                for colleague in STAFF
            ],
            batch_size=500,
        )
