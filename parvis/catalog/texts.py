"""The texts a new house starts with. Every one can be rewritten in the settings; these are the defaults.

Placeholders: {name} the customer's name or nothing, {hello} a greeting with the name when known, {business}, {site},
{subject}, {reference}, {due}, {old_due}, {reason}, {link}, {member}, {quote}.
"""

import re

from django.utils.translation import gettext_lazy as _

from parvis.catalog.booking_texts import BOOKING_EXAMPLES, BOOKING_PURPOSES, BOOKING_TEXTS
from parvis.catalog.house_text import HouseText
from parvis.catalog.queue_texts import QUEUE_EXAMPLES, QUEUE_PURPOSES, QUEUE_TEXTS

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def placeholders_in(text: str) -> frozenset[str]:
    """The names that stand in braces in a text."""
    return frozenset(_PLACEHOLDER.findall(text))


_COMMON = ("hello", "name", "business", "site", "subject", "reference", "link")

DEFAULTS: dict[str, HouseText] = {
    "greeting": HouseText(
        {"en": "We have your message – {subject}", "fr": "Nous avons bien reçu votre message – {subject}"},
        {
            "en": (
                "{hello}\n\nThank you for writing to us: your message has arrived and somebody will read it. "
                "You will have an answer by {due}.\n\nYou can follow your request here: {link}\n\n"
                "If you think of anything else, just reply to this mail.\n\n{business}\n{reference}"
            ),
            "fr": (
                "{hello}\n\nMerci de nous avoir écrit : votre message est bien arrivé et quelqu’un va le lire. "
                "Vous aurez une réponse au plus tard {due}.\n\nVous pouvez suivre votre demande ici : {link}\n\n"
                "Si un détail vous revient, répondez simplement à ce message.\n\n{business}\n{reference}"
            ),
        },
        (*_COMMON, "due"),
    ),
    "reply": HouseText(
        {"en": "Re: {subject}", "fr": "Re : {subject}"},
        {"en": "{text}\n\n{member}\n{business}", "fr": "{text}\n\n{member}\n{business}"},
        (*_COMMON, "text", "member"),
        ("text",),
    ),
    "renegotiation": HouseText(
        {"en": "A new time for your request – {subject}", "fr": "Un nouveau délai pour votre demande – {subject}"},
        {
            "en": (
                "{hello}\n\nWe told you to expect something by {old_due}. We would rather tell you now than be late: "
                "the new time is {due}.\n\nWhy: {reason}\n\nIf this does not suit you, reply to this mail and "
                "we will find another way.\n\n{member}\n{business}"
            ),
            "fr": (
                "{hello}\n\nNous vous avions annoncé {old_due}. Nous préférons vous prévenir maintenant plutôt que "
                "d’être en retard : le nouveau délai est {due}.\n\nPourquoi : {reason}\n\nSi cela ne vous convient "
                "pas, répondez à ce message et nous chercherons une autre solution.\n\n{member}\n{business}"
            ),
        },
        (*_COMMON, "due", "old_due", "reason", "member"),
        ("due",),
    ),
    "follow_up": HouseText(
        {"en": "Did we forget anything? – {subject}", "fr": "Avons-nous oublié quelque chose ? – {subject}"},
        {
            "en": (
                "{hello}\n\nWe believe that your request is settled. Did we forget anything? One click tells us:\n\n"
                "{link}\n\nIf something is missing, we will take it up again at once.\n\n{business}\n{reference}"
            ),
            "fr": (
                "{hello}\n\nNous pensons que votre demande est réglée. Avons-nous oublié quelque chose ? "
                "Un clic suffit pour nous le dire :\n\n{link}\n\nS’il manque quelque chose, nous reprenons votre "
                "demande aussitôt.\n\n{business}\n{reference}"
            ),
        },
        _COMMON,
        ("link",),
    ),
    "open_door": HouseText(
        {"en": "Our door is open – {business}", "fr": "Notre porte reste ouverte – {business}"},
        {
            "en": (
                "{hello}\n\nThank you for telling us that all is well. Our door stays open: come by, call, or reply "
                "to this mail whenever something comes up, however small.\n\nSee you soon,\n{business}"
            ),
            "fr": (
                "{hello}\n\nMerci de nous avoir dit que tout va bien. Notre porte reste ouverte : passez, appelez, "
                "ou répondez à ce message dès que quelque chose se présente, même un détail.\n\nÀ bientôt,\n{business}"
            ),
        },
        _COMMON,
    ),
    "my_requests": HouseText(
        {"en": "Your requests – {business}", "fr": "Vos demandes – {business}"},
        {
            "en": (
                "{hello}\n\nHere is the link to your requests. It works for one hour:\n\n{link}\n\n"
                "If you did not ask for it, you need not do anything: nobody but you has received it.\n\n{business}"
            ),
            "fr": (
                "{hello}\n\nVoici le lien vers vos demandes. Il est valable une heure :\n\n{link}\n\n"
                "Si vous ne l’avez pas demandé, vous n’avez rien à faire : vous seul l’avez reçu.\n\n{business}"
            ),
        },
        ("hello", "name", "business", "link"),
        ("link",),
    ),
    **BOOKING_TEXTS,
    **QUEUE_TEXTS,
}

# What each text is for, for whoever rewrites it.
PURPOSES = {
    "greeting": (_("Greeting"), _("Sent at once when somebody writes: it says by when an answer comes.")),
    "reply": (_("Reply"), _("The frame around what a member writes.")),
    "renegotiation": (_("New time"), _("Sent when a promised time has to move, before it passes.")),
    "follow_up": (_("Follow-up question"), _("Sent some hours after closing: did we forget anything?")),
    "open_door": (_("Open door"), _("Shown once the customer has said that all is well.")),
    "my_requests": (_("Link to all requests"), _("Sent to a customer who asks the portal for their requests.")),
    **BOOKING_PURPOSES,
    **QUEUE_PURPOSES,
}

# What the placeholders stand for, with an example for the preview.
EXAMPLES = {
    "hello": {"en": "Hello Zoé Martin,", "fr": "Bonjour Zoé Martin,"},
    "name": {"en": "Zoé Martin", "fr": "Zoé Martin"},
    "business": {"en": "", "fr": ""},
    "site": {"en": "", "fr": ""},
    "subject": {"en": "My brakes squeal", "fr": "Mes freins grincent"},
    "reference": {"en": "pv.e7k3f9.example", "fr": "pv.e7k3f9.exemple"},
    "link": {"en": "https://parvis.example/r/…", "fr": "https://parvis.example/r/…"},
    "due": {"en": "Thursday 26 November at 14:00", "fr": "le jeudi 26 novembre à 14 h 00"},
    "old_due": {"en": "Wednesday 25 November at 18:00", "fr": "le mercredi 25 novembre à 18 h 00"},
    "reason": {"en": "The part arrives a day late.", "fr": "La pièce arrive avec un jour de retard."},
    "member": {"en": "Nadège", "fr": "Nadège"},
    "text": {"en": "Your bicycle is ready.", "fr": "Votre vélo est prêt."},
    "quote": {"en": "", "fr": ""},
    **BOOKING_EXAMPLES,
    **QUEUE_EXAMPLES,
}
