"""The staff's door: who guesses is locked out and nobody else, and nothing leads around it."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.front.pages import signed_in
from tests.world import PASSWORD, World

LOGIN = "/accounts/login/"
AGENT = "agent@parvis.example"
WRONG = "not this one"
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def tries(client: Client, login: str = AGENT, password: str = WRONG, **where: str) -> Any:
    """One attempt to sign in."""
    return client.post(LOGIN, {"login": login, "password": password}, **where)


def locked(login: str = AGENT, **where: str) -> Client:
    """A client that has guessed until it was told to stop."""
    client = Client()
    answers = [tries(client, login, **where).status_code for _i in range(8)]
    assert answers == [200] * 7 + [429]
    return client


def words_of(response: Any) -> str:
    """A page without what differs from one request to the next, nor the address that was typed."""
    return re.sub(r'"[A-Za-z0-9]{32,64}"|value="[^"]*"', "", response.content.decode())


@pytest.fixture
def letters(settings: Any) -> list[Any]:
    """Mails about signing in, as they leave."""
    settings.MAIL_CONFIGURED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return mail.outbox


class TestLockOut:
    def test_who_guesses_is_stopped_and_the_right_password_no_longer_helps(self, world: World) -> None:
        client = locked()
        assert tries(client, password=PASSWORD).status_code == 429
        assert tries(client, login=AGENT.upper(), password=PASSWORD).status_code == 429
        assert "_auth_user_id" not in client.session

    def test_a_new_browser_at_the_same_address_is_stopped_too(self, world: World) -> None:
        locked()
        assert tries(Client(headers={"User-Agent": "another"}), password=PASSWORD).status_code == 429

    def test_the_owner_of_the_account_gets_in_from_elsewhere(self, world: World) -> None:
        locked(**ELSEWHERE)
        assert tries(Client(), password=PASSWORD).status_code == 302

    def test_a_colleague_at_the_same_address_gets_in(self, world: World) -> None:
        locked()
        assert tries(Client(), "lead@parvis.example", PASSWORD).status_code == 302

    def test_it_ends_after_a_quarter_of_an_hour(self, world: World, time_machine: Any) -> None:
        locked()
        from django.utils import timezone

        time_machine.move_to(timezone.now() + timezone.timedelta(minutes=16))
        assert tries(Client(), password=PASSWORD).status_code == 302

    def test_what_is_said_does_not_tell_whether_the_account_exists(self, world: World) -> None:
        assert words_of(tries(Client())) == words_of(tries(Client(), "nobody@parvis.example"))
        known, unknown = locked("lead@parvis.example"), locked("no@parvis.example")
        assert words_of(tries(known, "lead@parvis.example")) == words_of(tries(unknown, "no@parvis.example"))

    def test_guessing_at_many_accounts_from_one_address_is_slowed_down(self, world: World) -> None:
        said = [tries(Client(), f"m{n}@parvis.example", **ELSEWHERE) for n in range(31)]
        assert said[-1].status_code == 429
        assert said[-2].status_code == 200

    @pytest.mark.parametrize("login", ["x" * 300 + "@parvis.example", "\x00", "a\x00@parvis.example", "²", ""])
    def test_what_is_no_address_is_refused_like_any_other(self, world: World, login: str) -> None:
        assert tries(Client(), login).status_code == 200

    def test_reauthentication_cannot_be_guessed_either(self, world: World) -> None:
        client = signed_in(world, "agent")
        answers = [client.post("/accounts/reauthenticate/", {"password": "wrong"}).status_code for _i in range(8)]
        assert answers[-1] == 429


class TestSession:
    def test_the_key_known_before_signing_in_is_worth_nothing_after(self, world: World) -> None:
        client = Client()
        session = client.session
        session["seen"] = 1
        session.save()
        before = session.session_key
        client.cookies["parvis"] = before
        assert tries(client, password=PASSWORD).status_code == 302
        assert client.session.session_key != before
        thief = Client()
        thief.cookies["parvis"] = before
        assert thief.get("/inbox/mine/").status_code == 302

    def test_signing_out_takes_a_post_and_ends_the_session(self, world: World) -> None:
        client = signed_in(world, "agent")
        key = client.session.session_key
        client.get("/accounts/logout/")
        assert client.get("/inbox/mine/").status_code == 200
        client.post("/accounts/logout/")
        thief = Client()
        thief.cookies["parvis"] = key
        assert thief.get("/inbox/mine/").status_code == 302

    def test_a_new_password_ends_the_sessions_of_other_browsers(self, world: World) -> None:
        mine, theirs = signed_in(world, "agent"), signed_in(world, "agent")
        new = "another long sentence of words"
        mine.post("/accounts/reauthenticate/", {"password": PASSWORD})
        changed = mine.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
        assert changed.status_code == 302
        assert mine.get("/inbox/mine/").status_code == 200
        assert theirs.get("/inbox/mine/").status_code == 302


@pytest.mark.parametrize(
    "there",
    ["https://evil.example/", "//evil.example", "https:evil.example", "/\\evil.example", "\\\\evil", "javascript:x",
     "http:///evil.example", "/\t/evil.example", "/%0a/evil", "https://testserver@evil.example/", "///evil.example"],
)  # fmt: skip
@pytest.mark.parametrize("door", ["account_login", "account_logout", "account_reauthenticate", "set_language"])
def test_no_door_leads_to_another_house(world: World, there: str, door: str) -> None:
    client = Client() if door == "account_login" else signed_in(world, "agent")
    given = {"login": AGENT, "password": PASSWORD, "language": "fr", "next": there}
    response = client.post(reverse(door), given)
    assert response.status_code == 302
    assert re.fullmatch(r"/(?![/\\\t])[\w/%]*", response.url), response.url
    assert "evil" not in response.url or response.url == "/%0a/evil"


class TestForgottenPassword:
    def test_a_link_opens_once(self, world: World, letters: list[Any]) -> None:
        Client().post("/accounts/password/reset/", {"email": AGENT})
        found = re.search(r"/accounts/password/reset/key/\S+", letters[0].body)
        assert found
        visitor, new = Client(), "another long sentence of words"
        form = visitor.get(found[0])
        done = visitor.post(form.url, {"password1": new, "password2": new})
        assert done.status_code == 302
        later = Client()
        again = later.get(found[0], follow=True)
        assert "password1" not in again.content.decode()
        assert later.post(form.url, {"password1": PASSWORD, "password2": PASSWORD}).status_code != 302
        assert tries(Client(), password=new).status_code == 302

    def test_it_does_not_sign_in_nor_skip_the_second_step(self, world: World, letters: list[Any]) -> None:
        Client().post("/accounts/password/reset/", {"email": AGENT})
        found = re.search(r"/accounts/password/reset/key/\S+", letters[0].body)
        visitor, new = Client(), "another long sentence of words"
        visitor.post(visitor.get(found[0]).url, {"password1": new, "password2": new})  # type: ignore[index]
        assert visitor.get("/inbox/mine/").status_code == 302

    def test_the_links_host_is_not_what_the_visitor_says(self, world: World, letters: list[Any]) -> None:
        answer = Client().post("/accounts/password/reset/", {"email": AGENT}, headers={"Host": "evil.example"})
        assert answer.status_code == 400
        assert not letters

    def test_who_left_gets_no_link_and_the_page_does_not_tell(self, world: World, letters: list[Any]) -> None:
        world.agent.is_active = False
        world.agent.save()
        left = Client().post("/accounts/password/reset/", {"email": AGENT})
        never = Client().post("/accounts/password/reset/", {"email": "nobody@parvis.example"})
        assert (left.status_code, left.url) == (never.status_code, never.url)
        assert not letters

    def test_asking_often_is_answered_alike_for_known_and_unknown(self, world: World, letters: list[Any]) -> None:
        known, unknown = (
            [Client().post("/accounts/password/reset/", {"email": e}).status_code for _i in range(7)]
            for e in (AGENT, "nobody@parvis.example")
        )
        assert known == unknown
        assert len(letters) <= 5


class TestSecondStep:
    @pytest.fixture
    def halfway(self, world: World) -> Client:
        """The agent after the password and before the code."""
        from allauth.mfa.totp.internal.auth import TOTP

        TOTP.activate(world.agent, "JBSWY3DPEHPK3PXP")
        client = Client()
        assert tries(client, password=PASSWORD).url.startswith("/accounts/2fa/authenticate/")
        return client

    def test_no_other_address_opens_before_the_code(self, house: Any) -> None:
        from allauth.mfa.totp.internal.auth import TOTP

        TOTP.activate(house.world.agent, "JBSWY3DPEHPK3PXP")
        client = Client()
        tries(client, password=PASSWORD)
        for route in house.routes():
            if not route.open_to_all:
                response = client.get(route.url)
                assert response.status_code == 302, route
                assert response.url.startswith(("/accounts/login/", "/accounts/2fa/authenticate/")), route
        assert client.get("/", follow=True).redirect_chain[-1][0] == "/portal/"

    def test_the_code_cannot_be_guessed_at_leisure(self, halfway: Client) -> None:
        answers = [halfway.post("/accounts/2fa/authenticate/", {"code": f"{n:06}"}) for n in range(12)]
        assert "_auth_user_id" not in halfway.session
        assert "Too many" in answers[-1].content.decode() or answers[-1].status_code == 429
