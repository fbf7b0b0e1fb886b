"""The demo's people as they come up: who brings a story, and what each thread fills its slots with."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

from parvis.config.demo.people import CAST, Person, newcomer
from parvis.config.demo.script import Story, told

_BIKES = {
    "fr": (
        "vélo de ville", "VTC", "Brompton", "gravel", "Peugeot de 1984", "vélo pliant", "VTT", "randonneur",
        "Gazelle", "vélo de route", "longtail", "Motobécane", "vélo hollandais", "triporteur",
    ),
    "en": (
        "city bike", "Brompton", "gravel bike", "old Peugeot", "hybrid", "folding bike", "road bike", "Dutch bike",
        "touring bike", "longtail",
    ),
}  # fmt: skip
_DAYS = {
    "fr": ("mardi", "mercredi", "jeudi", "vendredi", "samedi"),
    "en": ("Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
}


@dataclass
class Thread:
    """One story as it happens to one person."""

    story: Story
    person: Person
    channel: str
    number: int
    slots: dict[str, str]
    draw: random.Random
    encounter_id: int = 0
    customer_id: int = 0
    subject: str = ""
    owner: str = ""
    step: int = 0
    understood: bool = False
    closed_at: Any = None
    promises: list[int] = field(default_factory=list)
    running: set[int] = field(default_factory=set)

    @property
    def site(self) -> str:
        """The key of the site it belongs to."""
        return self.story.option("site", "canal")

    def say(self, text: str) -> str:
        """A text of the story as this person says or hears it."""
        return told(text, self.slots, self.draw.choice)


class Crowd:
    """Everybody who may come. Each draw depends on the seed alone."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._known: list[Person] = []
        self._number = 0

    def thread(self, story: Story) -> Thread:
        """A story with somebody to bring it, by one of its channels."""
        draw = random.Random(self._draw.random())  # noqa: S311 - a demo, not a secret
        channel = draw.choice(story.option("by", "email").split(","))
        person = self._person(story, draw, channel)
        if channel in ("email", "fleet", "form", "api", "chat") and not person.mail:
            channel = "phone"
        self._number += 1
        language = story.language
        slots = {
            "name": person.name,
            "first": person.first,
            "phone": person.phone or f"06 39 98 {draw.randrange(100):02} {draw.randrange(100):02}",
            "bike": draw.choice(_BIKES[language]),
            "day": draw.choice(_DAYS[language]),
        }
        return Thread(story, person, channel, self._number, slots, draw)

    def _person(self, story: Story, draw: random.Random, channel: str) -> Person:
        if who := story.option("who"):
            return next(p for p in CAST if p.key == who)
        needs_mail = channel in ("email", "fleet")
        fitting = [p for p in self._known if p.language == story.language and (p.mail or not needs_mail)]
        regulars = [p for p in CAST if p.language == story.language and not p.organisation and p.weight > 3 and p.mail]
        chance = draw.random()
        if "ago" in story.options or chance > 0.42 or not fitting:
            person = newcomer(draw, story.language, self._number + 100)
            if channel in ("phone", "counter") and person.phone and draw.random() < 0.4:
                person = replace(person, mail="")
            self._known.append(person)
            return person
        if chance < 0.13:
            return draw.choices(regulars, [p.weight for p in regulars])[0]
        # Whoever came before tends to come again.
        return fitting[min(int(draw.expovariate(1 / 12)), len(fitting) - 1)]
