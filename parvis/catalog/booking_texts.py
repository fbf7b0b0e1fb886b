"""The texts about bookings that a new house starts with (see `texts.py`).

Placeholders besides the common ones: {what} the offering, {when} its time, {where} the place, {party} how many persons,
{terms} until when it can be cancelled and what it costs later, {until} how long an offer stands.
"""

from django.utils.translation import gettext_lazy as _

from parvis.catalog.house_text import HouseText

_KNOWN = ("hello", "name", "business", "site", "reference", "link", "what", "when", "where", "party", "terms")

BOOKING_TEXTS: dict[str, HouseText] = {
    "booking_confirmed": HouseText(
        {"en": "You are booked: {what}, {when}", "fr": "C’est réservé : {what}, {when}"},
        {
            "en": (
                "{hello}\n\nWe look forward to seeing you:\n\n{what}\n{when}\n{where}\n\n{terms}\n\n"
                "To move or cancel, or to see all about it: {link}\n\n{business}\n{reference}"
            ),
            "fr": (
                "{hello}\n\nNous vous attendons avec plaisir :\n\n{what}\n{when}\n{where}\n\n{terms}\n\n"
                "Pour déplacer, annuler ou tout revoir : {link}\n\n{business}\n{reference}"
            ),
        },
        _KNOWN,
        ("when",),
    ),
    "booking_moved": HouseText(
        {"en": "New time: {what}, {when}", "fr": "Nouvel horaire : {what}, {when}"},
        {
            "en": (
                "{hello}\n\nYour booking has moved. It is now:\n\n{what}\n{when}\n{where}\n\n{reason}\n\n"
                "If this does not suit you: {link}\n\n{business}\n{reference}"
            ),
            "fr": (
                "{hello}\n\nVotre réservation a changé d’horaire. C’est maintenant :\n\n{what}\n{when}\n{where}\n\n"
                "{reason}\n\nSi cela ne vous convient pas : {link}\n\n{business}\n{reference}"
            ),
        },
        (*_KNOWN, "reason"),
        ("when",),
    ),
    "booking_cancelled": HouseText(
        {"en": "Cancelled: {what}, {when}", "fr": "Annulé : {what}, {when}"},
        {
            "en": (
                "{hello}\n\nYour booking is cancelled: {what}, {when}.\n\n{reason}\n\n"
                "Whenever it suits you, book another time or just reply to this mail: {link}\n\n{business}\n{reference}"
            ),
            "fr": (
                "{hello}\n\nVotre réservation est annulée : {what}, {when}.\n\n{reason}\n\n"
                "Quand vous voulez, choisissez un autre moment ou répondez à ce message : {link}\n\n"
                "{business}\n{reference}"
            ),
        },
        (*_KNOWN, "reason"),
    ),
    "booking_reminder": HouseText(
        {"en": "See you soon: {what}, {when}", "fr": "À bientôt : {what}, {when}"},
        {
            "en": (
                "{hello}\n\nA short reminder:\n\n{what}\n{when}\n{where}\n\n"
                "Will you come? One click says yes, moves it or cancels it: {link}\n\n{terms}\n\n"
                "{business}\n{reference}"
            ),
            "fr": (
                "{hello}\n\nUn petit rappel :\n\n{what}\n{when}\n{where}\n\n"
                "Vous venez ? Un clic pour confirmer, déplacer ou annuler : {link}\n\n{terms}\n\n"
                "{business}\n{reference}"
            ),
        },
        _KNOWN,
        ("when", "link"),
    ),
    "booking_reminder_sms": HouseText(
        {"en": "", "fr": ""},
        {
            "en": "{business}: {what}, {when}. Will you come? Yes, move or cancel: {link}",
            "fr": "{business} : {what}, {when}. Vous venez ? Oui, déplacer ou annuler : {link}",
        },
        ("name", "business", "site", "link", "what", "when", "party"),
        ("when", "link"),
        is_sms=True,
    ),
    "booking_missed": HouseText(
        {"en": "We missed you – {what}", "fr": "Nous vous avons attendu – {what}"},
        {
            "en": (
                "{hello}\n\nWe expected you {when} and hope that all is well. Our door stays open: "
                "book another time whenever it suits you, or reply to this mail.\n\n{link}\n\n{business}\n{reference}"
            ),
            "fr": (
                "{hello}\n\nNous vous attendions {when} et espérons que tout va bien. Notre porte reste ouverte : "
                "choisissez un autre moment quand vous voulez, ou répondez à ce message.\n\n{link}\n\n"
                "{business}\n{reference}"
            ),
        },
        _KNOWN,
    ),
    "waiting_offered": HouseText(
        {"en": "A place is free for you: {what}, {when}", "fr": "Une place pour vous : {what}, {when}"},
        {
            "en": (
                "{hello}\n\nYou were waiting for a place, and one has come free:\n\n{what}\n{when}\n{where}\n\n"
                "It is kept for you until {until}. Take it or let it go here: {link}\n\n{business}\n{reference}"
            ),
            "fr": (
                "{hello}\n\nVous attendiez une place, en voici une :\n\n{what}\n{when}\n{where}\n\n"
                "Elle vous est gardée si vous répondez avant {until}. Prenez-la ou laissez-la ici : {link}\n\n"
                "{business}\n{reference}"
            ),
        },
        (*_KNOWN, "until"),
        ("when", "until", "link"),
    ),
    "waiting_lapsed": HouseText(
        {"en": "The place has gone to the next – {what}", "fr": "La place est passée au suivant – {what}"},
        {
            "en": (
                "{hello}\n\nThe place we kept for you has gone to the next person. If you still want one, "
                "just reply to this mail and we put you back on the list.\n\n{business}\n{reference}"
            ),
            "fr": (
                "{hello}\n\nLa place que nous vous gardions est passée à la personne suivante. Si vous en voulez "
                "toujours une, répondez simplement à ce message et nous vous remettons sur la liste.\n\n"
                "{business}\n{reference}"
            ),
        },
        _KNOWN,
    ),
}

BOOKING_PURPOSES = {
    "booking_confirmed": (_("Booking confirmed"), _("Sent when a booking stands, with a calendar file.")),
    "booking_moved": (_("Booking moved"), _("Sent when a booking has another time.")),
    "booking_cancelled": (_("Booking cancelled"), _("Sent when a booking is cancelled, by whomever.")),
    "booking_reminder": (_("Reminder"), _("Sent before the visit, as long before as the offering says.")),
    "booking_reminder_sms": (
        _("Reminder by SMS"),
        _("Sent instead or as well, where the offering says so and a provider of text messages is set up."),
    ),
    "booking_missed": (_("We missed you"), _("Sent when somebody did not come.")),
    "waiting_offered": (_("A place is free"), _("Sent to whoever waits when a place is kept for them.")),
    "waiting_lapsed": (_("The offer ran out"), _("Sent when somebody let a place pass.")),
}

BOOKING_EXAMPLES = {
    "what": {"en": "Full service", "fr": "Révision complète"},
    "when": {"en": "Thursday 26 November at 14:00", "fr": "le jeudi 26 novembre à 14 h 00"},
    "where": {"en": "12 quai de Valmy, Paris", "fr": "12 quai de Valmy, Paris"},
    "party": {"en": "2 persons", "fr": "2 personnes"},
    "terms": {
        "en": "You can cancel free of charge until Wednesday 14:00.",
        "fr": "Annulation gratuite jusqu’à mercredi 14 h 00.",
    },
    "until": {"en": "16:00 today", "fr": "16 h 00 aujourd’hui"},
}
