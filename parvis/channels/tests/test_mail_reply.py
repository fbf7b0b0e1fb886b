"""What is new in a reply, and what is folded."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parvis.channels.domain.mail.reply import split_reply

NEW = "Bonjour,\nMerci, je passe jeudi.\nJean"
OLD = "Bonjour Jean,\nVotre vélo est prêt.\nL'atelier"


def _parts(text: str) -> tuple[str, str]:
    segments = split_reply(text)
    visible = "\n".join(segment.text for segment in segments if not segment.folded)
    return visible, "\n".join(segment.text for segment in segments if segment.folded)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


INTRODUCTIONS = [
    "Le lun. 3 juin 2024 à 14:05, L'atelier <atelier@example.fr> a écrit :",
    "Le 03/06/2024 à 14:05, L'atelier a écrit :",
    "Le 3 juin 2024 à 14:05, L'atelier a écrit\xa0:",
    "Le 3 juin 2024 à 14:05, L'atelier Vélo et Compagnie des Rives\n<atelier@une-longue-maison.example>\na écrit :",
    "Le mar. 4 juin 2024, à 08 h 15, X <x@example.ca> a\nécrit :",
    "L'atelier <atelier@example.fr> a écrit :",
    "L'atelier a écrit le 03/06/2024 14:05 :",
    "On Mon, Jun 3, 2024 at 2:05 PM Shop <shop@example.com> wrote:",
    "On Mon, Jun 3, 2024 at 2:05 PM Shop with a very long name <\nshop.with.a.long.address@example.com> wrote:",
    "Shop <shop@example.com> wrote on 6/3/2024:",
    "Am Mo., 3. Juni 2024 um 14:05 Uhr schrieb Laden <laden@example.de>:",
    "Laden <laden@example.de> schrieb am Mo., 3. Juni\n2024, 14:05:",
    "El lun, 3 jun 2024 a las 14:05, Tienda (<t@example.es>) escribió:",
    "Il giorno lun 3 giu 2024 alle ore 14:05 X <x@example.it> ha scritto:",
    "Op ma 3 jun. 2024 om 14:05 schreef X <x@example.nl>:",
    "Em seg., 3 de jun. de 2024 às 14:05, X <x@example.pt> escreveu:",
    "pon., 3 cze 2024 o 14:05 X <x@example.pl> napisał(a):",
    "пн, 3 июн. 2024 г. в 14:05, X <x@example.ru>:",
    "2024-06-03 14:05 GMT+02:00 X <x@example.com>:",
    "2024年6月3日(月) 14:05 X <x@example.jp>:",
    "X <x@example.cn> 于2024年6月3日周一 14:05写道：",
    "\u202bבתאריך יום ב׳, 3 ביוני 2024 ב-14:05 מאת \u202aX\u202c\u200f <\u202ax@example.il\u202c\u200f>:\u202c",
    "On Tue, Apr 11, 2017 at 10:07 PM X Y\n\n<\nmailto:X Y <x@example.com>\n> wrote:",
    "---- Shop wrote ----",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_what_an_introduction_opens_is_folded(introduction: str) -> None:
    for old in (_quoted(OLD), OLD):
        visible, folded = _parts(f"{NEW}\n\n{introduction}\n\n{old}")
        assert visible == NEW
        assert folded.strip() == f"{introduction}\n\n{old}"


BLOCKS = [
    "-----Message d'origine-----\nDe : L'atelier",
    "-------- Message original --------",
    "----- Mail original -----\nDe: A <a@example.fr>",
    "-----Original Message-----",
    "________________________________\nDe : A <a@example.fr>\nEnvoyé : lundi 3 juin 2024\nÀ : Jean\nObjet : RE: vélo",
    "De : A <a@example.fr>\n\nEnvoyé : lundi 3 juin 2024\n\nÀ : Jean\n\nObjet : RE: vélo",
    "envoyé : 3 juin 2024 à 14:05\nde : A <a@example.fr>\nà : jean@example.fr\nobjet : vélo",
    "> Message du 03/06/24 14:05\n> De : a@example.fr\n> A : jean@example.fr\n> Objet : vélo\n>",
    "*From:* A <a@example.com>\n*Sent:* Monday, June 3, 2024\n*To:* Jean\n*Subject:* bike",
    "Von: A <a@example.de>\nGesendet: Montag, 3. Juni 2024\nAn: Jean\nBetreff: Rad",
    "---------- Forwarded message ---------\nFrom: A <a@example.com>",
    "Début du message transféré :",
    "Répondez au-dessus de cette ligne pour ajouter un message",
    "Envoyé de mon iPhone",
    "Envoyé depuis mon mobile Orange",
    "Envoyé à partir d'Outlook pour iOS",
    "Obtenir Outlook pour Android<https://aka.ms/x>",
    "Provenance : Courrier pour Windows",
    "Sent from my Galaxy",
    "-- \nJean Dupont\n06 00 00 00 00",
    "--\nJean",
    "—————\nJean Dupont\nMenuisier",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_old_mail_and_signatures_are_folded(block: str) -> None:
    visible, folded = _parts(f"{NEW}\n\n{block}")
    assert visible == NEW
    assert folded.strip() == block


KEPT = [
    NEW,
    "Je voudrais partir :\nDe : Paris\nÀ : Lyon\nDate : 12 mai\nMerci",
    "Le 12 mai votre collègue m'a écrit :\nvotre vélo est prêt.\nEst-ce vrai ?",
    "On Monday 12 my colleague wrote to you about:\n- the bike\n- the lock",
    "Nouveau message :\n=========\nNom: Orberer\nEmail: o@example.fr\nMessage: bonjour",
    "Demande :\n---------\nNom : Dupont\nDate : 12/05",
    "Sent from my desk, which is easier than my phone.",
    "Envoyé de mon plein gré, ce mail est important.",
    "-- un premier point\n-- un second point\nMerci !",
    "Mon avis -- en deux mots -- est bon.",
    "> une phrase que je cite\n\net ma réponse dessous",
    "Cordialement,\nJean",
    "--\nJean Dupont\n06 00 00 00 00",  # nothing but a signature: it is the message
    "",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_a_customer_wrote_stays_visible(text: str) -> None:
    assert _parts(text) == (text, "")


def test_answers_below_a_quotation_are_found() -> None:
    visible, folded = _parts(f"Le 03/06/2024 à 14:05, A <a@e.fr> a écrit :\n{_quoted(OLD)}\n\n{NEW}")
    assert visible.strip() == NEW
    assert folded.endswith("> L'atelier")


def test_answers_between_quotations_stay_with_what_they_answer() -> None:
    text = "Le 03/06/2024 à 14:05, A <a@e.fr> a écrit :\n> Quand ?\n\nJeudi.\n\n> Combien ?\n\nDeux.\n\n> Merci"
    visible, folded = _parts(text)
    assert [line for line in visible.split("\n") if line] == ["> Quand ?", "Jeudi.", "> Combien ?", "Deux."]
    assert "a écrit" in folded
    assert "> Merci" in folded


def test_a_line_wrapped_out_of_a_quotation_belongs_to_it() -> None:
    old = "> A ce jour, le montant à devoir, permettant de solder votre\ncotisation, est de 12 euros.\n> Merci"
    visible, _ = _parts(f"{NEW}\n\nLe 03/06/2024 à 14:05, A <a@e.fr> a écrit :\n{old}")
    assert visible == NEW


@pytest.mark.parametrize("above", ["", "FYI\n\n", "Pour info\n\n", "Envoyé de mon iPhone\n\n"])
def test_a_forward_without_a_word_of_ones_own_stays_visible(above: str) -> None:
    forward = f"---------- Message transféré ---------\nDe : A <a@e.fr>\nObjet : vélo\n\n{OLD}"
    assert _parts(above + forward) == (above + forward, "")
    quoted = f"{above}> Begin forwarded message:\n>\n> From: A <a@e.fr>\n> Date: 3 Jun\n> Subject: x\n>\n> {OLD[:20]}"
    assert _parts(quoted) == (quoted, "")


def test_a_reply_of_nothing_but_a_quotation_is_empty() -> None:
    assert _parts(_quoted(OLD)) == ("", _quoted(OLD))


_PIECES = st.sampled_from(
    [
        *INTRODUCTIONS,
        *BLOCKS,
        *KEPT,
        NEW,
        OLD,
        _quoted(OLD),
        "",
        " ",
        "> ",
        ">",
        "--",
        "-- ",
        "***",
        "\t",
        "\x0c",
        "a\u2028b",
    ]
)


@given(st.lists(st.one_of(_PIECES, st.text(max_size=40)), max_size=12), st.sampled_from(["\n", "\n\n"]))
def test_no_line_is_lost_doubled_or_moved(pieces: list[str], joint: str) -> None:
    text = joint.join(pieces)
    segments = split_reply(text)
    assert [line for segment in segments for line in segment.lines] == text.split("\n")
    flags = [segment.folded for segment in segments]
    assert all(one != other for one, other in pairwise(flags))


@pytest.mark.parametrize(
    "unit",
    ["> x\ny\n", "From: x\n", "From: x\nTo: y\n\n", "On 1/1/2020 x wrote:\n", "--\n", "a@", "Le ", "wrote ", "_", "> "],
)
def test_time_grows_with_the_length_only(unit: str) -> None:
    text = unit * (400_000 // len(unit))
    started = time.process_time()
    split_reply(text)
    assert time.process_time() - started < 6  # seconds; a quadratic step takes minutes
