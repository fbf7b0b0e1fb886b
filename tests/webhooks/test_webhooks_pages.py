"""Settings → Webhooks: for administrators; the secret is shown once, and what was sent can be followed."""

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from parvis.webhooks import services
from parvis.webhooks.models import Delivery, Endpoint
from tests.front.pages import HTMX, signed_in, text_of
from tests.webhooks.receiver import Receiver, verified
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(receiver: Receiver, world: World) -> Endpoint:
    row, __ = services.endpoint_add(viewer=world.viewer("administrator"), url=receiver.url(), description="Shop")
    return row


def test_one_is_added_its_secret_shown_once_and_tested(receiver: Receiver, world: World) -> None:
    client = signed_in(world, "administrator")
    typed = {"url": receiver.url(), "description": "Shop", "which": "some", "booking": ["booking.held"]}
    page = text_of(client.post(reverse("settings_webhook_new"), typed))
    [secret] = re.findall(r'value="(whsec_[^"]+)"', page)
    row = Endpoint.objects.get()
    assert (row.events, row.description) == (["booking.held"], "Shop")
    address = reverse("settings_webhook", args=[row.pk])
    assert "whsec_" not in text_of(client.get(address))
    part = text_of(client.post(reverse("settings_webhook_test", args=[row.pk]), headers=HTMX))
    assert 'hx-trigger="every 2s"' in part
    services.deliveries_send()
    assert verified(html.unescape(secret), receiver.got[0].headers, receiver.got[0].body)
    part = text_of(client.get(reverse("settings_webhook_deliveries", args=[row.pk]), headers=HTMX))
    assert "It answered 200." in part
    assert "taken</pre>" in part
    assert "every 2s" not in part


def test_what_is_refused_is_said_at_the_field(world: World) -> None:
    client = signed_in(world, "administrator", "fr")
    for typed, words in (
        ({"url": "https://10.1.2.3/", "which": "all"}, "réseau privé"),
        ({"url": "https://a.example/", "which": "some"}, "Choisissez au moins un événement"),
    ):
        page = client.post(reverse("settings_webhook_new"), typed)
        assert page.status_code == 422
        assert words in html.unescape(page.content.decode())
    assert not Endpoint.objects.exists()


def test_it_is_changed_switched_exchanged_and_removed(world: World, endpoint: Endpoint, receiver: Receiver) -> None:
    client = signed_in(world, "administrator")
    typed = {"url": receiver.url("new"), "description": "", "which": "all", "booking": ["booking.held"]}
    assert client.post(reverse("settings_webhook", args=[endpoint.pk]), typed).status_code == 302
    assert client.post(reverse("settings_webhook_active", args=[endpoint.pk]), {"active": "0"}).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.events, endpoint.is_active) == (receiver.url("new"), [], False)
    part = client.post(reverse("settings_webhook_test", args=[endpoint.pk]), headers=HTMX)
    assert "switch it on first" in part["HX-Trigger"]
    assert "whsec_" in text_of(client.post(reverse("settings_webhook_rotate", args=[endpoint.pk])))
    assert client.post(reverse("settings_webhook_remove", args=[endpoint.pk])).status_code == 302
    assert not Endpoint.objects.exists()
    assert client.get(reverse("settings_webhook", args=[endpoint.pk])).status_code == 404


def test_failures_are_told_in_the_readers_language_and_sent_again(
    world: World, endpoint: Endpoint, settings: Any, receiver: Receiver
) -> None:
    client = signed_in(world, "administrator", "fr")
    delivery = services.ping_queue(viewer=world.viewer("administrator"), endpoint_id=endpoint.pk)
    settings.PARVIS_OUTGOING_NETWORKS = []
    services.deliveries_send()
    page = html.unescape(text_of(client.get(reverse("settings_webhook", args=[endpoint.pk]))))
    assert "réseau privé" in page
    settings.PARVIS_OUTGOING_NETWORKS = ["127.0.0.0/8"]
    again = reverse("settings_webhook_resend", args=[endpoint.pk, delivery.message_id])
    assert client.post(again).status_code == 302
    services.deliveries_send()
    assert Delivery.objects.get().state == "delivered"


def test_pages_cost_the_same_however_much_was_sent(world: World, endpoint: Endpoint) -> None:
    client, viewer = signed_in(world, "administrator"), world.viewer("administrator")

    def cost(address: str) -> int:
        text_of(client.get(address))
        with CaptureQueriesContext(connection) as found:
            text_of(client.get(address))
        return len(found)

    pages = [reverse("settings_webhooks"), reverse("settings_webhook", args=[endpoint.pk])]
    before = [cost(page) for page in pages]
    for __ in range(30):
        services.ping_queue(viewer=viewer, endpoint_id=endpoint.pk)
    assert [cost(page) for page in pages] == before
    assert max(before) <= 9
    first = text_of(client.get(pages[1]))
    [more] = set(re.findall(r'hx-get="([^"]+after=[^"]+)"', first))
    rest = text_of(client.get(html.unescape(more), headers=HTMX))
    assert (first.count('class="hook-line"'), rest.count('class="hook-line"')) == (25, 5)


def test_who_was_switched_off_is_on_todays_page_for_administrators(
    world: World, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answers = [410]
    services.ping_queue(viewer=world.viewer("administrator"), endpoint_id=endpoint.pk)
    services.deliveries_send()
    words = "The webhook Shop takes nothing."
    assert words in text_of(signed_in(world, "administrator").get(reverse("today")))
    assert words not in text_of(signed_in(world, "manager").get(reverse("today")))
    assert "Switched off by Parvis" in text_of(signed_in(world, "administrator").get(reverse("settings_webhooks")))


@pytest.mark.parametrize("who", ["agent", "lead", "manager", "outsider"])
def test_nobody_else_opens_it(world: World, endpoint: Endpoint, who: str) -> None:
    client = signed_in(world, who)
    assert client.get(reverse("settings_webhooks")).status_code == 403
    assert client.post(reverse("settings_webhook_remove", args=[endpoint.pk])).status_code == 403
    assert "Webhooks" not in client.get(reverse("profile")).content.decode()
