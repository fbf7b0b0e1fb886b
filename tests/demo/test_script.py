"""Stories as people write them."""

import random

import pytest

from parvis.config.demo.deeds import Deeds
from parvis.config.demo.house import STAFF
from parvis.config.demo.needs import NEEDS
from parvis.config.demo.people import CAST
from parvis.config.demo.script import BadScript, parse, slots_of, stories, told
from parvis.promises.domain.promise import Kind

ONE = """-- a remark
@@ squeal fr need=brakes by=email,form
## Freins
## Bruit
Bonjour, mon {bike} couine.

Merci
++ reply 45m wait
Bonjour {first}.
++ customer 4h photo
Voici.
"""


def test_a_story_is_read_with_its_subjects_words_and_steps():
    [story] = parse(ONE)
    assert (story.key, story.language, story.option("by")) == ("squeal", "fr", "email,form")
    assert story.subjects == ("Freins", "Bruit")
    assert story.text == "Bonjour, mon {bike} couine.\n\nMerci"
    assert [(s.verb, s.after, s.unit, s.words, s.text) for s in story.steps] == [
        ("reply", 45, "m", ("wait",), "Bonjour {first}."),
        ("customer", 4, "h", ("photo",), "Voici."),
    ]
    assert slots_of(story) == {"bike", "first"}


@pytest.mark.parametrize(
    "text", ["Bonjour", "@@ squeal", "@@ squeal de", "@@ squeal fr\n++ reply soon", "@@ a fr\n++ note"]
)
def test_what_cannot_be_read_says_where(text):
    with pytest.raises(BadScript, match=r"script:\d"):
        parse(text)


def test_alternatives_are_drawn_innermost_first_and_slots_filled():
    assert told("[a|{x} [b|c]]", {"x": "le"}, lambda options: options[-1]) == "le c"
    with pytest.raises(KeyError):
        told("{nobody}", {}, random.choice)


def test_there_are_sixty_stories_two_thirds_of_them_french():
    written = stories()
    assert len(written) >= 60
    assert len({s.key for s in written}) == len(written)
    french = sum(s.language == "fr" for s in written)
    assert 0.6 <= french / len(written) <= 0.85


def test_every_story_names_only_what_exists():
    needs, people, staff = {n.slug for n in NEEDS}, {p.key for p in CAST}, {c.key for c in STAFF}
    verbs, kinds = Deeds(None).verbs, {k.value for k in Kind}
    for story in stories():
        assert story.option("need") in needs, story.key
        assert story.option("who", "nadia") in people, story.key
        assert story.option("owner", "tom") in staff, story.key
        assert slots_of(story) <= {"name", "first", "phone", "bike", "day"}, story.key
        assert story.subjects, story.key
        assert story.text, story.key
        for step in story.steps:
            assert step.verb in verbs, (story.key, step.verb)
            assert step.options.get("kind", "delivery") in kinds, story.key
            assert step.options.get("to", "tom") in staff, story.key
