"""Sample conversations: who writes, what was promised, and how it stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

Sample = dict[str, Any]

PEOPLE = [
    (1, "Marie-Christine de La Rochefoucauld-Montbrun"),
    (2, "Óscar Núñez"),
    (3, "Nadège Kerouédan"),
    (4, "Bartholomew Featherstonehaugh"),
    (5, "Šárka Dvořáková"),
    (6, "Łukasz Wójcik"),
    (7, "Aïcha Ben Salah"),
    (8, "Zoé"),
]


def either(english: str, french: str) -> str:
    """The sample in the language of the page."""
    return french if (get_language() or "en").startswith("fr") else english


def ago(**span: float) -> datetime:
    """A moment that long ago; negative values lie ahead."""
    return timezone.now() - timedelta(**span)


def chips() -> list[Sample]:
    """A chip in every state."""
    return [
        {"state": "on_time", "due": ago(hours=-2.2), "about": either("First answer", "Première réponse")},
        {"state": "at_risk", "due": ago(minutes=-18)},
        {"state": "late", "due": ago(minutes=25)},
        {"state": "on_time", "due": ago(days=-3)},
        {"state": "kept"},
        {"state": "broken"},
        {"state": "renegotiated"},
        {"state": "paused"},
        {"state": "void"},
    ]


def rows() -> list[Sample]:
    """Ten conversations, one of them open."""
    nadege, lukasz = {"id": 3, "name": "Nadège Kerouédan"}, {"id": 6, "name": "Łukasz Wójcik"}
    coop = "SCIC des Transports du Haut-Vivarais"
    told = [
        (
            "Hélène Vasseur",
            "",
            either("Bicycle not ready on Thursday?", "Vélo pas prêt jeudi ?"),
            either(
                "I need it for the school run on Friday, could you",
                "J’en ai besoin vendredi pour l’école, pourriez-vous",
            ),
            0.1,
            "at_risk",
            0.3,
            nadege,
            "mail",
            True,
        ),
        (
            "Marie-Christine de La Rochefoucauld-Montbrun",
            coop,
            either("Service contract for 14 cargo bikes", "Contrat d’entretien pour 14 vélos-cargos"),
            either(
                "Thank you for your call, here is the list of serial numbers",
                "Merci de votre appel, voici les numéros de série",
            ),
            0.6,
            "on_time",
            2.2,
            nadege,
            "mail",
            True,
        ),
        (
            "Óscar Núñez",
            "",
            either("Battery smells of burning", "La batterie sent le brûlé"),
            either("It is outside now. What should I do?", "Elle est dehors. Que dois-je faire ?"),
            0.9,
            "late",
            -0.4,
            lukasz,
            "phone",
            True,
        ),
        (
            "Aïcha Ben Salah",
            "Clinique des Alpes",
            either("Invoice 2026-0481", "Facture 2026-0481"),
            either("The amount is not that of the quote", "Le montant n’est pas celui du devis"),
            3,
            "on_time",
            5,
            None,
            "mail",
            False,
        ),
        (
            "Zoé",
            "",
            either("Opening hours over Christmas", "Horaires de Noël"),
            either("Perfect, see you then!", "Parfait, à bientôt !"),
            5,
            "kept",
            0,
            nadege,
            "world",
            False,
        ),
        (
            "Bartholomew Featherstonehaugh",
            "Alpine Rentals Ltd",
            either("Collecting 3 road bikes", "Retrait de 3 vélos de route"),
            either("We shall be four in the end", "Nous serons quatre finalement"),
            20,
            "paused",
            0,
            lukasz,
            "mail",
            False,
        ),
        (
            "Šárka Dvořáková",
            "",
            either("Puncture, again", "Encore une crevaison"),
            either("The tyre was changed three weeks ago", "Le pneu a été changé il y a trois semaines"),
            27,
            "renegotiated",
            0,
            nadege,
            "message",
            False,
        ),
        (
            "04 76 00 00 00",
            "",
            either("Missed call", "Appel manqué"),
            either("Message left, 0:42", "Message laissé, 0:42"),
            52,
            "on_time",
            30,
            None,
            "phone",
            False,
        ),
        (
            "Jean-Baptiste Ngo",
            "",
            either("Thank you", "Merci"),
            either("The bike rides like new", "Le vélo roule comme neuf"),
            190,
            "kept",
            0,
            nadege,
            "mail",
            False,
        ),
    ]
    return [
        {
            "id": i, "url": "#", "name": name, "org": org, "subject": subject, "line": line, "at": ago(hours=hours),
            "unread": unread and i != 1, "current": i == 1, "channel": channel, "assignee": who,
            "chip": {"state": state, "due": ago(hours=-left) if left else None},
        }
        for i, (name, org, subject, line, hours, state, left, who, channel, unread) in enumerate(told, 1)
    ]  # fmt: skip


def conversation() -> list[Sample]:
    """A thread with every kind of message."""
    return [
        {
            "kind": "system", "id": 1, "channel": "door-enter", "at": ago(days=2, hours=3),
            "text": either("Encounter opened from an e-mail to atelier@", "Rencontre ouverte par un e-mail à atelier@"),
        },
        {
            "kind": "customer", "id": 2, "author": "Hélène Vasseur", "key": 41, "at": ago(days=2, hours=3),
            "text": either(
                "Hello,\n\nmy daughter’s bicycle (blue Gitane, 20 inches) brakes badly and the chain jumps. Could you "
                "look at it this week? She rides it to school every day.\n\nHélène Vasseur",
                "Bonjour,\n\nle vélo de ma fille (Gitane bleu, 20 pouces) freine mal et la chaîne saute. Pourriez-vous "
                "le regarder cette semaine ? Elle le prend chaque jour pour l’école.\n\nHélène Vasseur",
            ),
            "attachments": [{"name": "IMG_2041-frein-avant.jpg", "url": "#", "size": 1843200}],
            "channel": "mail", "channel_label": either("by e-mail to atelier@", "par e-mail à atelier@"),
        },
        {
            "kind": "reply", "id": 3, "author": "Nadège Kerouédan", "key": 3, "at": ago(days=2, hours=1),
            "text": either(
                "Good afternoon Ms Vasseur,\n\nbring it tomorrow from 9:00, we look at it while you wait. Pads and "
                "chain are in stock: ready on Thursday at 18:00, 48 € at most.",
                "Bonjour Madame Vasseur,\n\napportez-le demain dès 9 h, nous le regardons devant vous. Plaquettes et "
                "chaîne sont en stock : prêt jeudi à 18 h, 48 € au plus.",
            ),
            "channel": "mail", "channel_label": either("by e-mail", "par e-mail"),
            "status": either("Delivered", "Remis"),
            "status_icon": "checks",
        },
        {
            "kind": "note", "id": 4, "author": "Łukasz Wójcik", "key": 6, "at": ago(hours=20),
            "text": either(
                "The chain arrived with the wrong pitch. The right one comes on Friday morning; a loan bike in "
                "20 inches is free until Saturday.",
                "La chaîne reçue n’a pas le bon pas. La bonne arrive vendredi matin ; un vélo de prêt en 20 pouces est "
                "libre jusqu’à samedi.",
            ),
        },
        {
            "kind": "customer", "id": 5, "author": "Hélène Vasseur", "key": 41, "at": ago(minutes=6),
            "text": either(
                "I hear it will not be ready on Thursday? I need it for the school run on Friday, please tell me soon.",
                "J’apprends qu’il ne sera pas prêt jeudi ? J’en ai besoin vendredi pour l’école, dites-moi vite.",
            ),
            "quoted": either(
                "On Tuesday, Nadège Kerouédan wrote:\n> ready on Thursday at 18:00, 48 € at most.",
                "Mardi, Nadège Kerouédan a écrit :\n> prêt jeudi à 18 h, 48 € au plus.",
            ),
            "channel": "mail", "channel_label": either("by e-mail to atelier@", "par e-mail à atelier@"),
        },
    ]  # fmt: skip


def customer() -> Sample:
    """The person of the open conversation."""
    return {
        "id": 41,
        "name": "Hélène Vasseur",
        "url": "#",
        "line": either("Customer since March 2023 · 11 visits", "Cliente depuis mars 2023 · 11 visites"),
        "badges": [
            {"text": either("Regular", "Habituée"), "tone": "accent", "icon": "star"},
            {"text": either("Prefers a call", "Préfère un appel"), "icon": "phone"},
        ],
        "matters": either(
            "Three children, every bicycle is ridden daily. Wants to know early, even bad news.",
            "Trois enfants, chaque vélo roule tous les jours. Veut savoir tôt, même les mauvaises nouvelles.",
        ),
        "org": "",
        "facts": [
            (either("E-mail", "E-mail"), "helene.vasseur@posteo.example"),
            (either("Phone", "Téléphone"), "06 12 00 34 56"),
            (either("Language", "Langue"), either("French", "Français")),
            (either("Last visit", "Dernière visite"), either("2 November, brake pads", "2 novembre, plaquettes")),
        ],
    }


def today() -> list[Sample]:
    """What needs someone now, and why."""
    return [
        {**row, "why": why}
        for row, why in zip(
            [r for r in rows() if r["chip"]["state"] in {"late", "at_risk"}] + rows()[3:4],
            [
                either("First answer promised within the hour", "Première réponse promise dans l’heure"),
                either("Call back promised before noon", "Rappel promis avant midi"),
                either("Nobody has this one yet", "Personne ne s’en occupe encore"),
            ],
            strict=True,
        )
    ]
