"""The texts to people who wait in a line that a new house starts with (see `texts.py`).

Placeholders besides the common ones: {code} the ticket, {place} where its holder stands, {what} the line.
"""

from django.utils.translation import gettext_lazy as _

from parvis.catalog.house_text import HouseText

_KNOWN = ("hello", "name", "business", "site", "link", "code", "place", "what")

QUEUE_TEXTS: dict[str, HouseText] = {
    "ticket_near": HouseText(
        {"en": "{code}: it is nearly your turn", "fr": "{code} : c’est bientôt à vous"},
        {
            "en": (
                "{hello}\n\nIt is nearly your turn at {site}. {place}\n\nPlease be there with your ticket {code}; "
                "your place as it moves: {link}\n\nIf you cannot come any more, tell us there with one touch, "
                "and the next person gains the time.\n\n{business}"
            ),
            "fr": (
                "{hello}\n\nC’est bientôt à vous chez {site}. {place}\n\nPrésentez-vous avec votre ticket {code} ; "
                "votre place, en direct : {link}\n\nSi vous ne pouvez plus venir, dites-le-nous là en une touche : "
                "la personne suivante y gagne.\n\n{business}"
            ),
        },
        _KNOWN,
        ("code",),
    ),
    "ticket_near_sms": HouseText(
        {"en": "", "fr": ""},
        {
            "en": "{business}: ticket {code}, it is nearly your turn. {place} {link}",
            # Without “bientôt”: one sign that is not of the GSM set makes two messages of one.
            "fr": "{business} : ticket {code}, c’est presque à vous. {place} {link}",
        },
        ("name", "business", "site", "link", "code", "place", "what"),
        ("code",),
        is_sms=True,
    ),
    "ticket_asked_sms": HouseText(
        {"en": "", "fr": ""},
        {
            "en": "{business}: ticket {code}, it is nearly your turn. Are you still here? {link}",
            "fr": "{business} : ticket {code}, c’est presque à vous. Toujours là ? {link}",
        },
        ("name", "business", "site", "link", "code", "place", "what"),
        ("link",),
        is_sms=True,
    ),
    "ticket_asked": HouseText(
        {"en": "{code}: are you still here?", "fr": "{code} : êtes-vous toujours là ?"},
        {
            "en": (
                "{hello}\n\nIt is nearly your turn at {site}, and your page has been silent for a while. "
                "Are you still here? One touch tells us: {link}\n\nWithout an answer we call the next person; "
                "you can come back to your place there.\n\n{business}"
            ),
            "fr": (
                "{hello}\n\nC’est bientôt à vous chez {site}, et votre page ne répond plus depuis un moment. "
                "Êtes-vous toujours là ? Une touche suffit pour nous le dire : {link}\n\nSans réponse, nous "
                "appelons la personne suivante ; vous pourrez y retrouver votre place.\n\n{business}"
            ),
        },
        _KNOWN,
        ("link",),
    ),
}

QUEUE_PURPOSES = {
    "ticket_near": (
        _("Nearly your turn"),
        _("Sent once to who left an address, when few people are before."),
    ),
    "ticket_near_sms": (_("Nearly your turn, by SMS"), _("Sent instead to who left a mobile number.")),
    "ticket_asked_sms": (_("Still here? by SMS"), _("Sent instead to who left a mobile number.")),
    "ticket_asked": (_("Still here?"), _("Sent to who joined by phone, is nearly next and whose page fell silent.")),
}

QUEUE_EXAMPLES = {
    "code": {"en": "A012", "fr": "A012"},
    "place": {"en": "2 people are before you.", "fr": "Il y a 2 personnes avant vous."},
}
