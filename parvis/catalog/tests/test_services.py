import datetime as dt
import io

import pytest
from PIL import Image

from parvis.catalog import selectors
from parvis.catalog.models import Business, Need, Site, Text, Touchpoint
from parvis.catalog.services import (
    Founder,
    business_save,
    exceptional_day_remove,
    exceptional_day_set,
    house_found,
    logo_save,
    member_sites_set,
    need_move,
    need_save,
    site_save,
    text_reset,
    text_save,
    touchpoint_save,
)
from parvis.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from parvis.ledger.models import Entry
from parvis.staff.domain.viewer import Viewer
from parvis.staff.models import Member
from tests.world import PASSWORD, World

HOUSE = Viewer.house()


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 200)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


# The house -------------------------------------------------------------------------------------------------------
def test_a_house_is_found_ready_to_open(db: None) -> None:
    house_found(
        viewer=HOUSE,
        name="Atelier du Canal",
        languages=["fr", "en"],
        administrator=Founder("Zoé Martin", "zoe@canal.example", PASSWORD),
        mailbox="bonjour@canal.example",
    )
    site = Site.objects.get()
    assert site.hours["mon"] == [["09:00", "12:30"], ["14:00", "18:30"]]
    assert {t.channel for t in Touchpoint.objects.all()} == {"form", "phone", "counter", "email"}
    administrator = Member.objects.get()
    assert administrator.check_password(PASSWORD)
    assert (administrator.role, administrator.language) == ("administrator", "fr")
    assert all(set(n.name) == {"en", "fr"} for n in Need.objects.all())
    assert len(selectors.needs_tree()) == 4


def test_a_second_house_is_refused(world: World) -> None:
    with pytest.raises(Conflict, match="already"):
        house_found(viewer=HOUSE, name="Another", administrator=Founder("A", "a@b.example", PASSWORD))


def test_a_house_whose_administrator_has_a_weak_password_is_not_half_founded(db: None) -> None:
    with pytest.raises(Invalid):
        house_found(viewer=HOUSE, name="Canal", administrator=Founder("A", "a@b.example", "1234"))
    assert not Business.objects.exists()
    assert not Site.objects.exists()


def test_agents_change_nothing_about_the_house(world: World) -> None:
    agent = world.viewer("agent")
    for call in (
        lambda: business_save(viewer=agent, name="Mine"),
        lambda: site_save(viewer=agent, site_id=world.canal.pk, name="Mine"),
        lambda: touchpoint_save(viewer=agent, touchpoint_id=world.mailbox.pk, name="Mine"),
        lambda: need_save(viewer=agent, name={"en": "Mine"}),
        lambda: text_save(viewer=agent, key="greeting", subject={}, body={}),
        lambda: logo_save(viewer=agent, content=picture()),
        lambda: member_sites_set(viewer=world.viewer("manager"), member_id=world.agent.pk, site_ids=[]),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_a_change_is_in_the_ledger_and_no_change_is_not(world: World) -> None:
    manager = world.viewer("manager")
    business_save(viewer=manager, name="Atelier du Canal", follow_up_hours=48)
    business_save(viewer=manager, follow_up_hours=48)
    [entry] = Entry.objects.filter(name="catalog.business_changed")
    assert entry.data == {"fields": ["follow_up_hours"]}
    assert entry.actor_id == world.manager.pk


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("languages", []),
        ("languages", ["de"]),
        ("country", "Nowhere"),
        ("country", "QQ"),
        ("timezone", "Mars/Base"),
        ("accent", "url(x)"),
        ("accent", "red;}body{"),
        ("logo_height", 500),
        ("follow_up_hours", 0),
        ("greeting", {"fr": "x" * 161}),
    ],
)
def test_what_a_house_cannot_be_is_said_at_its_field(world: World, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        business_save(viewer=HOUSE, **{field: value})
    assert any(name.startswith(field) for name in refused.value.fields)


# The logo --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_as_png(world: World, kind: str) -> None:
    logo_save(viewer=HOUSE, content=picture(kind) + b"<script>alert(1)</script>")
    content, media_type = selectors.logo() or (b"", "")
    assert media_type == "image/png"
    assert content.startswith(b"\x89PNG")
    assert b"script" not in content


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a" + b"\x00" * 40,
        b"",
        picture()[:60],
        picture() + b"\x00" * 2_100_000,
        picture(size=(5000, 4000)),
    ],
    ids=["svg", "html", "gif", "nothing", "cut off", "too heavy", "too many pixels"],
)
def test_what_is_no_safe_picture_is_refused_as_logo(world: World, content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        logo_save(viewer=HOUSE, content=content)
    assert "logo" in refused.value.fields
    assert selectors.logo() is None


# Sites -----------------------------------------------------------------------------------------------------------
def test_hours_are_put_in_order_and_read_as_people_write_them(world: World) -> None:
    site = site_save(
        viewer=HOUSE,
        site_id=world.canal.pk,
        hours={"mon": [["14h", "18h30"], ["9:00", "12.30"]], "fri": [["18:00", "02:00"]], "sun": []},
    )
    assert site.hours == {"mon": [["09:00", "12:30"], ["14:00", "18:30"]], "fri": [["18:00", "02:00"]]}


@pytest.mark.parametrize(
    "spans",
    [
        [["09:00", "12:30"], ["12:00", "18:00"]],
        [["09:00", "09:00"]],
        [["9", "25:00"]],
        [["nine", "ten"]],
        [["22:00", "10:00"], ["09:00", "12:00"]],
    ],
    ids=["overlap", "no length", "no such hour", "words", "into the next morning"],
)
def test_hours_that_make_no_sense_are_said_at_their_day(world: World, spans: list[list[str]]) -> None:
    with pytest.raises(Invalid) as refused:
        site_save(viewer=HOUSE, site_id=world.canal.pk, hours={"tue": spans})
    assert set(refused.value.fields) == {"hours_tue"}


def test_open_all_day_is_possible(world: World) -> None:
    site = site_save(viewer=HOUSE, site_id=world.canal.pk, hours={"sat": [["00:00", "24:00"]]})
    noon = dt.datetime(2026, 11, 28, 23, 59, tzinfo=dt.UTC)
    assert site.hours["sat"] == [["00:00", "24:00"]]
    assert selectors.calendar_of(site, around=noon).hours[5] == ((0, 86400),)


def test_an_exceptional_day_comes_and_goes(world: World) -> None:
    day = dt.date(2026, 12, 24)
    site = exceptional_day_set(
        viewer=HOUSE, site_id=world.canal.pk, day=day, spans=[["09:00", "16:00"]], note="Réveillon"
    )
    assert site.exceptional_days == {"2026-12-24": {"spans": [["09:00", "16:00"]], "note": "Réveillon"}}
    assert exceptional_day_remove(viewer=HOUSE, site_id=world.canal.pk, day=day).exceptional_days == {}


def test_a_manager_of_one_site_neither_changes_nor_learns_of_another(world: World) -> None:
    manager = world.viewer("manager")
    missing = max(world.canal.pk, world.gare.pk) + 100
    messages = set()
    for site_id in (world.gare.pk, missing):
        with pytest.raises(NotFound) as refused:
            site_save(viewer=manager, site_id=site_id, phone="1")
        messages.add(str(refused.value))
    with pytest.raises(NotFound):
        touchpoint_save(viewer=manager, touchpoint_id=world.other_mailbox.pk, name="Mine")
    with pytest.raises(NotAllowed):
        site_save(viewer=manager, name="New")
    assert len(messages) == 1


def test_holidays_that_nobody_knows_are_refused_before_a_page_trips_over_them(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        site_save(viewer=HOUSE, site_id=world.canal.pk, region="Atlantis")
    assert "region" in refused.value.fields


def test_the_last_site_in_use_stays(world: World) -> None:
    site_save(viewer=HOUSE, site_id=world.gare.pk, is_active=False)
    with pytest.raises(Conflict):
        site_save(viewer=HOUSE, site_id=world.canal.pk, is_active=False)


# Touchpoints -----------------------------------------------------------------------------------------------------
def test_two_mailboxes_cannot_have_one_address(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        touchpoint_save(
            viewer=HOUSE, site_id=world.canal.pk, channel="email", name="Two", address="Bonjour@Gare.example"
        )
    assert "address" in refused.value.fields


def test_a_mailbox_needs_its_address(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        touchpoint_save(viewer=HOUSE, site_id=world.canal.pk, channel="email", name="Two")
    assert "address" in refused.value.fields


def test_a_member_works_at_the_sites_set_and_no_others(world: World) -> None:
    member_sites_set(viewer=HOUSE, member_id=world.agent.pk, site_ids=[world.gare.pk])
    assert world.viewer("agent").site_ids == {world.gare.pk}


# Needs -----------------------------------------------------------------------------------------------------------
def test_a_need_moves_among_its_siblings(world: World) -> None:
    first, second, third = (need_save(viewer=HOUSE, name={"en": n}, parent_id=world.repair.pk) for n in "ABC")
    need_move(viewer=HOUSE, need_id=third.pk, step=-1)
    need_move(viewer=HOUSE, need_id=first.pk, step=-1)
    order = [n.name for n in selectors.needs_tree()[0].children]
    assert order == ["A", "C", "B"]
    assert second.slug == "b"


def test_a_need_cannot_hang_on_its_own_branch(world: World) -> None:
    child = need_save(viewer=HOUSE, name={"en": "Brakes"}, parent_id=world.repair.pk)
    with pytest.raises(Invalid):
        need_save(viewer=HOUSE, need_id=world.repair.pk, parent_id=child.pk)


def test_needs_of_one_name_have_slugs_of_their_own(world: World) -> None:
    slugs = {need_save(viewer=HOUSE, name={"fr": "Freins"}).slug for __ in range(3)}
    assert slugs == {"freins", "freins-2", "freins-3"}


def test_a_need_without_a_name_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        need_save(viewer=HOUSE, name={"en": "  "})


# Texts -----------------------------------------------------------------------------------------------------------
def test_a_text_rewritten_in_one_language_keeps_its_default_in_the_other(world: World) -> None:
    text_save(viewer=HOUSE, key="greeting", subject={"fr": "Merci {name}"}, body={"fr": "Réponse : {due}"})
    values = {"name": "Zoé", "due": "demain"}
    assert selectors.text_of("greeting", "fr", values) == ("Merci Zoé", "Réponse : demain")
    assert selectors.text_of("greeting", "en", values)[1].startswith("{hello}\n\nThank you")
    text_reset(viewer=HOUSE, key="greeting")
    assert not Text.objects.exists()


def test_a_placeholder_that_means_nothing_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        text_save(viewer=HOUSE, key="greeting", subject={}, body={"fr": "Bonjour {prenom}"})
    assert set(refused.value.fields) == {"body_fr"}


def test_a_follow_up_question_without_its_link_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        text_save(viewer=HOUSE, key="follow_up", subject={}, body={"en": "Did we forget anything?"})
    assert set(refused.value.fields) == {"body_en"}
