import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from parvis.catalog.services import business_save, need_save, site_save
from parvis.channels.models import OutMail
from parvis.desk.models import Attachment, Message
from parvis.desk.portal.tokens import FORM_SALT, form_stamp
from parvis.desk.portal.uploads import MAX_FILES
from parvis.desk.services.letters import ENCOUNTER_SALT
from parvis.encounters.models import Encounter
from parvis.staff.domain.viewer import Viewer
from tests.world import World

HOUSE = Viewer.house()
THURSDAY = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def visitor(world: World, client: Client) -> Client:
    """Somebody at the customers' entrance, whose browser speaks French."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr-FR"
    site_save(viewer=HOUSE, site_id=world.gare.pk, is_active=False)
    return client


def stamp_aged(seconds: float) -> str:
    """The stamp of a form that was opened so long ago."""
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds), tick=False):
        return form_stamp()


def form(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Zoé Martin",
        "email": "zoe@exemple.example",
        "message": "Mes freins grincent.",
        "stamp": stamp_aged(60),
        **changes,
    }


def text(response: Any) -> str:
    return response.content.decode()


# The tree ------------------------------------------------------------------------------------------------------------
def test_the_trunk_comes_first_and_hidden_branches_never(world: World, visitor: Client) -> None:
    need_save(viewer=HOUSE, name={"fr": "Freins", "en": "Brakes"}, parent_id=world.repair.pk)
    hidden = need_save(viewer=HOUSE, name={"fr": "Affaire interne", "en": "Internal"}, is_public=False)
    below = need_save(viewer=HOUSE, name={"fr": "Sous interne", "en": "Below"}, parent_id=hidden.pk)
    page = text(visitor.get(reverse("portal")))
    assert "Réparation" in page
    assert "interne" not in page
    for need in (hidden, below):
        assert visitor.get(reverse("portal_need", args=[need.slug])).status_code == 404


def test_a_need_with_nothing_more_to_ask_leads_to_the_form(world: World, visitor: Client) -> None:
    assert f"{reverse('portal_contact')}?need=repair" in text(visitor.get(reverse("portal")))
    response = visitor.get(reverse("portal_need", args=["repair"]))
    assert response.url == f"{reverse('portal_contact')}?need=repair"


def test_an_answer_is_offered_and_leads_out_or_to_the_form(world: World, visitor: Client) -> None:
    need_save(viewer=HOUSE, need_id=world.repair.pk, answer={"fr": "Passez **sans rendez-vous**."})
    address = reverse("portal_need", args=["repair"])
    page = text(visitor.get(address))
    assert "<strong>sans rendez-vous</strong>" in page
    assert "Cela vous a-t-il aidé\xa0?" in page
    assert "Nous en sommes ravis." in text(visitor.get(f"{address}?helped"))


def test_the_portal_speaks_the_browsers_language_until_switched(world: World, visitor: Client) -> None:
    assert "Comment pouvons-nous vous aider\xa0?" in text(visitor.get(reverse("portal")))
    visitor.post(reverse("set_language"), {"language": "en", "next": reverse("portal")})
    assert "How can we help you?" in text(visitor.get(reverse("portal")))


def test_every_word_of_the_form_is_in_the_visitors_language(world: World, visitor: Client) -> None:
    page = text(visitor.get(reverse("portal_contact")))
    for words in ("Votre message", "Images ou documents\xa0: 5 au plus", "La réponse y sera envoyée.", "(facultatif)"):
        assert words in page


def test_the_door_shows_whether_it_is_open(world: World, visitor: Client) -> None:
    with time_machine.travel(THURSDAY, tick=False):
        assert "Ouvert jusqu’à 12\xa0h\xa030" in text(visitor.get(reverse("portal")))
    with time_machine.travel(THURSDAY + dt.timedelta(hours=12), tick=False):
        assert "Fermé, ouvre demain à 9\xa0h" in text(visitor.get(reverse("portal")))


def test_a_visit_leaves_no_session_behind(world: World, visitor: Client) -> None:
    for name in ("portal", "portal_contact", "my_requests"):
        visitor.get(reverse(name))
    assert set(visitor.cookies) <= {"csrftoken"}


def test_no_page_of_the_portal_calls_a_third_party_or_carries_styles(world: World, visitor: Client) -> None:
    for name in ("portal", "portal_contact", "my_requests"):
        page = text(visitor.get(reverse(name)))
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
        assert not re.search(r"\sstyle=|\son[a-z]+=", page)


def test_markup_in_names_and_greetings_shows_as_text(world: World, visitor: Client) -> None:
    attack = "<img src=x onerror=alert(1)>"
    business_save(viewer=HOUSE, name=attack, greeting={"fr": attack})
    need_save(viewer=HOUSE, need_id=world.repair.pk, name={"fr": attack}, summary={"fr": attack}, answer={"fr": attack})
    site_save(viewer=HOUSE, site_id=world.canal.pk, name=attack, address=attack, phone=attack)
    for address in (reverse("portal"), reverse("portal_need", args=["repair"]), reverse("brand_icon")):
        page = text(visitor.get(address))
        assert "<img src=x" not in page, address


def test_the_home_costs_a_handful_of_queries_however_many_needs(
    world: World, visitor: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        need_save(viewer=HOUSE, name={"fr": f"Besoin {number}"}, parent_id=world.repair.pk if number % 2 else None)
    visitor.get(reverse("portal"))  # what can be booked is read once after each change, and kept in memory
    with django_assert_max_num_queries(8):
        visitor.get(reverse("portal"))


# The form ------------------------------------------------------------------------------------------------------------
def test_a_message_becomes_an_encounter_with_a_promise_and_a_link(world: World, visitor: Client) -> None:
    with time_machine.travel(THURSDAY, tick=False):
        data = form(need="repair", phone="06 12 34 56 78", stamp=stamp_aged(60))
        response = visitor.post(reverse("portal_contact"), data, follow=True)
    encounter = Encounter.objects.get()
    assert (encounter.channel, encounter.need_id, encounter.site_id) == ("form", world.repair.pk, world.canal.pk)
    assert encounter.customer.language == "fr"
    page = text(response)
    assert "Une réponse\xa0: au plus tard le jeudi 26 novembre à 12" in page
    assert encounter.reference in page
    token = re.search(r'href="/r/([^"]+)/"', page)
    assert token is not None
    assert "Mes freins grincent." in text(visitor.get(f"/r/{token[1]}/"))
    assert OutMail.objects.get().to == ["zoe@exemple.example"]


def test_the_form_sent_twice_is_one_request(world: World, visitor: Client) -> None:
    data = form()
    first = visitor.post(reverse("portal_contact"), data, follow=True)
    second = visitor.post(reverse("portal_contact"), data, follow=True)
    assert Encounter.objects.count() == 1
    assert Encounter.objects.get().reference in text(first)
    assert Encounter.objects.get().reference in text(second)


def hidden_stamp(page: str) -> str:
    return re.search(r'name="stamp" value="([^"]+)"', page)[1]  # type: ignore[index]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stamp": lambda: form_stamp()}, "C’était très rapide."),
        ({"stamp": lambda: stamp_aged(25 * 3600)}, "ouverte depuis longtemps"),
        ({"stamp": lambda: signing.dumps("x", salt="another")}, "ouverte depuis longtemps"),
        ({"stamp": lambda: ""}, "ouverte depuis longtemps"),
        ({"website": lambda: "https://spam.example"}, "champ que l’on ne voit pas"),
    ],
    ids=["too fast", "too old", "forged", "none", "trap"],
)
def test_what_looks_like_a_machine_is_asked_once_more_and_loses_nothing(
    world: World, visitor: Client, changes: dict[str, Any], said: str
) -> None:
    response = visitor.post(reverse("portal_contact"), form(**{name: value() for name, value in changes.items()}))
    page = text(response)
    assert response.status_code == 422
    assert said in page
    assert "Mes freins grincent." in page
    assert "zoe@exemple.example" in page
    assert not Encounter.objects.exists()
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=10), tick=False):
        visitor.post(reverse("portal_contact"), form(stamp=hidden_stamp(page)))
    assert Encounter.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "zoe", "nom@exemple.com"),
        ("email", "zoe@exemple.example\r\nBcc: all@x.example", "nom@exemple.com"),
        ("name", "", "obligatoire"),
        ("message", "   ", "obligatoire"),
        ("phone", "12", "numéro de téléphone"),
        ("message", "x" * 10_001, "10000"),
    ],
)
def test_what_is_missing_is_said_at_its_field(world: World, visitor: Client, field: str, value: str, said: str) -> None:
    response = visitor.post(reverse("portal_contact"), form(**{field: value}))
    assert response.status_code == 422
    assert said in text(response)
    assert not Encounter.objects.exists()


def test_files_come_along_with_a_type_of_ours(world: World, visitor: Client) -> None:
    upload = SimpleUploadedFile("../../frein.JPG", b"\xff\xd8\xff", "text/html")
    visitor.post(reverse("portal_contact"), form(attachments=[upload]))
    kept = Attachment.objects.get()
    assert (kept.name, kept.type, kept.size) == ("frein.JPG", "image/jpeg", 3)


@pytest.mark.parametrize("name", ["page.html", "logo.svg", "setup.exe", "run.js", "frein"])
def test_files_that_could_run_are_refused_and_named(world: World, visitor: Client, name: str) -> None:
    response = visitor.post(reverse("portal_contact"), form(attachments=[SimpleUploadedFile(name, b"x")]))
    assert response.status_code == 422
    assert name in text(response)
    assert not Encounter.objects.exists()


def test_too_many_or_too_large_files_are_refused(world: World, visitor: Client, settings: Any) -> None:
    many = [SimpleUploadedFile(f"{n}.png", b"x") for n in range(MAX_FILES + 1)]
    assert visitor.post(reverse("portal_contact"), form(attachments=many)).status_code == 422
    settings.PARVIS_UPLOAD_MAX_BYTES = 1024 * 1024
    large = [SimpleUploadedFile("large.png", b"x" * 1_100_000)]
    response = visitor.post(reverse("portal_contact"), form(attachments=large))
    assert "1 Mo" in text(response)
    assert not Encounter.objects.exists()


def test_one_address_cannot_flood_the_house_and_keeps_its_text(world: World, visitor: Client) -> None:
    answers = [visitor.post(reverse("portal_contact"), form(stamp=stamp_aged(60 + n))) for n in range(8)]
    assert Encounter.objects.count() == 6
    assert answers[-1].status_code == 429
    assert "Mes freins grincent." in text(answers[-1])


def test_one_network_address_cannot_flood_the_house(world: World, visitor: Client) -> None:
    for n in range(22):
        visitor.post(reverse("portal_contact"), form(stamp=stamp_aged(60 + n), email=f"z{n}@exemple.example"))
    assert Encounter.objects.count() == 20


def test_a_need_that_is_not_offered_is_not_taken_from_the_form(world: World, visitor: Client) -> None:
    hidden = need_save(viewer=HOUSE, name={"fr": "Interne"}, is_public=False, priority=1)
    visitor.post(reverse("portal_contact"), form(need=hidden.slug))
    assert Encounter.objects.get().need_id is None


def test_with_two_sites_the_customer_chooses_one(world: World, client: Client) -> None:
    assert "Which of our places?" in text(client.get(reverse("portal_contact")))
    assert client.post(reverse("portal_contact"), form()).status_code == 422
    client.post(reverse("portal_contact"), form(site="gare"))
    assert Encounter.objects.get().site_id == world.gare.pk
    assert client.post(reverse("portal_contact"), form(site="elsewhere", stamp=stamp_aged(61))).status_code == 422


def test_the_form_needs_the_page_it_came_from(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("portal_contact"), form()).status_code == 403
    assert not Encounter.objects.exists()


def test_a_house_without_a_site_says_so_instead_of_failing(db: None, client: Client) -> None:
    business_save(viewer=HOUSE, name="Empty")
    assert client.get(reverse("portal")).status_code == 200
    response = client.post(reverse("portal_contact"), form())
    assert response.status_code == 422
    assert "no site yet" in text(response)


def test_the_success_page_does_not_tell_who_the_house_takes_one_for(world: World, visitor: Client) -> None:
    world.contact(name="Zoé Secrète", email="zoe@exemple.example")
    page = text(visitor.post(reverse("portal_contact"), form(name="Mallory"), follow=True))
    token = re.search(r'href="/r/([^"]+)/"', page)[1]  # type: ignore[index]
    assert "Secrète" not in page
    assert "Secrète" not in text(visitor.get(f"/r/{token}/"))


# The dress -----------------------------------------------------------------------------------------------------------
def test_the_brand_is_kept_for_a_year_and_checked_by_its_tag(world: World, client: Client) -> None:
    address = reverse("brand_css")
    response = client.get(f"{address}?v=1")
    assert response.headers["Content-Type"].startswith("text/css")
    assert "immutable" in response.headers["Cache-Control"]
    again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    business_save(viewer=HOUSE, accent="#b4530a")
    assert client.get(address, headers={"If-None-Match": response.headers["ETag"]}).status_code == 200


def test_without_a_logo_there_is_none_and_the_icon_has_initials(world: World, client: Client) -> None:
    assert client.get(reverse("brand_logo")).status_code == 404
    icon = client.get(reverse("brand_icon"))
    assert ">AC</text>" in text(icon)
    assert icon.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


# A stamp -------------------------------------------------------------------------------------------------------------
def test_stamps_of_two_forms_differ_and_none_can_be_made_outside() -> None:
    assert form_stamp() != form_stamp()
    forged = signing.dumps("x", key="another key", salt=FORM_SALT)
    from parvis.desk.portal.tokens import stamp_read

    assert stamp_read(forged).verdict == "bad"
    assert ENCOUNTER_SALT != FORM_SALT


def test_the_message_is_kept_as_it_was_written(world: World, visitor: Client) -> None:
    words = "Bonjour,\n\n<b>œuf</b> & 100 % — « été »\n\nZoé"
    visitor.post(reverse("portal_contact"), form(message=words))
    assert Message.objects.get(direction="in").text == words
