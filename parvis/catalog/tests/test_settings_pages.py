import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from parvis.catalog.models import Business, Need, Site, SiteMember, Text, Touchpoint
from parvis.catalog.selectors import logo
from parvis.catalog.services import need_save
from parvis.ledger.models import Entry
from parvis.staff.domain.viewer import Viewer
from parvis.staff.models import Member
from tests.world import World

HOUSE = Viewer.house()


@pytest.fixture
def sign_in(client: Client) -> Any:
    """A function that signs one of the cast in and returns the client."""

    def as_(member: Member, language: str = "en") -> Client:
        Member.objects.filter(pk=member.pk).update(language=language)
        client.force_login(member, backend="parvis.staff.sessions.Backend")
        return client

    return as_


def addresses(world: World) -> list[tuple[str, str]]:
    """Every page of the house's settings: (method, address)."""
    need, site, mailbox, person = world.repair.pk, world.canal.pk, world.mailbox.pk, world.agent.pk
    return [
        ("get", reverse("settings_business")),
        ("post", reverse("settings_brand")),
        ("get", reverse("settings_brand_preview")),
        ("post", reverse("settings_logo_remove")),
        ("get", reverse("settings_sites")),
        ("get", reverse("settings_site_new")),
        ("get", reverse("settings_site", args=[site])),
        ("post", reverse("settings_site_hours", args=[site])),
        ("post", reverse("settings_hours_preview", args=[site])),
        ("post", reverse("settings_day_set", args=[site])),
        ("post", reverse("settings_day_remove", args=[site, "2026-12-24"])),
        ("post", reverse("settings_site_active", args=[site])),
        ("get", reverse("settings_touchpoint_new", args=[site])),
        ("get", reverse("settings_touchpoint", args=[mailbox])),
        ("get", reverse("settings_person_sites", args=[person])),
        ("get", reverse("settings_needs")),
        ("get", reverse("settings_need_new")),
        ("post", reverse("settings_answer_preview")),
        ("get", reverse("settings_need", args=[need])),
        ("post", reverse("settings_need_move", args=[need])),
        ("post", reverse("settings_need_active", args=[need])),
        ("get", reverse("settings_texts")),
        ("get", reverse("settings_text", args=["greeting"])),
        ("post", reverse("settings_text_preview", args=["greeting"])),
        ("post", reverse("settings_text_reset", args=["greeting"])),
    ]


def hours_form(**days: list[tuple[str, str]]) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for day, spans in days.items():
        data[f"{day}_from"] = [start for start, __ in spans]
        data[f"{day}_to"] = [end for __, end in spans]
    return data


# Who may -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["agent", "lead", "outsider"])
def test_only_managers_open_the_settings_of_the_house(world: World, sign_in: Any, who: str) -> None:
    client = sign_in(getattr(world, who))
    before = Entry.objects.count()
    for method, address in addresses(world):
        assert getattr(client, method)(address).status_code == 403, address
    assert Entry.objects.count() == before


def test_every_address_of_the_settings_is_in_the_list_of_the_test_above(world: World) -> None:
    from parvis.catalog.urls import urlpatterns

    assert len(addresses(world)) == len(urlpatterns)


def test_visitors_are_sent_to_the_sign_in(world: World, client: Client) -> None:
    for method, address in addresses(world):
        response = getattr(client, method)(address)
        assert response.status_code == 302, address
        assert response.url.startswith("/accounts/login/")


def test_a_manager_of_another_site_sees_none_of_ours(world: World, sign_in: Any) -> None:
    Member.objects.filter(pk=world.outsider.pk).update(role="manager")
    client = sign_in(world.outsider)
    assert "Canal" not in client.get(reverse("settings_sites")).content.decode().replace("Atelier du Canal", "")
    site, mailbox = world.canal.pk, world.mailbox.pk
    missing = 999_999
    pairs = [
        ("get", "settings_site", site),
        ("post", "settings_site", site),
        ("post", "settings_site_hours", site),
        ("post", "settings_hours_preview", site),
        ("post", "settings_day_set", site),
        ("post", "settings_site_active", site),
        ("get", "settings_touchpoint_new", site),
        ("post", "settings_touchpoint_new", site),
        ("get", "settings_touchpoint", mailbox),
        ("post", "settings_touchpoint", mailbox),
    ]
    for method, name, pk in pairs:
        ours, none = (getattr(client, method)(reverse(name, args=[key])) for key in (pk, missing))
        assert (ours.status_code, none.status_code) == (404, 404), name
        assert ours.content.decode().count("Canal") == none.content.decode().count("Canal")
    assert Site.objects.get(pk=site).hours == world.canal.hours


# The house and its brand ---------------------------------------------------------------------------------------------
def test_a_manager_changes_the_house(world: World, sign_in: Any) -> None:
    client = sign_in(world.manager)
    data = {
        "name": "Atelier du <b>Canal</b>",
        "languages": "en,fr",
        "country": "BE",
        "timezone": "Europe/Brussels",
        "follow_up_hours": "48",
    }
    assert client.post(reverse("settings_business"), data).status_code == 302
    house = Business.objects.get()
    assert (house.name, house.languages, house.country) == ("Atelier du <b>Canal</b>", ["en", "fr"], "BE")
    page = client.get(reverse("settings_business")).content.decode()
    assert "<b>Canal" not in page
    assert "&lt;b&gt;Canal" in page


def test_what_cannot_be_saved_stays_as_it_was_typed(world: World, sign_in: Any) -> None:
    data = {
        "name": "Atelier",
        "languages": "en,fr",
        "country": "FR",
        "timezone": "Europe/Paris",
        "follow_up_hours": "100000",
    }
    response = sign_in(world.manager).post(reverse("settings_business"), data)
    assert response.status_code == 422
    assert 'value="100000"' in response.content.decode()
    assert Business.objects.get().name == "Atelier du Canal"


def brand_form(**changes: Any) -> dict[str, Any]:
    return {
        "accent": "#b4530a",
        "headings": "sans",
        "logo_height": "48",
        "greeting_en": "Welcome",
        "greeting_fr": "Bienvenue",
        **changes,
    }


def test_a_logo_and_a_colour_become_the_brand(world: World, sign_in: Any) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 100), "teal").save(out, "JPEG")
    upload = SimpleUploadedFile("logo.jpg", out.getvalue(), "image/jpeg")
    client = sign_in(world.manager)
    assert client.post(reverse("settings_brand"), brand_form(logo=upload)).status_code == 302
    assert (logo() or (b"", ""))[1] == "image/png"
    css = client.get(reverse("brand_css")).content.decode()
    assert "--logo-height: 48px" in css
    assert "--headings: var(--sans)" in css
    client.post(reverse("settings_logo_remove"))
    assert logo() is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("logo.png", b"<html><script>alert(1)</script></html>"),
        ("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ],
)
def test_what_is_no_picture_is_refused_as_a_logo(world: World, sign_in: Any, name: str, content: bytes) -> None:
    upload = SimpleUploadedFile(name, content, "image/png")
    response = sign_in(world.manager).post(reverse("settings_brand"), brand_form(logo=upload))
    assert response.status_code == 422
    assert "not a PNG, JPEG or WebP" in response.content.decode()
    assert logo() is None


@pytest.mark.parametrize("accent", ["red", "#12", "#000000;}body{display:none", "url(https://x.example)"])
def test_a_colour_that_is_none_reaches_no_stylesheet(world: World, sign_in: Any, accent: str) -> None:
    client = sign_in(world.manager)
    assert client.post(reverse("settings_brand"), brand_form(accent=accent)).status_code == 422
    preview = client.get(reverse("settings_brand_preview"), {"accent": accent}).content.decode()
    assert accent not in preview
    assert accent not in client.get(reverse("brand_css")).content.decode()


# Sites ---------------------------------------------------------------------------------------------------------------
def test_hours_are_saved_from_pairs_of_fields(world: World, sign_in: Any) -> None:
    data = hours_form(mon=[("09:00", "12:30"), ("14:00", "18:00")], sat=[("18:00", "02:00")], sun=[("", "")])
    address = reverse("settings_site_hours", args=[world.canal.pk])
    assert sign_in(world.manager).post(address, data).status_code == 302
    assert Site.objects.get(pk=world.canal.pk).hours == {
        "mon": [["09:00", "12:30"], ["14:00", "18:00"]],
        "sat": [["18:00", "02:00"]],
    }


def test_hours_that_overlap_come_back_with_a_word_at_their_day(world: World, sign_in: Any) -> None:
    data = hours_form(tue=[("09:00", "12:30"), ("12:00", "18:00")])
    client = sign_in(world.manager, "fr")
    response = client.post(reverse("settings_site_hours", args=[world.canal.pk]), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "09:00–12:30 et 12:00 se chevauchent" in page
    assert 'value="12:00"' in page
    assert Site.objects.get(pk=world.canal.pk).hours == world.canal.hours


def test_the_preview_says_what_the_door_would_say_and_saves_nothing(world: World, sign_in: Any) -> None:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    data = hours_form(**{day: [("00:00", "00:00")] for day in days})
    response = sign_in(world.manager).post(reverse("settings_hours_preview", args=[world.canal.pk]), data)
    assert "168 h" in response.content.decode()
    assert Site.objects.get(pk=world.canal.pk).hours == world.canal.hours


def test_a_day_that_differs_is_added_and_taken_out(world: World, sign_in: Any) -> None:
    client = sign_in(world.manager)
    data = {
        "day": "2026-12-24",
        "kind": "other",
        "note": "Réveillon <script>",
        "day_from": ["09:00", ""],
        "day_to": ["16:00", ""],
    }
    client.post(reverse("settings_day_set", args=[world.canal.pk]), data)
    assert Site.objects.get(pk=world.canal.pk).exceptional_days == {
        "2026-12-24": {"spans": [["09:00", "16:00"]], "note": "Réveillon <script>"}
    }
    client.post(reverse("settings_day_remove", args=[world.canal.pk, "2026-12-24"]))
    assert Site.objects.get(pk=world.canal.pk).exceptional_days == {}


def test_other_hours_without_hours_are_asked_for(world: World, sign_in: Any) -> None:
    data = {"day": "2026-12-24", "kind": "other", "day_from": ["", ""], "day_to": ["", ""]}
    response = sign_in(world.manager).post(reverse("settings_day_set", args=[world.canal.pk]), data)
    assert response.status_code == 422
    assert "Say from when to when." in response.content.decode()


def test_a_mailbox_is_added_by_dialog(world: World, sign_in: Any) -> None:
    client = sign_in(world.manager)
    address = reverse("settings_touchpoint_new", args=[world.canal.pk])
    data = {"channel": "email", "name": "SAV", "address": "sav@canal.example", "team_id": "", "is_active": "on"}
    response = client.post(address, data, headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"].startswith(reverse("settings_site", args=[world.canal.pk]))
    assert Touchpoint.objects.get(address="sav@canal.example").site_id == world.canal.pk
    again = client.post(address, data, headers={"HX-Request": "true"})
    assert again.status_code == 422
    assert "Another mailbox has this address." in again.content.decode()


def test_the_last_site_in_use_is_kept_with_a_word(world: World, sign_in: Any) -> None:
    client = sign_in(world.administrator)
    client.post(reverse("settings_site_active", args=[world.gare.pk]), {"active": "0"})
    response = client.post(reverse("settings_site_active", args=[world.canal.pk]), {"active": "0"})
    assert "The house needs a site that is in use." in response.content.decode()
    assert list(Site.objects.filter(is_active=True)) == [world.canal]


def test_an_administrator_says_where_somebody_works(world: World, sign_in: Any) -> None:
    client, address = sign_in(world.administrator), reverse("settings_person_sites", args=[world.agent.pk])
    response = client.post(address, {"sites": [world.gare.pk]}, headers={"HX-Request": "true"})
    assert "Saved." in response.content.decode()
    assert list(SiteMember.objects.filter(member=world.agent).values_list("site_id", flat=True)) == [world.gare.pk]
    manager = sign_in(world.manager)
    assert manager.post(address, {"sites": []}).status_code == 403


# Needs ---------------------------------------------------------------------------------------------------------------
def need_form(**changes: str) -> dict[str, str]:
    return {"name_en": "Brakes", "name_fr": "Freins", "priority": "2", "is_public": "on", **changes}


def test_a_need_is_added_under_another_and_inherits_from_it(world: World, sign_in: Any) -> None:
    client = sign_in(world.manager)
    data = need_form(parent_id=str(world.repair.pk), resolution_minutes="1 h 30", icon="bike")
    assert client.post(reverse("settings_need_new"), data).status_code == 302
    need = Need.objects.get(slug="brakes")
    assert (need.parent_id, need.resolution_minutes, need.icon) == (world.repair.pk, 90, "bike")
    page = client.get(reverse("settings_needs")).content.decode()
    assert "inherits 2 h from Repair" in page
    assert "1 h 30" in page


def test_a_need_moves_by_htmx_and_the_tree_comes_back(world: World, sign_in: Any) -> None:
    second = need_save(viewer=HOUSE, name={"en": "Buy"})
    address = reverse("settings_need_move", args=[second.pk])
    tree = sign_in(world.manager).post(address, {"step": "-1"}, headers={"HX-Request": "true"}).content.decode()
    assert tree.index("Buy") < tree.index("Repair")


def test_a_need_no_longer_offered_can_be_brought_back_from_the_toast(world: World, sign_in: Any) -> None:
    client, address = sign_in(world.manager), reverse("settings_need_active", args=[world.repair.pk])
    response = client.post(address, {"active": "0"}, headers={"HX-Request": "true"})
    assert f"{address}?undo" in response.headers["HX-Trigger"]
    assert not Need.objects.get(pk=world.repair.pk).is_active
    client.post(f"{address}?undo", headers={"HX-Request": "true"})
    assert Need.objects.get(pk=world.repair.pk).is_active


def test_names_and_answers_with_markup_are_shown_as_text(world: World, sign_in: Any) -> None:
    attack = "<img src=x onerror=alert(1)>"
    need_save(viewer=HOUSE, name={"en": attack, "fr": attack}, answer={"en": attack})
    client = sign_in(world.manager)
    page = client.get(reverse("settings_needs")).content.decode()
    assert attack not in page
    preview = client.post(reverse("settings_answer_preview"), {"answer_en": attack}).content.decode()
    assert attack not in preview


@pytest.mark.parametrize(
    ("field", "value"),
    [("first_answer_minutes", "soon"), ("parent_id", "999999"), ("icon", "../../x"), ("name_en", "x" * 81)],
)
def test_what_a_need_cannot_be_is_refused(world: World, sign_in: Any, field: str, value: str) -> None:
    before = Need.objects.count()
    assert sign_in(world.manager).post(reverse("settings_need_new"), need_form(**{field: value})).status_code == 422
    assert Need.objects.count() == before


# Texts ---------------------------------------------------------------------------------------------------------------
def text_form(**changes: str) -> dict[str, str]:
    parts = {"subject_en": "Thanks", "subject_fr": "Merci", "body_en": "By {due}", "body_fr": "Pour {due}"}
    return {**parts, **changes}


def test_a_text_is_rewritten_previewed_and_put_back(world: World, sign_in: Any) -> None:
    client, address = sign_in(world.manager), reverse("settings_text", args=["greeting"])
    preview = client.post(reverse("settings_text_preview", args=["greeting"]), text_form()).content.decode()
    assert "By Thursday 26 November at 14:00" in preview
    assert not Text.objects.exists()
    assert client.post(address, text_form()).status_code == 302
    assert Text.objects.get().body == {"en": "By {due}", "fr": "Pour {due}"}
    client.post(reverse("settings_text_reset", args=["greeting"]))
    assert not Text.objects.exists()


def test_an_unknown_placeholder_is_said_in_its_language_and_nothing_is_saved(world: World, sign_in: Any) -> None:
    client = sign_in(world.manager, "fr")
    response = client.post(reverse("settings_text", args=["greeting"]), text_form(body_fr="Bonjour {prenom}"))
    assert response.status_code == 422
    assert "{prenom} ne veut rien dire ici" in response.content.decode()
    assert not Text.objects.exists()


def test_markup_in_a_text_is_shown_as_text(world: World, sign_in: Any) -> None:
    data = text_form(body_en="<script>alert(1)</script> {due}")
    preview = sign_in(world.manager).post(reverse("settings_text_preview", args=["greeting"]), data)
    assert "<script>" not in preview.content.decode()


# What a page costs ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["settings_sites", "settings_needs", "settings_texts", "settings_business"])
def test_a_page_is_a_handful_of_queries_however_much_there_is(
    world: World, sign_in: Any, name: str, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(world.manager)
    for number in range(15):
        need_save(viewer=HOUSE, name={"en": f"Need {number}"}, parent_id=world.repair.pk)
    with django_assert_max_num_queries(12):
        assert client.get(reverse(name)).status_code == 200
