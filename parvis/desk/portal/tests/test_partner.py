"""A partner books in three steps and keeps its own bookings; what others try by its addresses."""

from typing import Any

import pytest
from django.test import Client

from parvis.desk.portal.booking.tokens import HoldKey, hold_token
from parvis.kernel.errors import Invalid, NotAllowed, NotFound
from parvis.ledger.models import Entry
from parvis.ledger.words import tell
from parvis.reservations.models import Booking, Door, Partner
from parvis.reservations.partners import BOOKS, MANAGES, key_of
from parvis.reservations.services import Caller, Guest, Wanted, booking_cancel, booking_make, booking_move
from parvis.reservations.services.partners import partner_renew, partner_save
from tests.booking import ANNA, HOUSE, House, at, book

from .booking_house import action, at_eight, field, guest, house, starts, text  # noqa: F401

START = "2026-11-24T09:00Z"


@pytest.fixture
def shop(house: House, at_eight: Any) -> Any:  # noqa: F811
    """A house with three offerings: for all, for partners alone, for staff alone; and two partners."""
    malik = [house.resource(f"Stand {n}") for n in range(3)]
    offers = {
        slug: house.offering(malik, slug=slug, is_public=slug == "visite") for slug in ("visite", "tour", "staff")
    }
    ids = {slug: offer.row.pk for slug, offer in offers.items()}
    hotel = partner_save(viewer=HOUSE, name="Hôtel du Nord", offering_ids=[ids["visite"], ids["tour"]])
    rival = partner_save(viewer=HOUSE, name="Rival", offering_ids=[ids["visite"]])
    return type("Shop", (), {"offers": offers, "ids": ids, "hotel": hotel, "rival": rival})


def sell(client: Client, partner: Partner, slug: str, **query: str) -> Any:
    """Press the first time at the partner's address: the answer of the hold."""
    page = text(client.get(f"/book/p/{key_of(partner, BOOKS)}/{slug}/"))
    return client.post(action(page, "choose-times"), {"start": starts(page)[0], "stamp": field(page, "stamp")})


def sold(shop: Any, partner: Partner, start: str = START) -> Booking:
    wanted = Wanted(shop.ids["visite"], at(start))
    return booking_make(
        caller=Caller.partner(partner.pk), wanted=wanted, guest=Guest(name="Luc Petit", phone="0612345678")
    )


def test_a_partner_books_what_it_may_and_is_named_everywhere(shop: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    front = text(client.get(f"/book/p/{key_of(shop.hotel, BOOKS)}/"))
    assert ("Visite" in front, "Tour" in front, "/staff/" in front, "Hôtel du Nord" in front) == (
        True,
        True,
        False,
        True,
    )
    held = sell(client, shop.hotel, "tour")
    answer = client.post(held["Location"], guest())
    assert answer.status_code == 302, text(answer)
    assert "/book/p/" in answer["Location"]
    assert "It is booked" in text(client.get(answer["Location"]))
    booking = Booking.objects.get()
    assert (booking.state, booking.door, booking.partner) == ("confirmed", Door.PARTNER, shop.hotel)
    [told] = tell(Entry.objects.filter(name="booking.confirmed"))
    assert (told.actor, told.entry.data["partner"]) == ("Hôtel du Nord", shop.hotel.pk)


def test_the_widget_of_a_partner_books_in_its_name(shop: Any) -> None:
    client, key = Client(enforce_csrf_checks=True), key_of(shop.hotel, BOOKS)
    page = text(client.get("/widget/tour/", {"partner": key, "lang": "en"}))
    held = client.post(action(page, "choose-times"), {"start": starts(page)[0], "stamp": field(page, "stamp")})
    answer = client.post(held["Location"], guest())
    assert answer.status_code == 302, text(answer)
    assert client.get(answer["Location"]).status_code == 200
    assert not client.cookies
    assert Booking.objects.get().partner == shop.hotel
    assert client.get("/widget/tour/").status_code == 404
    assert client.get("/widget/canal/", {"partner": key}).status_code == 200


def test_what_is_not_in_the_mandate_is_not_sold_by_page_service_or_forged_slug(shop: Any) -> None:
    client, key = Client(), key_of(shop.rival, BOOKS)
    page = text(client.get(f"/book/p/{key}/visite/"))
    where, pressed = action(page, "choose-times"), {"start": starts(page)[0], "stamp": field(page, "stamp")}
    for slug in ("tour", "staff", "nothing"):
        assert client.get(f"/book/p/{key}/{slug}/").status_code == 404
        assert client.get(f"/widget/{slug}/", {"partner": key}).status_code == 404
        assert client.post(where.replace("/visite/", f"/{slug}/"), pressed).status_code == 404
    with pytest.raises(NotAllowed):
        booking_make(caller=Caller.partner(shop.rival.pk), wanted=Wanted(shop.ids["tour"], at(START)), guest=ANNA)
    assert not Booking.objects.exists()


def test_nobody_goes_on_with_what_another_partner_held(shop: Any) -> None:
    """Neither a rival nor the portal, nor by sending the other's button again."""
    client, rival = Client(), key_of(shop.rival, BOOKS)
    held = sell(client, shop.hotel, "visite")["Location"]
    token = held.rstrip("/").rpartition("/")[2]
    for address in (f"/book/p/{rival}/held/{token}/", f"/book/held/{token}/", f"/widget/held/{token}/"):
        assert Client().post(address, guest()).status_code == 404
    assert Booking.objects.get().state == "held"
    # The stamp of the hotel's page, sent again at the rival's address, is another wish.
    page = text(client.get(f"/book/p/{key_of(shop.hotel, BOOKS)}/visite/"))
    where, pressed = action(page, "choose-times"), {"start": starts(page)[0], "stamp": field(page, "stamp")}
    mine = [client.post(where, pressed)["Location"] for __ in range(2)]
    theirs = client.post(where.replace(key_of(shop.hotel, BOOKS), rival), pressed)
    assert mine[0].rpartition("held")[2][:20] == mine[1].rpartition("held")[2][:20]
    assert sorted(Booking.objects.values_list("partner__name", flat=True)) == ["Hôtel du Nord"] * 2 + ["Rival"]
    assert theirs.status_code == 302
    stranger = book(shop.offers["visite"], "2026-11-25T09:00Z")
    assert client.get(f"/book/p/{rival}/held/{hold_token(HoldKey(stranger.pk))}/").status_code == 404


def test_its_page_shows_moves_and_cancels_its_own_and_no_others(shop: Any, django_assert_max_num_queries: Any) -> None:
    mine, other = sold(shop, shop.hotel), sold(shop, shop.rival)
    plain = book(shop.offers["visite"], START)
    client, key = Client(enforce_csrf_checks=True), key_of(shop.hotel, MANAGES)
    sold(shop, shop.hotel, "2026-11-24T13:00Z")
    with django_assert_max_num_queries(8):
        page = client.get(f"/partner/{key}/")
    assert (mine.reference in text(page), other.reference in text(page), plain.reference in text(page)) == (
        True,
        False,
        False,
    )
    assert (page["Cache-Control"], page["Referrer-Policy"]) == ("no-store", "no-referrer")
    for foreign in (other.reference, plain.reference, "B-ZZZZZ", "x"):
        for deed in ("move", "cancel"):
            assert client.get(f"/partner/{key}/{foreign}/{deed}/").status_code == 404
            assert client.post(f"/partner/{key}/{foreign}/{deed}/", {"fee": "0"}).status_code == 404
    for caller_deed in (booking_cancel, lambda **call: booking_move(wanted=Wanted(0, at("2026-11-24T10:00Z")), **call)):
        with pytest.raises(NotFound):
            caller_deed(caller=Caller.partner(shop.hotel.pk), booking_id=other.pk)
    choose = text(client.get(f"/partner/{key}/{mine.reference}/move/?day=2026-11-25"))
    answer = client.post(
        action(choose, "choose-times"), {"start": "2026-11-25T09:00:00Z", "stamp": field(choose, "stamp")}
    )
    assert answer["Location"] == f"/partner/{key}/?moved"
    mine.refresh_from_db()
    assert mine.starts_at == at("2026-11-25T09:00Z")
    assert "Luc Petit" in text(client.get(answer["Location"]))
    assert client.post(f"/partner/{key}/{mine.reference}/cancel/", {"fee": "0"})["Location"].endswith("?cancelled")
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.state, mine.ended_by, other.state) == ("cancelled", "customer", "confirmed")


def test_a_key_renewed_switched_off_or_used_for_the_other_door_answers_404_with_a_kind_page(shop: Any) -> None:
    books, manages = key_of(shop.hotel, BOOKS), key_of(shop.hotel, MANAGES)
    client = Client()

    def statuses() -> set[int]:
        pages = [
            f"/book/p/{books}/",
            f"/book/p/{books}/visite/",
            f"/partner/{manages}/",
            f"/widget/visite/?partner={books}",
        ]
        return {client.get(page).status_code for page in pages}

    assert statuses() == {200}
    wrong = [
        f"/partner/{books}/",
        f"/book/p/{manages}/",
        f"/book/p/{books[:-1]}/",
        "/partner/W1sxXQ:x/",
        "/book/p/hold/x/",
    ]
    assert {client.get(page).status_code for page in wrong} == {404}
    partner_renew(viewer=HOUSE, partner_id=shop.hotel.pk)
    assert statuses() == {404}
    assert "no longer in use" in text(client.get(f"/book/p/{books}/"))
    shop.hotel.refresh_from_db()
    books, manages = key_of(shop.hotel, BOOKS), key_of(shop.hotel, MANAGES)
    assert statuses() == {200}
    held = sell(client, shop.hotel, "visite")["Location"]
    partner_save(viewer=HOUSE, partner_id=shop.hotel.pk, name="Hôtel", offering_ids=shop.ids.values(), is_active=False)
    assert statuses() == {404}
    assert client.post(held, guest()).status_code == 404
    with pytest.raises(NotAllowed):
        sold(shop, shop.hotel)
    with pytest.raises(Invalid):
        partner_save(viewer=HOUSE, name="Nothing", offering_ids=[])
