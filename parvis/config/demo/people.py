"""Who comes to the demo's counter: regulars, a fleet's people, partners, and newcomers made up as they arrive."""

import random
from dataclasses import dataclass, field

from parvis.kernel.text import fold

# Mail hosts under a name that nobody can ever register (RFC 2606), so that no demo mail reaches a person.
_HOSTS_FR = ("courrier.example", "boite.example", "messagerie.example", "poste.example", "mel.example")
_HOSTS_EN = ("mail.example", "inbox.example", "post.example")

_FIRST_FR = (
    "Léa Camille Manon Chloé Emma Inès Jade Louise Alice Juliette Margaux Clara Anaïs Zoé Lucie Élodie Aurélie Solène "
    "Nadia Samira Fatou Aïssatou Mariam Leïla Yasmine Mai-Linh Sophie Isabelle Catherine Brigitte Françoise Monique "
    "Lucas Hugo Thomas Nathan Théo Maxime Antoine Paul Jules Arthur Gabriel Raphaël Baptiste Clément Julien Benoît "
    "Mehdi Karim Sofiane Ibrahima Moussa Bakary Rayan Minh Pierre Jean-Luc François Philippe Alain Étienne Loïc Yann"
)
_LAST_FR = (
    "Martin Bernard Dubois Petit Robert Richard Durand Moreau Laurent Simon Michel Lefèvre Leroy Roux Garnier Faure "
    "Rousseau Blanc Guérin Boyer Chevalier Perrin Masson Marchand Dumas Fontaine Lemoine Noël Brunet Carpentier Renaud "
    "Benali Haddad Mansouri Cherif Diallo Traoré Camara Koné Nguyen Tran Da-Silva Ferreira Lopez Kowalski Le-Gall "
    "Kerbrat Prigent Schneider Weiss Delorme Vidal Charpentier Barbier Joly Gauthier Poulain Lacroix Meunier Besnard"
)
_FIRST_EN = (
    "Emily Sarah Hannah Olivia Grace Rachel Megan Priya Ananya Chloe Laura Kate Naomi Ingrid Greta Yuki Mei "
    "James Oliver Daniel Matthew Ryan Patrick Liam Owen Rohan Arjun David Michael Sven Lars Mateo Kenji Tobias"
)
_LAST_EN = (
    "Smith Taylor Johnson Brown Walker Hughes Murphy O’Connor Campbell Fraser Patel Sharma Nakamura Larsen Jensen "
    "Müller Weber van-Dijk Andersson Rossi Bennett Carter Sullivan Brooks Whitfield Chen Okafor Mensah Goldberg Hill"
)


@dataclass(frozen=True)
class Person:
    """Somebody who contacts the house. `mail` and `phone` may be empty; `site` is where they usually come."""

    key: str
    name: str
    language: str = "fr"
    mail: str = ""
    phone: str = ""
    matters: str = ""
    organisation: str = ""
    role: str = ""
    other_mails: tuple[str, ...] = field(default=())
    weight: int = 1

    @property
    def first(self) -> str:
        """How one speaks to them."""
        return self.name.split()[0]


@dataclass(frozen=True)
class Company:
    """An organisation with one central account."""

    key: str
    name: str
    domain: str
    notes: str
    owner: str


COMPANIES = (
    Company(
        "fleet", "Rapido Coursiers", "rapido-coursiers.example",
        "48 vélos cargo. Chaque heure d’arrêt leur coûte une tournée : prêter un vélo d’abord, réparer ensuite. "
        "Facture unique le 25, bon de commande obligatoire (Mme Lambert).",
        "hugo",
    ),
    Company(
        "agency", "Paris à Deux Roues – Voyages et Découvertes", "paris-deux-roues.example",
        "Agence : réserve pour des groupes, paie à 30 jours. Le guide change chaque fois : redonner l’adresse.",
        "ines",
    ),
    Company(
        "insurer", "Mutuelle des Cyclistes d’Île-de-France et des Territoires Franciliens Associés",
        "mutuelle-cyclistes.example",
        "Assurance : demande des photos avant et après, et le numéro de cadre, sans quoi le dossier revient.",
        "claire",
    ),
)  # fmt: skip

CAST = (
    Person("nadia", "Nadia Haddad", "fr", "nadia.haddad@courrier.example", "06 39 98 14 22",
           "Part au travail à 7 h 40 tous les jours : prévenir la veille, jamais le matin même.", weight=9),
    Person("georges", "Georges Kerbrat", "fr", "", "01 99 00 55 18",
           "82 ans, entend mal au téléphone : parler lentement, dire le prix deux fois. Pas d’e-mail.", weight=6),
    Person("solene", "Solène Prigent", "fr", "solene.prigent@boite.example", "06 39 98 61 07",
           "Tandem avec son fils malvoyant. Il ne rentre pas dans l’ascenseur : aller le chercher.", weight=7),
    Person("bakary", "Bakary Camara", "fr", "bakary.camara@messagerie.example", "06 39 98 33 90",
           "Répare beaucoup lui-même, vient pour les outils et les conseils. Lui montrer plutôt que faire.", weight=8),
    Person("emily", "Emily O’Connor", "en", "emily.oconnor@mail.example", "06 39 98 70 45",
           "Teaches until 16:00, reads mail at lunch. Prefers English in writing, French at the counter.", weight=7),
    Person("theo", "Théo Vidal", "fr", "theo.vidal@poste.example", "06 39 98 25 31",
           "Deux enfants dans le cargo : la sécurité d’abord, le prix ensuite.", weight=7),
    Person("rohan", "Rohan Sharma", "en", "rohan.sharma@inbox.example", "06 39 98 88 12",
           "Rides to Orly for night shifts; lights and brakes must be ready by 20:00.", weight=5),
    Person("marie", "Marie-Charlotte de La Rochefoucauld-Montbel d’Estournelles de Saint-Hippolyte", "fr",
           "marie-charlotte.delarochefoucauld-montbel@messagerie.example", "",
           "Vélo de collection de 1954 : ne rien remplacer sans lui demander.", weight=3),
    Person("dispatch", "Yann Lopez", "fr", "regulation@rapido-coursiers.example", "06 39 98 40 01",
           "Régulateur : veut une heure, pas une explication.", "fleet", "Régulateur", weight=9),
    Person("accounts", "Béatrice Lambert", "fr", "compta@rapido-coursiers.example", "01 99 00 62 14",
           "Ne règle rien sans numéro de bon de commande.", "fleet", "Comptable", weight=4),
    Person("rider", "Moussa Diallo", "fr", "moussa.diallo@rapido-coursiers.example", "06 39 98 40 17", "",
           "fleet", "Coursier", weight=4),
    Person("rider_two", "Greta Larsen", "en", "greta.larsen@rapido-coursiers.example", "06 39 98 40 23", "",
           "fleet", "Rider", weight=3),
    Person("agency_book", "Margaux Fontaine", "fr", "groupes@paris-deux-roues.example", "01 99 00 71 30",
           "Confirmer par écrit, avec le nombre de casques enfant.", "agency", "Réservations", weight=5),
    Person("agency_guide", "Oliver Bennett", "en", "oliver@paris-deux-roues.example", "06 39 98 52 60", "",
           "agency", "Guide", weight=3),
    Person("claims", "Philippe Besnard", "fr", "sinistres@mutuelle-cyclistes.example", "01 99 00 80 44",
           "Dossiers : photos et numéro de cadre dans le premier message.", "insurer", "Gestionnaire", weight=4),
    # The same woman three times: at the counter she gave a number, and she has two addresses.
    Person("emilie", "Émilie Rousseau", "fr", "emilie.rousseau@courrier.example", "06 39 98 12 05", weight=2),
    Person("emilie_work", "Emilie ROUSSEAU", "fr", "e.rousseau@cabinet-rousseau.example", weight=1),
    Person("emilie_phone", "Mme Rousseau", "fr", "", "+33 6 39 98 12 05", weight=1),
)  # fmt: skip


def newcomer(draw: random.Random, language: str, number: int) -> Person:
    """Somebody never seen before; `number` keeps addresses apart."""
    french = language == "fr"
    first = draw.choice((_FIRST_FR if french else _FIRST_EN).split())
    last = draw.choice((_LAST_FR if french else _LAST_EN).split())
    shown = last.replace("-", " ") if last[0].islower() or last in ("Da-Silva", "Le-Gall") else last
    local = "".join(c for c in fold(f"{first}.{last}") if c.isalnum() or c in ".-")
    style = draw.random()
    if style < 0.25:
        local = f"{local}{draw.randrange(60, 99)}"
    elif style < 0.4:
        local = f"{local.split('.')[0][0]}.{local.split('.')[1]}"
    host = draw.choice(_HOSTS_FR if french else _HOSTS_EN)
    # 06 39 98 is kept free of subscribers for fiction.
    phone = f"06 39 98 {number // 100 % 100:02} {number % 100:02}" if draw.random() < 0.6 else ""
    return Person(f"new{number}", f"{first} {shown}", language, f"{local}{number if style > 0.9 else ''}@{host}", phone)
