"""Which of our languages a customer writes: French, English, or neither."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from .wordsets import words

_WORD = re.compile(r"[a-zà-öø-ÿœ]+")
_NOISE = re.compile(r"https?://\S+|\S{1,64}@\S+|<[^>]{0,200}>")
_LOOK_AT = 4000  # characters; a language shows early
# Short words that one of the two languages uses all the time and the other never.
_FRENCH = words(
    """le la les des du un une et est je vous nous il elle pas que qui dans pour sur avec votre vos notre nos mon ma
    mes ce cette ces au aux mais ou où ne se sont suis êtes avez avons merci bonjour bonsoir cordialement madame
    monsieur être avoir très bien été fait plus comme par sans leur leurs si cela ça déjà aussi quand faire voici
    ci joint veuillez salutations serait pourriez pouvez souhaite depuis encore lors donc jour svp rdv"""
)
_ENGLISH = words(
    """the of and to is are was were you your yours i we our my it this that these those with for have has had not
    be been on at from by will would can could should please thanks thank hello hi dear regards best kind sincerely
    what when where how who there they their them he she his her if but any some about just let know need get got
    do does did me us as an in no yes"""
)
# Spelt alike: they speak for nobody.
_SHARED = _FRENCH & _ENGLISH
_FRENCH -= _SHARED
_ENGLISH -= _SHARED
_OTHERS = ["fr", "en", "de", "nl", "es", "it", "pt", "ca", "ro", "pl", "sv", "da", "no", "ru", "zh", "ja", "ar", "tr"]
_ENOUGH = 3  # function words that settle it
_SURE = 0.7


def detect_language(text: str) -> str | None:
    """ "fr", "en", or None when ``text`` is neither, mixed beyond telling, or too short to say.

    Function words decide nearly every mail; only when they leave doubt is the statistical model loaded
    (py3langid, an n-gram classifier after Lui & Baldwin 2012: about a second once, then a millisecond a text).
    """
    text = _NOISE.sub(" ", text[:_LOOK_AT]).lower()
    words = _WORD.findall(text)
    french = sum(word in _FRENCH for word in words)
    english = sum(word in _ENGLISH for word in words)
    best, other = max(french, english), min(french, english)
    code = "fr" if french > english else "en"
    if best >= _ENOUGH and best >= 3 * other and best * 8 >= len(words):
        return code
    if best == 2 and other == 0 and len(words) <= 12:
        return code
    if len(words) < 3 or len(text.strip()) < 16:
        return code if best and not other else None
    guess, certainty = _identifier().classify(text)
    return guess if guess in ("fr", "en") and certainty >= _SURE else None


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # heavy, and seldom needed

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_OTHERS)
    return identifier
