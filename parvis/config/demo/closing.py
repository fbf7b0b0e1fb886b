"""What customers say once asked whether anything was forgotten, where a story does not say it itself."""

GOOD = {
    "fr": (
        "", "", "", "", "Tout est parfait, merci.", "Rien à redire.", "Accueil très agréable, je recommande.",
        "Rapide et clair.", "Merci pour les explications.", "Rien d’oublié, à bientôt !", "RAS, très bien.",
        "J’ai même appris à régler mes freins.", "Prix annoncé, prix payé. Merci.", "Une équipe en or.",
    ),
    "en": (
        "", "", "", "All good, thank you!", "Nothing forgotten.", "Quick and friendly.", "Lovely people.",
        "Exactly as promised.", "Will be back.",
    ),
}  # fmt: skip
BAD = {
    "fr": (
        ("La sonnette n’a pas été remise.", "Pardon ! Passez quand vous voulez, c’est une minute, et un café."),
        ("Vous deviez me renvoyer la facture.", "La voici, avec nos excuses : elle était restée en brouillon."),
        ("Le bruit est revenu au bout de trois jours.", "Revenez quand vous voulez : on reprend tout, sans frais."),
        ("On ne m’a pas rendu l’ancienne pièce.", "Elle est au comptoir, à votre nom. Merci de nous l’avoir dit."),
    ),
    "en": (
        ("The saddle height was changed and not put back.", "Sorry! Two minutes, any time, and coffee is on us."),
        ("I never got the receipt.", "Here it is now, with our apologies."),
        ("It still rattles a bit.", "Bring it back whenever it suits you, we go over it again at no charge."),
    ),
}
AFTERTHOUGHT = {
    "fr": (
        ("Merci encore, et bonne semaine !", ""),
        ("Au fait, vous vendez aussi des antivols ?", "Oui, de 29 à 89 €, et on vous montre lequel résiste vraiment."),
        (
            "Une dernière question : tous les combien faut-il graisser la chaîne ?",
            "Tous les 200 km, et après chaque pluie.",
        ),
    ),
    "en": (
        ("Thanks again, have a good week!", ""),
        ("One more thing: do you sell helmets for small heads?", "We do, from 51 cm. Come and try them on."),
    ),
}
NEWSLETTERS = (
    (
        "Salon du cycle : votre badge exposant",
        "Réservez votre badge avant vendredi : −20 % sur les stands.",
    ),
    (
        "Nouveautés transmission de saison",
        "Notre gamme 12 vitesses est disponible sous 48 h chez votre grossiste.",
    ),
    (
        "Ruptures annoncées : anticipez vos pneus 28 pouces",
        "Nos stocks de 28 × 1,75 seront limités jusqu’en février.",
    ),
    (
        "Webinaire : vendre l’assurance vol au comptoir",
        "Trente minutes, jeudi à 13 h. Inscription libre.",
    ),
    ("Fermeture annuelle de notre entrepôt", "Dernières expéditions le 22 décembre. Pensez à vos commandes."),
)
