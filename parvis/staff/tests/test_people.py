from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from parvis.kernel.errors import Invalid, NotFound
from parvis.ledger.models import Entry
from parvis.staff.domain.keys import keymap_checked
from parvis.staff.models import ApiToken, Member, Team
from parvis.staff.selectors import viewer_of_token
from parvis.staff.services import (
    member_change,
    password_link_make,
    profile_change,
    team_remove,
    team_save,
    token_create,
    token_revoke,
)
from tests.world import PASSWORD, World

BACKEND = "parvis.staff.sessions.Backend"


@pytest.fixture
def sign_in(client: Client) -> Any:
    """A function that signs one of the cast in and returns the client."""

    def as_(member: Member, language: str = "en") -> Client:
        Member.objects.filter(pk=member.pk).update(language=language)
        client.force_login(member, backend=BACKEND)
        return client

    return as_


def addresses(world: World, token: ApiToken, team: Team) -> list[tuple[str, str]]:
    """Every page that only administrators open."""
    person = world.agent.pk
    return [
        ("get", reverse("settings_people")),
        ("get", reverse("settings_person_new")),
        ("post", reverse("settings_person_new")),
        ("get", reverse("settings_person", args=[person])),
        ("post", reverse("settings_person", args=[person])),
        ("post", reverse("settings_person_active", args=[person])),
        ("post", reverse("settings_person_password", args=[person])),
        ("post", reverse("settings_person_two_factor_off", args=[person])),
        ("post", reverse("settings_token_new", args=[person])),
        ("post", reverse("settings_token_revoke", args=[token.pk])),
        ("get", reverse("settings_teams")),
        ("post", reverse("settings_teams")),
        ("post", reverse("settings_team_remove", args=[team.pk])),
    ]


# Who may -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["agent", "lead", "manager", "outsider"])
def test_only_administrators_look_after_people(world: World, sign_in: Any, who: str) -> None:
    administrator = world.viewer("administrator")
    token, __ = token_create(viewer=administrator, member_id=world.agent.pk, name="CRM", scopes=["customers:read"])
    team = team_save(viewer=administrator, name="Atelier")
    client, before = sign_in(getattr(world, who)), Entry.objects.count()
    for method, address in addresses(world, token, team):
        assert getattr(client, method)(address).status_code == 403, address
    assert Entry.objects.count() == before
    assert ApiToken.objects.get().revoked_at is None


def test_nobody_gives_themselves_a_role(world: World, sign_in: Any) -> None:
    client = sign_in(world.agent)
    client.post(reverse("profile"), {"name": "A", "language": "en", "theme": "auto", "role": "administrator"})
    assert Member.objects.get(pk=world.agent.pk).role == "agent"
    with pytest.raises(Invalid):
        profile_change(member=world.agent, role="administrator")


# People --------------------------------------------------------------------------------------------------------------
def test_somebody_is_added_and_chooses_a_password_by_the_link_handed_over(
    world: World, sign_in: Any, client: Client
) -> None:
    sign_in(world.administrator)
    data = {"name": "Malo <b>Le Gall", "email": "Malo@Canal.example", "role": "lead", "language": "fr"}
    assert client.post(reverse("settings_person_new"), data).status_code == 302
    malo = Member.objects.get(email="malo@canal.example")
    assert (malo.role, malo.language, malo.has_usable_password()) == ("lead", "fr", False)
    page = client.post(reverse("settings_person_password", args=[malo.pk])).content.decode()
    assert "<b>Le Gall" not in page
    path = page.partition("http://testserver")[2].partition('"')[0]
    visitor = Client()
    form_page = visitor.get(path, follow=True)
    action = form_page.redirect_chain[-1][0]
    visitor.post(action, {"password1": "quatre mots bien choisis", "password2": "quatre mots bien choisis"})
    malo.refresh_from_db()
    assert malo.check_password("quatre mots bien choisis")
    assert "too old" in Client().get(path, follow=True).content.decode()


def test_an_address_in_use_is_refused_at_its_field(world: World, sign_in: Any) -> None:
    data = {"name": "Two", "email": "AGENT@parvis.example", "role": "agent", "language": "fr"}
    response = sign_in(world.administrator).post(reverse("settings_person_new"), data)
    assert response.status_code == 422
    assert "already" in response.content.decode()


def test_the_last_administrator_stays(world: World, sign_in: Any) -> None:
    client, me = sign_in(world.administrator), world.administrator
    data = {"name": me.name, "email": me.email, "role": "agent"}
    response = client.post(reverse("settings_person", args=[me.pk]), data)
    assert response.status_code == 422
    assert "Somebody must remain an administrator." in response.content.decode()
    client.post(reverse("settings_person_active", args=[me.pk]), {"active": "0"})
    me.refresh_from_db()
    assert (me.role, me.is_active) == ("administrator", True)


def test_who_has_left_is_out_at_once_and_can_come_back(world: World, sign_in: Any) -> None:
    agent = Client()
    agent.force_login(world.agent, backend=BACKEND)
    assert agent.get(reverse("profile")).status_code == 200
    client = sign_in(world.administrator)
    client.post(reverse("settings_person_active", args=[world.agent.pk]), {"active": "0"})
    assert agent.get(reverse("profile")).status_code == 302
    assert "1 person has left" in client.get(reverse("settings_people")).content.decode()
    client.post(reverse("settings_person_active", args=[world.agent.pk]), {"active": "1"})
    assert Member.objects.get(pk=world.agent.pk).is_active


def test_a_new_address_closes_the_old_one(world: World, client: Client) -> None:
    login = reverse("account_login")
    client.post(login, {"login": "agent@parvis.example", "password": PASSWORD})
    client.post(reverse("account_logout"))
    member_change(viewer=world.viewer("administrator"), member_id=world.agent.pk, email="malo@parvis.example")
    refused = client.post(login, {"login": "agent@parvis.example", "password": PASSWORD})
    assert refused.status_code == 200
    assert client.post(login, {"login": "malo@parvis.example", "password": PASSWORD}).status_code == 302


def test_other_peoples_ids_that_are_nobodys_are_not_found(world: World, sign_in: Any) -> None:
    client = sign_in(world.administrator)
    for method, name in [
        ("get", "settings_person"),
        ("post", "settings_person_active"),
        ("post", "settings_person_password"),
        ("post", "settings_token_new"),
        ("post", "settings_token_revoke"),
    ]:
        assert getattr(client, method)(reverse(name, args=[999_999])).status_code == 404, name
    with pytest.raises(NotFound):
        password_link_make(viewer=world.viewer("administrator"), member_id=999_999)


def test_the_list_costs_the_same_for_many(world: World, sign_in: Any, django_assert_max_num_queries: Any) -> None:
    client = sign_in(world.administrator)
    for number in range(20):
        Member.objects.create_user(f"p{number}@parvis.example", None, name=f"Person {number}")
    with django_assert_max_num_queries(13):
        assert "Person 19" in client.get(reverse("settings_people")).content.decode()


# Teams ---------------------------------------------------------------------------------------------------------------
def test_teams_are_added_renamed_and_dissolved(world: World, sign_in: Any) -> None:
    client = sign_in(world.administrator)
    client.post(reverse("settings_teams"), {"name": "Atelier"})
    team = Team.objects.get()
    client.post(reverse("settings_teams"), {"name": "Atelier et quai", "team": team.pk})
    assert Team.objects.get().name == "Atelier et quai"
    again = client.post(reverse("settings_teams"), {"name": "atelier ET quai"})
    assert again.status_code == 422
    client.post(reverse("settings_team_remove", args=[team.pk]))
    assert not Team.objects.exists()
    names = list(Entry.objects.filter(name__startswith="staff.team").values_list("name", flat=True))
    assert names == ["staff.team_saved", "staff.team_saved", "staff.team_removed"]


def test_a_team_that_is_gone_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        team_remove(viewer=world.viewer("administrator"), team_id=999_999)


# Keys to the API -----------------------------------------------------------------------------------------------------
def test_a_keys_secret_is_shown_once_and_opens_until_withdrawn(world: World, sign_in: Any) -> None:
    client = sign_in(world.administrator)
    data = {"name": "CRM", "scopes": ["customers:read"], "expires": "2099-12-31"}
    page = client.post(reverse("settings_token_new", args=[world.agent.pk]), data).content.decode()
    secret = "parvis_" + page.partition('value="parvis_')[2].partition('"')[0]
    viewer = viewer_of_token(secret)
    assert viewer is not None
    assert (viewer.member_id, viewer.scopes) == (world.agent.pk, frozenset({"customers:read"}))
    assert secret not in client.get(reverse("settings_person", args=[world.agent.pk])).content.decode()
    assert secret not in ApiToken.objects.get().digest
    client.post(reverse("settings_token_revoke", args=[ApiToken.objects.get().pk]))
    assert viewer_of_token(secret) is None


@pytest.mark.parametrize(
    "data",
    [
        {"name": "CRM", "scopes": []},
        {"name": "CRM", "scopes": ["everything:write"]},
        {"name": "", "scopes": ["customers:read"]},
        {"name": "CRM", "scopes": ["customers:read"], "expires": "2020-01-01"},
    ],
    ids=["no scope", "unknown scope", "no name", "past"],
)
def test_a_key_that_makes_no_sense_is_refused(world: World, sign_in: Any, data: dict[str, Any]) -> None:
    client = sign_in(world.administrator)
    assert client.post(reverse("settings_token_new", args=[world.agent.pk]), data).status_code == 422
    assert not ApiToken.objects.exists()


def test_withdrawing_twice_is_recorded_once(world: World) -> None:
    administrator = world.viewer("administrator")
    token, __ = token_create(viewer=administrator, member_id=world.agent.pk, name="CRM", scopes=["customers:read"])
    first = token_revoke(viewer=administrator, token_id=token.pk).revoked_at
    assert token_revoke(viewer=administrator, token_id=token.pk).revoked_at == first
    assert Entry.objects.filter(name="staff.token_revoked").count() == 1


# One's own profile ---------------------------------------------------------------------------------------------------
def test_language_and_theme_change_from_any_page(world: World, sign_in: Any) -> None:
    client = sign_in(world.agent)
    response = client.post(reverse("profile_language"), {"language": "fr", "back": "/settings/profile/"})
    assert response.url == "/settings/profile/"
    assert client.cookies["django_language"].value == "fr"
    assert "Profil" in client.get(reverse("profile")).content.decode()
    assert client.post(reverse("profile_theme"), {"theme": "dark"}, headers={"HX-Request": "true"}).status_code == 204
    assert 'data-theme="dark"' in client.get(reverse("profile")).content.decode()


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_language_switch_leads_nowhere_else(world: World, sign_in: Any, there: str) -> None:
    response = sign_in(world.agent).post(reverse("profile_language"), {"language": "fr", "back": there})
    assert response.url == "/"


def test_own_keys_are_kept_and_empty_ones_forgotten(world: World, sign_in: Any) -> None:
    client = sign_in(world.agent)
    response = client.post(reverse("profile"), {"part": "keys", "keys_on": "on", "key_r": "y", "key_n": ""})
    assert response.status_code == 302
    assert Member.objects.get(pk=world.agent.pk).keymap == {"r": "y"}
    clash = client.post(reverse("profile"), {"part": "keys", "key_r": "n", "key_n": "n"})
    assert clash.status_code == 422
    assert Member.objects.get(pk=world.agent.pk).keymap == {"r": "y"}


@pytest.mark.parametrize("given", [{"r": "rr"}, {"r": "?"}, {"r": "a b c"}, {"r": "g"}, {"r": "n"}, {"r": "\x07"}])
def test_keys_that_could_not_be_struck_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        keymap_checked(given)


def test_two_keys_can_change_places() -> None:
    assert keymap_checked({"r": "n", "n": "r"}) == {"r": "n", "n": "r"}


def test_the_settings_begin_where_one_may(world: World, sign_in: Any) -> None:
    assert sign_in(world.agent).get(reverse("settings")).url == reverse("profile")
    assert sign_in(world.manager).get(reverse("settings")).url == reverse("settings_business")
