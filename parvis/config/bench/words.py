"""Texts for a large database: words as frequent as in real mail, with a few planted to be searched for.

Frequencies follow Zipf's law over a vocabulary whose head are the words of the demo's stories, French and English, and
whose tail is made of syllables. A text is a slice of one long draw, so that making a million costs little.
"""

import random
import re
from dataclasses import dataclass

from parvis.config.demo.script import stories
from parvis.kernel.text import fold

FREQUENT = "roulement"  # stands in 2 % of all messages
RARE = "zinzolin"  # stands in RARE_COUNT messages
REPLIED = "guidoline"  # stands in replies of the house only, in REPLIED_COUNT of them
RARE_COUNT, REPLIED_COUNT = 5, 40
FREQUENT_SHARE = 0.02

_PLANTED = {FREQUENT, RARE, REPLIED}
_SYLLABLES = (
    "ba bi bou cra cen co da dé di dor é fa fi fon ga gli go ja ju la li lou ma mi mon na né no pa pi pou ra ré ri ro "
    "sa si son ta té ti tor tra u va vi vo ing ness ter ble ght ous ette eur age tion ment able ish ward"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_VOCABULARY, _DRAWN = 30_000, 600_000


@dataclass(frozen=True)
class Passage:
    """A text as it is shown, and its folded words as they are indexed."""

    text: str
    folded: str


class Texts:
    """Draws texts. The same `draw` gives the same texts."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        vocabulary = _vocabulary(draw)
        weights = [1 / (rank + 2.7) for rank in range(len(vocabulary))]
        self._words = draw.choices(vocabulary, weights, k=_DRAWN)
        folded = {word: fold(word) for word in vocabulary}
        self._folded = [folded[word] for word in self._words]

    def passage(self, count: int, planted: str = "") -> Passage:
        """A text of `count` words, with one more inside if `planted`."""
        start = self._draw.randrange(_DRAWN - count)
        shown, folded = self._words[start : start + count], self._folded[start : start + count]
        if planted:
            shown.insert(count // 2, planted)
            folded.insert(count // 2, planted)
        # A line break now and then, as people write.
        text = " ".join(shown[:12]) + (".\n" + " ".join(shown[12:]) if count > 12 else "")
        return Passage(text[:1].upper() + text[1:] + ".", " ".join(folded))


def _vocabulary(draw: random.Random) -> list[str]:
    seen: dict[str, int] = {}
    for story in stories():
        for text in (story.text, *(step.text for step in story.steps)):
            for word in _WORD.findall(text.lower()):
                seen[word] = seen.get(word, 0) + 1
    head = sorted((w for w in seen if fold(w) not in _PLANTED), key=lambda w: -seen[w])
    known, syllables = set(head), _SYLLABLES.split()
    while len(head) < _VOCABULARY:
        word = "".join(draw.choices(syllables, k=draw.choice((2, 3, 3, 4))))
        if word not in known and not word.startswith(tuple(_PLANTED)):
            known.add(word)
            head.append(word)
    return head
