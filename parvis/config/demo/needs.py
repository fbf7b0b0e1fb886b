"""The tree of needs of the demo, trunk to branch, in both languages (T12). Times are minutes of opening time."""

from dataclasses import dataclass

DAY = 480  # an opening day of the workshop


@dataclass(frozen=True)
class NeedLine:
    """A node: its place, its words, what is promised, and an answer given on the way where there is one."""

    slug: str
    parent: str
    fr: str
    en: str
    summary_fr: str = ""
    summary_en: str = ""
    answer_fr: str = ""
    answer_en: str = ""
    first_answer: int | None = None
    resolution: int | None = None
    team: str = ""
    priority: int = 2
    public: bool = True


ICONS = {
    "repair": "tool",
    "rent": "key",
    "buy": "bike",
    "fleet": "users",
    "invoice": "receipt",
    "unhappy": "lifebuoy",
    "other": "help-circle",
}
NEEDS = (
    NeedLine(
        "repair", "", "Faire réparer mon vélo", "Have my bicycle repaired",
        "Freins, roues, transmission, moteur : on regarde et on vous dit.",
        "Brakes, wheels, gears, motor: we look and tell you.",
        first_answer=120, resolution=3 * DAY, team="workshop",
    ),
    NeedLine(
        "puncture", "repair", "Une crevaison ou une roue voilée", "A puncture or a buckled wheel",
        "Souvent réparé dans l’heure.", "Often done within the hour.",
        "Passez sans rendez-vous : une chambre à air est changée en un quart d’heure, pour 14 € pièce et main-d’œuvre "
        "comprises.",
        "Just come by, no appointment needed: an inner tube is changed in a quarter of an hour, 14 € all in.",
        first_answer=60, resolution=DAY, team="workshop",
    ),
    NeedLine(
        "brakes", "repair", "Freins, vitesses, bruits", "Brakes, gears, noises",
        "Ça couine, ça saute, ça craque.", "It squeals, it skips, it creaks.",
        "Si vous ne freinez plus, ne roulez pas : amenez le vélo à la main, nous passons la sécurité en premier.",
        "If you can no longer brake, do not ride: walk it over, safety goes first here.",
        first_answer=120, resolution=2 * DAY, team="workshop",
    ),
    NeedLine(
        "electric", "repair", "Vélo électrique", "Electric bicycle",
        "Batterie, moteur, affichage, autonomie.", "Battery, motor, display, range.",
        first_answer=120, resolution=5 * DAY, team="workshop",
    ),
    NeedLine(
        "service", "repair", "Révision et entretien", "Service and maintenance",
        "Révision complète, remise en route, contrôle annuel.", "Full service, back on the road, yearly check.",
        "La révision complète prend une journée et coûte 79 €, pièces d’usure en plus. Rendez-vous sous huit jours.",
        "A full service takes a day and costs 79 €, worn parts extra. Appointments within eight days.",
        first_answer=240, resolution=4 * DAY, team="workshop",
    ),
    NeedLine(
        "repair-status", "repair", "Où en est ma réparation ?", "How is my repair coming along?",
        "Avec le numéro de la fiche, c’est plus rapide.", "With the number on your ticket it goes faster.",
        first_answer=60, resolution=DAY, team="workshop",
    ),
    NeedLine(
        "rent", "", "Louer un vélo", "Rent a bicycle",
        "À la journée ou au mois, à l’atelier ou gare de l’Est.", "By the day or the month, here or at Gare de l’Est.",
        first_answer=120, resolution=DAY, team="counter",
    ),
    NeedLine(
        "rent-book", "rent", "Réserver", "Book",
        "Vélo de ville, électrique, cargo, enfant.", "City, electric, cargo, child’s bicycle.",
        "Vélo de ville : 18 € la journée. Électrique : 39 €. Cargo : 55 €. Casque et antivol sont compris.",
        "City bicycle: 18 € a day. Electric: 39 €. Cargo: 55 €. Helmet and lock are included.",
        first_answer=120, resolution=DAY, team="counter",
    ),
    NeedLine(
        "rent-change", "rent", "Modifier ou annuler ma location", "Change or cancel my rental",
        "Gratuit jusqu’à la veille 18 h.", "Free until 18:00 the day before.",
        first_answer=120, resolution=DAY, team="counter",
    ),
    NeedLine(
        "rent-trouble", "rent", "Un souci pendant la location", "Trouble during my rental",
        "Panne, vol, accident : dites-nous où vous êtes.", "Breakdown, theft, accident: tell us where you are.",
        "Appelez-nous au +33 1 99 00 27 10 : nous venons avec un vélo de remplacement dans Paris intra-muros.",
        "Call us on +33 1 99 00 27 10: inside Paris we come out with a replacement bicycle.",
        first_answer=30, resolution=240, team="kiosk", priority=1,
    ),
    NeedLine(
        "buy", "", "Choisir, acheter, essayer", "Choose, buy, try",
        "Conseil sans engagement, occasions révisées.", "Advice without strings, second-hand bicycles serviced here.",
        first_answer=240, team="counter",
    ),
    NeedLine(
        "advice", "buy", "Un conseil pour choisir", "Advice on choosing",
        "Taille, usage, budget.", "Size, use, budget.",
        first_answer=240, team="counter",
    ),
    NeedLine(
        "order", "buy", "Une commande, une pièce", "An order, a part",
        "Disponibilité, délai, retrait.", "Availability, delivery time, collection.",
        first_answer=240, resolution=6 * DAY, team="counter",
    ),
    NeedLine(
        "fleet", "", "Entreprises et flottes", "Companies and fleets",
        "Entretien sur place, prêt de vélos, facture unique.", "On-site maintenance, loan bicycles, one invoice.",
        first_answer=90, resolution=3 * DAY, team="fleet",
    ),
    NeedLine(
        "fleet-repair", "fleet", "Un vélo de la flotte immobilisé", "A fleet bicycle out of service",
        "Enlèvement le jour même avant 14 h.", "Collected the same day before 14:00.",
        first_answer=45, resolution=DAY, team="fleet", priority=1,
    ),
    NeedLine(
        "partner", "fleet", "Partenaires : agences, assurances", "Partners: agencies, insurers",
        "Réservations de groupes, dossiers de sinistre.", "Group bookings, claims.",
        first_answer=120, resolution=2 * DAY, team="fleet", public=False,
    ),
    NeedLine(
        "invoice", "", "Facture, paiement, garantie", "Invoice, payment, warranty",
        "Duplicata, remboursement, prise en charge.", "Copies, refunds, claims under warranty.",
        first_answer=240, resolution=3 * DAY, team="counter",
    ),
    NeedLine(
        "warranty", "invoice", "Faire jouer la garantie", "A claim under warranty",
        "Réparations : six mois. Vélos : deux ans.", "Repairs are covered for six months, bicycles for two years.",
        first_answer=240, resolution=8 * DAY, team="workshop",
    ),
    NeedLine(
        "unhappy", "", "Je ne suis pas satisfait", "I am not happy",
        "Dites-le-nous : quelqu’un d’expérience vous répond.", "Tell us: somebody with experience answers you.",
        first_answer=60, resolution=DAY, team="counter", priority=1,
    ),
    NeedLine(
        "other", "", "Autre chose", "Something else",
        "Objet oublié, don de vélo, presse, candidature.", "Lost property, giving a bicycle, press, jobs.",
        first_answer=480, team="counter",
    ),
)  # fmt: skip
