"""What the styleguide shows: an invented repair shop, its people and their words, in both languages.

These are samples, not texts of the product: they are picked by language here and stay out of the catalogues.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse

from parvis.toolkit.brand import DEFAULT_ACCENT
from parvis.web.styleguide.conversations import PEOPLE, chips, conversation, customer, either, rows, today

Sample = dict[str, Any]
STAGES = ("welcome", "understand", "serve", "follow_up", "open_door")


def shell(query: QueryDict) -> Sample:
    """rail, shell and brand, as the real context processor gives them."""
    accent = query.get("accent", DEFAULT_ACCENT.lstrip("#")).lstrip("#")
    return {
        "theme": query.get("theme", ""),
        "rail": rail(),
        "shell": {
            "search_url": reverse("styleguide_search"),
            "profile_url": "#profile",
            "theme_url": reverse("styleguide_accept"),
            "signout_url": reverse("styleguide_accept"),
            "person": {"id": 3, "name": "Nadège Kerouédan", "email": "nadege@aubertin.example"},
        },
        "brand": {
            "name": "Maison Aubertin",
            "css_url": f"{reverse('styleguide_brand')}?accent={accent}",
            "home_url": reverse("styleguide"),
            "address": "14 bis, quai des Tanneurs, 38000 Grenoble",
            "hours": either(
                "Tuesday to Saturday, 9:00–12:30 and 14:00–19:00", "Du mardi au samedi, 9 h–12 h 30 et 14 h–19 h"
            ),
            "phone": "+33 4 56 00 12 34",
            "greeting": either("Welcome to the workshop", "Bienvenue à l’atelier"),
            "staff_greeting": either("The workshop is open. Come in.", "L’atelier est ouvert. Entrez."),
        },
    }


def rail() -> list[Sample]:
    """The staff's rail, the inbox being open."""
    items = [
        ("sun", either("Today", "Aujourd’hui"), "today", "g t", 3, False),
        ("inbox", either("Inbox", "Boîte"), "inbox", "g i", 124, False),
        ("phone-plus", either("Log", "Noter"), "form", "c", 0, True),
        ("users", either("Customers", "Clients"), "index", "g c", 0, False),
        ("send", either("Outbox", "Envois"), "index", "g o", 1, False),
        ("mail", either("Mail", "Courrier"), "index", "g m", 0, False),
        ("settings", either("Settings", "Réglages"), "index", "g s", 0, False),
    ]
    return [
        {
            "icon": icon,
            "label": label,
            "url": reverse("styleguide_page", args=[name]),
            "key": key,
            "count": count,
            "active": name == "inbox",
            "dialog": dialog,
            "round": dialog,
        }
        for icon, label, name, key, count, dialog in items
    ]


def page(name: str, query: QueryDict) -> Sample:
    """What one page of the guide needs beside the shell."""
    if name == "error":
        return {"status": int(query.get("status", "404")), "reference": "K7-3F9Q"}
    context = {
        "rows": rows(),
        "views": views(),
        "stages": list(zip(STAGES, ("done", "done", "current", "todo", "todo"), strict=True)),
        "stages_skipped": list(zip(STAGES, ("done", "skipped", "done", "current", "todo"), strict=True)),
        "messages_shown": conversation(),
        "customer": customer(),
        "chips": chips(),
        "needs": needs(),
        "people": PEOPLE,
        "figures": figures(),
        "today": today(),
        "show": query.get("show", "thread"),
    }
    # A form that opens over a page has ids of its own: the page may hold fields of the same names.
    ids = "dialog_%s" if name == "form" else "id_%s"
    context["form"] = SampleForm({"email": "nadege@", "kind": "repair"} if name == "index" else None, auto_id=ids)
    return context


def views() -> list[Sample]:
    """Saved views of the inbox."""
    named = [
        (either("Mine", "À moi"), 12, True),
        (either("Unassigned", "Sans personne"), 8, False),
        (either("At risk", "À risque"), 3, False),
        (either("All", "Toutes"), 1240, False),
        (either("Waiting for the customer", "En attente du client"), 31, False),
    ]
    return [
        {"label": label, "count": count, "active": active, "url": "#", "key": f"v {i}"}
        for i, (label, count, active) in enumerate(named, 1)
    ]


def needs() -> list[Sample]:
    """The first branches of the tree of needs."""
    told = [
        (
            "tool",
            either("A repair", "Une réparation"),
            either(
                "Brakes, gears, wheels, batteries. Ready on the day we say.",
                "Freins, vitesses, roues, batteries. Prêt le jour dit.",
            ),
        ),
        (
            "bike",
            either("A new bicycle", "Un nouveau vélo"),
            either("Try one, have yours adjusted, trade one in.", "Essayer, faire régler, faire reprendre."),
        ),
        (
            "clipboard-list",
            either("Where is my repair?", "Où en est ma réparation ?"),
            either("With the number on your ticket.", "Avec le numéro de votre bon."),
        ),
        (
            "receipt",
            either("An invoice", "Une facture"),
            either("A copy, or something that does not add up.", "Un double, ou une somme qui étonne."),
        ),
        (
            "lifebuoy",
            either("Something went wrong", "Quelque chose s’est mal passé"),
            either("Tell us. We call you back today.", "Dites-le-nous. Nous rappelons aujourd’hui."),
        ),
        (
            "message-circle",
            either("Something else", "Autre chose"),
            either("Write as you would speak at the counter.", "Écrivez comme au comptoir."),
        ),
    ]
    return [{"icon": icon, "label": label, "text": text, "url": "#"} for icon, label, text in told]  # fmt: skip


def figures() -> list[tuple[str, str, int, int, str]]:
    """Site, person in charge, promises, kept, share: a table with numbers."""
    return [
        ("Grenoble, quai des Tanneurs", "Nadège Kerouédan", 412, 391, "94.9 %"),
        ("Saint-Martin-d’Hères", "Łukasz Wójcik", 187, 171, "91.4 %"),
        ("Villard-de-Lans (hiver)", "Marie-Christine de La Rochefoucauld-Montbrun", 9, 9, "100.0 %"),
    ]


def toast(level: str) -> Sample:
    """A toast of that level; "undo" for a sent reply."""
    said = {
        "success": either("Assigned to Łukasz Wójcik.", "Confié à Łukasz Wójcik."),
        "warning": either("Hélène wrote while you were typing.", "Hélène a écrit pendant que vous répondiez."),
        "error": either("The mail server does not answer.", "Le serveur de courrier ne répond pas."),
        "undo": either("Reply on its way.", "Réponse en route."),
    }
    detail = {"text": said.get(level, said["success"]), "level": "success" if level == "undo" else level}
    return {**detail, "undo_url": reverse("styleguide_accept")} if level == "undo" else detail


def found(words: str) -> list[Sample]:
    """Sample people whose name contains the words."""
    return [{"name": name, "id": key} for key, name in PEOPLE if words and words.casefold() in name.casefold()]


class SampleForm(forms.Form):
    """One field of each kind; with data it shows its errors."""

    name = forms.CharField(label="", max_length=120)
    email = forms.EmailField(label="")
    channel = forms.ChoiceField(label="", required=False, widget=forms.RadioSelect, initial="phone")
    kind = forms.ChoiceField(label="", widget=forms.Select)
    matters = forms.CharField(label="", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    due = forms.DateField(label="", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    days = forms.MultipleChoiceField(label="", required=False, widget=forms.CheckboxSelectMultiple)
    news = forms.BooleanField(label="", required=False, initial=True)

    def __init__(self, data: Sample | None = None, auto_id: str = "id_%s") -> None:
        super().__init__(data, auto_id=auto_id)
        texts = {
            "name": either("Who is it?", "Qui est-ce ?"),
            "email": either("E-mail address", "Adresse e-mail"),
            "channel": either("How did they come?", "Par où ?"),
            "kind": either("What do they need?", "De quoi ont-ils besoin ?"),
            "matters": either("In their words", "Dans leurs mots"),
            "due": either("Promised for", "Promis pour le"),
            "days": either("Days that suit", "Jours possibles"),
            "news": either("Tell them of every step", "Prévenir à chaque étape"),
        }
        for name, label in texts.items():
            self.fields[name].label = label
        self.fields["email"].help_text = either(
            "The confirmation goes there, and nothing else.", "La confirmation y est envoyée, et rien d’autre."
        )
        self.fields["channel"].choices = [  # type: ignore[attr-defined]
            ("phone", either("Telephone", "Téléphone")),
            ("counter", either("Counter", "Comptoir")),
            ("letter", either("Letter", "Courrier")),
        ]
        kinds = [("", "…"), ("repair", either("A repair", "Une réparation"))]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        days = [("tue", either("Tuesday", "Mardi")), ("wed", either("Wednesday", "Mercredi"))]
        self.fields["days"].choices = days  # type: ignore[attr-defined]
