import re
import time
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from parvis.staff.models import Member
from parvis.staff.services import two_factor_switch_off
from tests.world import PASSWORD, World

OPEN = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_inactive",
]
OWN = [
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_activate_totp",
    "mfa_add_webauthn",
]


@pytest.fixture(autouse=True)
def _no_limits_of_other_tests() -> None:
    """allauth counts attempts, and codes that were used, in the cache."""
    cache.clear()


@pytest.fixture
def member(world: World, client: Client) -> Client:
    """The agent, signed in with their password, and asked for it once more as before anything delicate."""
    client.post(reverse("account_login"), {"login": "agent@parvis.example", "password": PASSWORD})
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked.url.startswith(reverse("account_reauthenticate"))
    client.post(asked.url, {"password": PASSWORD})
    return client


def shows_the_house(page: str, language: str) -> bool:
    """Whether a page has our dress: the house's name, our style sheets, one heading, the language asked for."""
    return (
        "Atelier du Canal" in page
        and "web/css/tokens.css" in page
        and page.count("<h1") == 1
        and f'<html lang="{language}"' in page
    )


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", OPEN)
def test_every_page_of_the_entrance_wears_the_house(world: World, client: Client, name: str, language: str) -> None:
    response = client.get(reverse(name), headers={"Accept-Language": language})
    page = response.content.decode()
    assert response.status_code == 200
    assert shows_the_house(page, language)
    assert not re.search(r"\sstyle=|\son[a-z]+=|<script>(?!\{)", page)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", OWN)
def test_every_page_about_signing_in_wears_the_house(member: Client, world: World, name: str, language: str) -> None:
    Member.objects.filter(pk=world.agent.pk).update(language=language)
    response = member.get(reverse(name))
    assert response.status_code == 200
    assert shows_the_house(response.content.decode(), language)


def test_strangers_cannot_sign_up(world: World, client: Client) -> None:
    data = {"email": "eve@evil.example", "password1": PASSWORD, "password2": PASSWORD}
    response = client.post(reverse("account_signup"), data)
    assert "By invitation" in response.content.decode()
    assert not Member.objects.filter(email="eve@evil.example").exists()


def test_a_wrong_password_says_so_and_keeps_the_address(world: World, client: Client) -> None:
    response = client.post(reverse("account_login"), {"login": "agent@parvis.example", "password": "nope"})
    page = response.content.decode()
    assert "agent@parvis.example" in page
    assert "nope" not in page
    assert 'role="alert"' in page


def test_asking_for_a_link_tells_nobody_who_works_here(world: World, client: Client, settings: Any) -> None:
    settings.MAIL_CONFIGURED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    known = client.post(reverse("account_reset_password"), {"email": "agent@parvis.example"})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@parvis.example"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    [letter] = mail.outbox
    assert letter.to == ["agent@parvis.example"]
    assert "/accounts/password/reset/key/" in letter.body


def test_without_a_mail_server_the_page_says_what_to_do(world: World, client: Client, settings: Any) -> None:
    settings.MAIL_CONFIGURED = False
    assert "An administrator can hand you a link" in client.get(reverse("account_reset_password")).content.decode()
    assert client.post(reverse("account_reset_password"), {"email": "agent@parvis.example"}).status_code == 302


# The second step -----------------------------------------------------------------------------------------------------
def switch_on(member: Client) -> str:
    """Set up the code from an app, as a person does; returns its secret."""
    page = member.get(reverse("mfa_activate_totp")).content.decode()
    assert "data:image/svg+xml" in page
    secret = page.partition('id="secret" value="')[2].partition('"')[0]
    done = member.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    assert done.status_code == 302
    return secret


def code_now(secret: str) -> str:
    """What the app would show: a code good for some seconds yet."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    if (left := 30 - time.time() % 30) < 5:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_the_second_step_is_set_up_and_then_asked_for(member: Client, world: World) -> None:
    secret = switch_on(member)
    visitor = Client()
    first = visitor.post(reverse("account_login"), {"login": "agent@parvis.example", "password": PASSWORD})
    assert first.url.startswith(reverse("mfa_authenticate"))
    assert visitor.get(reverse("profile")).status_code == 302
    wrong = visitor.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert shows_the_house(wrong.content.decode(), "en")
    cache.clear()  # the app's code was used a moment ago, and is good once
    visitor.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    assert visitor.get(reverse("profile")).status_code == 200


def test_recovery_codes_are_made_shown_and_open_once(member: Client, world: World) -> None:
    switch_on(member)
    member.post(reverse("mfa_generate_recovery_codes"))
    page = member.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = re.findall(r"<code>([^<]+)</code>", page)
    assert len(codes) == 10

    def enters() -> bool:
        visitor = Client()
        visitor.post(reverse("account_login"), {"login": "agent@parvis.example", "password": PASSWORD})
        visitor.post(reverse("mfa_authenticate"), {"code": codes[0]})
        return visitor.get(reverse("profile")).status_code == 200

    assert enters()
    assert not enters()


def test_who_lost_their_phone_is_let_in_by_an_administrator(member: Client, world: World) -> None:
    switch_on(member)
    assert two_factor_switch_off(viewer=world.viewer("administrator"), member_id=world.agent.pk) >= 1
    visitor = Client()
    visitor.post(reverse("account_login"), {"login": "agent@parvis.example", "password": PASSWORD})
    assert visitor.get(reverse("profile")).status_code == 200


def test_too_many_tries_end_on_a_page_of_the_house(member: Client) -> None:
    answers = [member.post(reverse("account_reauthenticate"), {"password": "nope"}) for __ in range(12)]
    assert answers[-1].status_code == 429
    assert shows_the_house(answers[-1].content.decode(), "en")
