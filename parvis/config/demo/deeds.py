"""What happens in a story, done through the services that people and mail servers use."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.core import signing

from parvis.channels import events as channel_events
from parvis.channels.domain.states import MailState, OutState
from parvis.channels.models import OutMail
from parvis.channels.services import Delivery, mail_settle, mails_store
from parvis.config.demo import files, mails
from parvis.config.demo.house import DOMAIN, ZONE, House
from parvis.config.demo.script import Step
from parvis.config.demo.times import opening_after
from parvis.config.demo.world import Thread
from parvis.desk.models import FollowUp, Message
from parvis.desk.services import (
    Contact,
    contact_log,
    contact_receive,
    conversation_close,
    conversation_reopen,
    draft_save,
    follow_up_answer,
    mails_take_in,
    note_add,
    promise_renegotiate,
    reply_send,
)
from parvis.desk.services.contacts import customer_spoke
from parvis.desk.services.conversation import Then
from parvis.desk.services.letters import FOLLOW_UP_SALT
from parvis.desk.services.messages import File, Words
from parvis.encounters.domain.stages import Initiative, Nature
from parvis.encounters.services import encounter_assign, encounter_classify
from parvis.kernel.business_hours import Calendar
from parvis.kernel.clock import utcnow
from parvis.ledger.services import Actor, Fact, entries_record
from parvis.promises.models import Promise
from parvis.promises.services import Term, calendar_for, promise_keep, promise_make, promise_void
from parvis.staff.domain.viewer import Viewer

MACHINES = {"email", "fleet"}
SPOKEN = {"phone", "counter"}
DAY = 480  # minutes of opening time in a "day" of the house


class Deeds:
    """Carries out the steps of stories in a house, at whatever time the clock shows."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._verbs: dict[str, Callable[[Thread, Step], None]] = {
            "reply": self._reply,
            "customer": self._customer,
            "note": self._note,
            "close": self._close,
            "reopen": self._reopen,
            "promise": self._promise,
            "keep": self._keep,
            "void": self._void,
            "renegotiate": self._renegotiate,
            "assign": self._assign,
            "follow": self._follow,
            "draft": self._draft,
            "away": self._away,
            "bounce": self._bounce,
            "refuse": self._refuse,
        }

    @property
    def verbs(self) -> frozenset[str]:
        """Every verb a script may use."""
        return frozenset(self._verbs)

    def calendar(self, thread: Thread) -> Calendar:
        """The opening hours that count for a thread."""
        return calendar_for(self.house.sites[thread.site].pk, utcnow())

    def do(self, thread: Thread, step: Step) -> None:
        """Carry out one step. Raises KeyError for a verb that is none."""
        self._verbs[step.verb](thread, step)

    # The first contact --------------------------------------------------------------------------------------------

    def open(self, thread: Thread) -> None:
        """The story begins: by mail as bytes, by form and machine as a contact, in person as a member notes it."""
        thread.subject = thread.say(thread.draw.choice(thread.story.subjects))
        text = thread.say(thread.story.text)
        if thread.channel in MACHINES:
            message = self._mail(thread, thread.subject, text, thread.story.option("files").split(","))
            thread.encounter_id, thread.customer_id = message.encounter_id, message.customer_id
        else:
            encounter = self._contact(thread, text)
            thread.encounter_id, thread.customer_id = encounter.pk, encounter.customer_id
        thread.owner = thread.story.option("owner")
        if thread.owner:
            self._give(thread, thread.owner)

    def _contact(self, thread: Thread, text: str) -> Any:
        story, person = thread.story, thread.person
        spoken = thread.channel in SPOKEN
        known = spoken or thread.channel == "api" or "need_known" in story.options or thread.draw.random() < 0.6
        touchpoint = self.house.touchpoints.get((thread.site, thread.channel))
        thread.understood = known
        mail = person.mail
        if "mistyped" in story.options:
            mail = f"{mail.partition('@')[0]}@courier-mal-tape.example"
        contact = Contact(
            channel=thread.channel,
            text=text,
            subject=thread.subject,
            name=person.name,
            email=mail,
            phone=person.phone,
            language=person.language,
            site_id=self.house.sites[thread.site].pk,
            touchpoint_id=touchpoint.pk if touchpoint else None,
            need_id=self.house.needs[story.option("need", "other")].pk if known else None,
            owner_id=self._member(thread).member_id if spoken and "ago" not in story.options else None,
            initiative=Initiative(story.option("initiative", "customer")),
            nature=Nature(story.option("nature", "service")),
        )
        if spoken:
            # Whoever stood there was told something on the spot, unless the story answers them later.
            told = not (story.steps and story.steps[0].verb == "reply")
            return contact_log(viewer=self._member(thread), contact=contact, answered=told)
        encounter, __ = contact_receive(actor=Actor.system(), contact=contact)
        return encounter

    def _mail(
        self, thread: Thread, subject: str, text: str, enclosures: list[str], answered: mails.Answered | None = None
    ) -> Any:
        raw = mails.letter(
            person=thread.person,
            to=self._mailbox(thread),
            subject=subject,
            text=text + "\n",
            at=utcnow(),
            number=thread.number * 100 + thread.step,
            zone=ZONE,
            answered=answered,
            rich="rich" in enclosures or thread.number % 6 == 0,
            files=[mails.Enclosure(f.name, f.type, f.content) for f in self._files(thread, enclosures)],
        )
        return self._arrive(raw, thread.person.mail, self._mailbox(thread))

    def _arrive(self, raw: bytes, sender: str, to: str) -> Any:
        """A mail as the listener would hand it over; returns its message, None if it was set aside."""
        row = _stored(raw, sender, to)
        mails_take_in(limit=5)
        return Message.objects.filter(mail_id=row.pk).first()

    def machine_mail(self, raw: bytes, sender: str) -> tuple[int, str]:
        """A mail that no person wrote, to the house's first mailbox. Returns its id and the state it came to."""
        to = f"bonjour@{DOMAIN}"
        row = _stored(raw, sender, to)
        mails_take_in(limit=5)
        row.refresh_from_db()
        return row.pk, str(MailState(row.state))

    def unreadable_mail(self, raw: bytes, sender: str) -> None:
        """A mail that made the reading fail: its bytes and the error are kept. (None is known that still would.)"""
        to = f"bonjour@{DOMAIN}"
        row = _stored(raw, sender, to)
        mail_settle(mail=row, state=MailState.FAILED, error="structure: RecursionError: too many parts within parts")

    def put_aside(self, mail_id: int) -> None:
        """Somebody at the counter closes what a machine opened, at the next opening."""
        if message := Message.objects.filter(mail_id=mail_id).first():
            conversation_close(viewer=self.house.viewer("ines"), encounter_id=message.encounter_id)

    def _mailbox(self, thread: Thread) -> str:
        key = "fleet" if thread.channel == "fleet" else "email"
        return self.house.touchpoints[thread.site, key].address

    def _files(self, thread: Thread, words: list[str] | tuple[str, ...]) -> list[File]:
        found = []
        seed = thread.number * 7 + thread.step
        if "photo" in words:
            found.append(File(f"photo-{seed % 9000 + 1000}.png", "image/png", files.png(seed % 9)))
        if "pdf" in words:
            lines = ["Atelier du Canal", "97 quai de Valmy, 75010 Paris", "", thread.subject, thread.person.name]
            found.append(File(f"atelier-du-canal-{seed % 9000 + 1000}.pdf", "application/pdf", files.pdf(lines)))
        return found

    # What the house does --------------------------------------------------------------------------------------------

    def _member(self, thread: Thread) -> Viewer:
        return self.house.viewer(thread.owner or self._usual(thread))

    def _usual(self, thread: Thread) -> str:
        """Who takes such a matter when nobody said who."""
        need = self.house.needs[thread.story.option("need", "other")]
        teams = {team.pk: key for key, team in self.house.teams.items()}
        team = next((teams[n.team_id] for n in (need, need.parent) if n is not None and n.team_id), "counter")
        among = {
            "workshop": ["jeanne", "malik", "malik", "jeanne", "tom"],
            "fleet": ["hugo", "hugo", "malik"],
            "kiosk": ["sofia"],
        }.get(team, ["ines", "ines", "tom", "claire"] if thread.story.language == "fr" else ["tom", "tom", "ines"])
        return "sofia" if thread.site == "gare" else thread.draw.choice(among)

    def _take(self, thread: Thread) -> Viewer:
        """Whoever acts has understood what it is about."""
        thread.owner = thread.owner or self._usual(thread)
        viewer = self.house.viewer(thread.owner)
        if not thread.understood:
            changes: dict[str, Any] = {"need_id": self.house.needs[thread.story.option("need", "other")].pk}
            if nature := thread.story.option("nature"):
                changes["nature"] = nature
            encounter_classify(viewer=viewer, encounter_id=thread.encounter_id, **changes)
            thread.understood = True
        return viewer

    def _reply(self, thread: Thread, step: Step) -> None:
        channel = step.options.get("via") or ("email" if thread.person.mail else "phone")
        then = Then.WAIT if "wait" in step.words else Then.CLOSE if "close" in step.words else Then.STAY
        reply_send(
            viewer=self._take(thread),
            encounter_id=thread.encounter_id,
            text=thread.say(step.text),
            then=then,
            channel=channel,
            files=self._files(thread, step.words),
            undo_seconds=0,
        )
        if then is Then.CLOSE:
            thread.closed_at = utcnow()

    def _note(self, thread: Thread, step: Step) -> None:
        note_add(viewer=self._take(thread), encounter_id=thread.encounter_id, text=thread.say(step.text))

    def _draft(self, thread: Thread, step: Step) -> None:
        draft_save(
            viewer=self._take(thread), encounter_id=thread.encounter_id, kind="reply", text=thread.say(step.text)
        )

    def _close(self, thread: Thread, step: Step) -> None:
        conversation_close(viewer=self._take(thread), encounter_id=thread.encounter_id)
        thread.closed_at = utcnow()

    def _reopen(self, thread: Thread, step: Step) -> None:
        conversation_reopen(viewer=self._take(thread), encounter_id=thread.encounter_id)

    def _assign(self, thread: Thread, step: Step) -> None:
        self._give(thread, step.options["to"])

    def _give(self, thread: Thread, to: str) -> None:
        by = "sofia" if thread.site == "gare" and to == "sofia" else "claire" if thread.site == "gare" else "ines"
        encounter_assign(
            viewer=self.house.viewer(by), encounter_id=thread.encounter_id, owner_id=self.house.members[to].pk
        )
        thread.owner = to

    def _promise(self, thread: Thread, step: Step) -> None:
        seconds = minutes_of(step.options["within"]) * 60
        amount = int(step.options["amount"]) * 100 if "amount" in step.options else None
        term = Term(
            step.options["kind"],
            business_seconds=seconds,
            note=thread.say(step.text),
            amount_minor=amount,
            currency="EUR" if amount else "",
            confidence=round(thread.draw.uniform(0.7, 0.98), 2),
        )
        made = promise_make(viewer=self._take(thread), encounter_id=thread.encounter_id, term=term)
        thread.promises.append(made.pk)

    def _unsettled(self, thread: Thread) -> Promise | None:
        found = Promise.objects.filter(pk__in=thread.promises, settled_at=None).order_by("-pk")
        return found.first()

    def _keep(self, thread: Thread, step: Step) -> None:
        if promise := self._unsettled(thread):
            promise_keep(viewer=self._take(thread), promise_id=promise.pk)

    def _void(self, thread: Thread, step: Step) -> None:
        if promise := self._unsettled(thread):
            promise_void(viewer=self._take(thread), promise_id=promise.pk, reason=thread.say(step.text))

    def _renegotiate(self, thread: Thread, step: Step) -> None:
        if promise := self._unsettled(thread):
            start = max(promise.due_at, utcnow())
            later = opening_after(self.calendar(thread), start, minutes_of(step.options["plus"]))
            new = promise_renegotiate(
                viewer=self._take(thread), promise_id=promise.pk, due_at=later, reason=thread.say(step.text)
            )
            thread.promises.append(new.pk)

    # What comes from outside ---------------------------------------------------------------------------------------

    def _customer(self, thread: Thread, step: Step) -> None:
        text = thread.say(step.text)
        answered = self._last_mail(thread)
        if thread.person.mail and answered and "via" not in step.options:
            self._mail(thread, f"Re: {answered.subject}", text, list(step.words), answered)
            return
        customer_spoke(
            actor=Actor("customer", thread.customer_id),
            encounter_id=thread.encounter_id,
            words=Words(text, files=self._files(thread, step.words)),
            at=utcnow(),
            customer_id=thread.customer_id,
            channel=step.options.get("via") or ("form" if thread.person.mail else "phone"),
            sender_name=thread.person.name,
        )

    def _last_mail(self, thread: Thread) -> mails.Answered | None:
        found = Message.objects.filter(encounter_id=thread.encounter_id, out_mail__isnull=False)
        message = found.select_related("out_mail").order_by("-id").first()
        if message is None:
            return None
        mail: Any = message.out_mail
        return mails.Answered(
            mail.message_id, str(mail.headers.get("References", "")), mail.subject, mail.text, mail.not_before
        )

    def _follow(self, thread: Thread, step: Step) -> None:
        found = FollowUp.objects.filter(encounter_id=thread.encounter_id, asked_at__isnull=False, answered_at=None)
        if question := found.order_by("-round").first():
            token = signing.dumps(question.pk, salt=FOLLOW_UP_SALT)
            follow_up_answer(token=token, all_done="good" in step.words, comment=thread.say(step.text))

    def _away(self, thread: Thread, step: Step) -> None:
        if thread.person.mail and (answered := self._last_mail(thread)):
            to = self._mailbox(thread)
            raw = mails.away(person=thread.person, to=to, at=utcnow(), answered=answered, zone=ZONE)
            self._arrive(raw, "", to)

    def _bounce(self, thread: Thread, step: Step) -> None:
        if answered := self._last_mail(thread):
            address = f"{thread.person.mail.partition('@')[0]}@courier-mal-tape.example"
            to = self._mailbox(thread)
            raw = mails.bounce(address=address, to=to, at=utcnow(), answered=answered, zone=ZONE)
            self._arrive(raw, "", to)

    def _refuse(self, thread: Thread, step: Step) -> None:
        """The customer's server would not take our last mail, however often it was tried."""
        found = Message.objects.filter(encounter_id=thread.encounter_id, out_mail__isnull=False).order_by("-id")
        if (message := found.first()) and message.out_mail_id:
            error = "452 4.2.2 The recipient’s mailbox is full, please try again later"
            OutMail.objects.filter(pk=message.out_mail_id).update(
                state=OutState.FAILED, attempts=7, sent_at=None, error=error
            )
            outbox_note(channel_events.MAIL_SEND_FAILED, [message.out_mail_id], utcnow())


def _stored(raw: bytes, sender: str, to: str) -> Any:
    """A mail as the listener stores it."""
    delivery = Delivery(raw=raw, source="smtp", envelope_from=sender, envelope_to=[to], at=utcnow())
    [(row, __)] = mails_store(deliveries=[delivery])
    return row


def minutes_of(length: str) -> int:
    """Minutes of opening time in "40m", "3h" or "2d"."""
    return int(length[:-1]) * {"m": 1, "h": 60, "d": DAY}[length[-1]]


def outbox_note(name: str, mail_ids: list[int], at: dt.datetime) -> None:
    """The ledger entries that sending these mails would have written."""
    sites = dict(OutMail.objects.filter(pk__in=mail_ids).values_list("pk", "site_id"))
    facts = [Fact(name, site_id=sites[pk], data={"out_mail": pk}) for pk in mail_ids]
    entries_record(actor=Actor.system(), facts=facts, at=at)
