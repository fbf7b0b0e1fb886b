"""The mail ledger and the outbox: who sees them, what they say, what they cost."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from parvis.channels.models import MailCounter, OutMail, RawMail
from parvis.channels.selectors import mail_tally
from parvis.channels.services import Delivery, mails_store
from parvis.desk.models import Message
from parvis.desk.services import mails_take_in
from parvis.kernel.clock import utcnow
from tests.mail.letters import letter, take_in
from tests.world import World


@pytest.fixture
def signed_in(client: Client, world: World):
    """A function that signs one of the cast in."""

    def as_(who: str) -> Client:
        client.force_login(getattr(world, who))
        return client

    return as_


def sent(world: World, **fields: object) -> OutMail:
    """A mail to a customer of the canal, in the outbox; `fields` say how it stands."""
    encounter = world.contact(channel="email")
    OutMail.objects.filter(key=f"greeting:{encounter.pk}").update(**fields)
    return OutMail.objects.get(key=f"greeting:{encounter.pk}")


@pytest.mark.parametrize(
    ("name", "who", "status"),
    [
        ("mail_ledger", "agent", 403),
        ("mail_ledger", "lead", 403),
        ("mail_ledger", "manager", 200),
        ("outbox", "agent", 403),
        ("outbox", "outsider", 403),
        ("outbox", "lead", 200),
    ],
)
def test_who_may_open_the_pages(signed_in, name: str, who: str, status: int) -> None:
    assert signed_in(who).get(reverse(name)).status_code == status


def test_visitors_are_sent_to_the_sign_in(client: Client, world: World) -> None:
    for name in ("mail_ledger", "outbox"):
        assert client.get(reverse(name)).status_code == 302


def test_the_account_says_what_came_and_that_nothing_is_lost(signed_in, world: World) -> None:
    mail = letter()
    take_in(mail, letter(headers={"Auto-Submitted": "auto-replied"}), bytes(range(256)))
    take_in(mail)
    answer = signed_in("administrator").get(reverse("mail_ledger"))
    tally = answer.context["tally"]
    assert (tally.received, tally.stored, tally.repeated, tally.lost) == (4, 3, 1, 0)
    assert (tally.by_state["attached"], tally.by_state["ignored"], tally.by_state["failed"]) == (1, 1, 1)
    assert "nothing is missing" in answer.content.decode()


def test_a_mail_that_was_accepted_and_is_not_there_shows_as_lost(signed_in, world: World) -> None:
    take_in(letter())
    MailCounter.objects.update(received=3)
    page = signed_in("administrator").get(reverse("mail_ledger")).content.decode()
    assert "More was received than is stored" in page


def test_a_manager_sees_the_mail_of_their_sites_only(signed_in, world: World) -> None:
    take_in(letter(subject="Pour le canal"))
    [(other, __)] = mails_store(
        deliveries=[
            Delivery(letter(subject="Pour la gare").as_bytes(), source="smtp", envelope_to=("bonjour@gare.example",))
        ]
    )

    mails_take_in()
    client = signed_in("manager")
    for address in ("", "?state=attached", "?q=zoe@exemple.example"):
        page = client.get(reverse("mail_ledger") + address).content.decode()
        assert "Pour le canal" in page
        assert "Pour la gare" not in page
    assert mail_tally(world.viewer("manager")).stored == 1
    gone = [
        client.get(reverse(name, args=[pk])).status_code
        for name in ("mail", "mail_source", "mail_raw")
        for pk in (other.pk, 999_999)
    ]
    assert gone == [404] * 6
    RawMail.objects.filter(pk=other.pk).update(state="ignored")
    assert client.post(reverse("mail_reread", args=[other.pk])).status_code == 404
    assert RawMail.objects.get(pk=other.pk).state == "ignored"


def test_one_mail_tells_where_it_is_and_why(signed_in, world: World) -> None:
    [mail] = take_in(letter())
    page = signed_in("manager").get(reverse("mail", args=[mail.pk])).content.decode()
    assert "The first mail of its matter" in page
    assert reverse("encounter", args=[Message.objects.get(mail=mail).encounter.reference]) in page


def test_the_source_is_text_and_the_file_is_one_that_no_browser_opens(signed_in, world: World) -> None:
    raw = letter("<script>alert(1)</script>").as_bytes()
    [mail] = take_in(raw)
    client = signed_in("manager")
    source = client.get(reverse("mail_source", args=[mail.pk])).content.decode()
    assert "&lt;script&gt;" in source
    assert "<script>alert" not in source
    file = client.get(reverse("mail_raw", args=[mail.pk]))
    assert file.content == raw
    assert file["Content-Type"] == "text/plain"
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Content-Type-Options"] == "nosniff"


def test_a_mail_set_aside_can_be_read_again(signed_in, world: World) -> None:
    [mail] = take_in(letter())
    RawMail.objects.filter(pk=mail.pk).update(state="failed", error="RuntimeError: tripped")
    client = signed_in("manager")
    assert "tripped" in client.get(reverse("mail", args=[mail.pk])).content.decode()
    client.post(reverse("mail_reread", args=[mail.pk]))
    assert RawMail.objects.get(pk=mail.pk).state == "stored"


def test_mail_that_waits_for_nobody_to_read_it_is_pointed_out(signed_in, world: World) -> None:
    hour_ago = utcnow() - dt.timedelta(hours=1)
    mails_store(deliveries=[Delivery(letter().as_bytes(), source="smtp", at=hour_ago)])
    page = signed_in("administrator").get(reverse("mail_ledger")).content.decode()
    assert "for 60 minutes" in page


def test_the_outbox_says_what_to_set_when_there_is_no_server(signed_in, world: World, settings) -> None:
    page = signed_in("lead").get(reverse("outbox")).content.decode()
    assert "PARVIS_EMAIL_URL" in page
    settings.MAIL_CONFIGURED = True
    assert "PARVIS_EMAIL_URL" not in signed_in("lead").get(reverse("outbox")).content.decode()


def test_a_failed_mail_says_why_and_can_be_tried_again(signed_in, world: World) -> None:
    error = "SMTPRecipientsRefused: zoe@exemple.example: 550 5.1.1 User unknown"
    mail = sent(world, state="failed", attempts=1, error=error)
    client = signed_in("lead")
    page = client.get(reverse("outbox") + "?view=failed").content.decode()
    assert "There is no such address." in page
    assert "550 5.1.1 User unknown" in page
    answer = client.post(reverse("outmail_retry", args=[mail.pk]), headers={"HX-Request": "true"})
    assert f'id="out-{mail.pk}"' in answer.content.decode()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.error) == ("queued", 0, "")
    client.post(reverse("outmail_cancel", args=[mail.pk]))
    mail.refresh_from_db()
    assert mail.state == "cancelled"


def test_a_mail_that_left_cannot_be_stopped(signed_in, world: World) -> None:
    mail = sent(world, state="sent", sent_at=utcnow())
    assert signed_in("lead").post(reverse("outmail_cancel", args=[mail.pk])).status_code == 409
    mail.refresh_from_db()
    assert mail.state == "sent"


def test_a_mail_that_came_back_is_listed_as_such(signed_in, world: World) -> None:
    mail = sent(world, state="sent", sent_at=utcnow(), returned_at=utcnow())
    page = signed_in("lead").get(reverse("outbox") + "?view=returned").content.decode()
    assert mail.to[0] in page
    assert "Came back" in page


def test_the_outbox_of_another_site_is_out_of_sight_and_out_of_reach(signed_in, world: World) -> None:
    mail = sent(world, state="failed", attempts=1, error="x")
    world.outsider.role = "lead"
    world.outsider.save()
    client = signed_in("outsider")
    answer = client.get(reverse("outbox") + "?view=failed")
    assert mail.to[0] not in answer.content.decode()
    assert all(not view["count"] for view in answer.context["views"])
    for name in ("outmail_retry", "outmail_cancel"):
        statuses = {client.post(reverse(name, args=[pk])).status_code for pk in (mail.pk, 999_999)}
        assert statuses == {404}
    agent = signed_in("agent")
    assert agent.post(reverse("outmail_cancel", args=[mail.pk])).status_code == 403
    mail.refresh_from_db()
    assert mail.state == "failed"


@pytest.mark.parametrize("name", ["mail_ledger", "outbox"])
def test_a_page_costs_the_same_with_few_rows_and_with_many(
    signed_in, world: World, name: str, django_assert_max_num_queries
) -> None:
    client = signed_in("manager")
    take_in(letter("Bonjour 0"))
    client.get(reverse(name))  # what is loaded once
    counts = []
    for more in (3, 25):
        take_in(*(letter(f"Bonjour {more} {n}", subject=f"Sujet {more} {n}") for n in range(more)))
        with django_assert_max_num_queries(22) as queries:
            assert client.get(reverse(name)).status_code == 200
        counts.append(len(queries))
    # One more or less: whether the catalogue in memory is still the current one is asked every 50 ms.
    assert abs(counts[0] - counts[1]) <= 1


def test_the_list_goes_on_where_the_page_ended(signed_in, world: World) -> None:
    deliveries = [Delivery(letter(subject=f"Sujet {n:03}").as_bytes(), source="smtp") for n in range(60)]
    for mail, __ in mails_store(deliveries=deliveries):
        RawMail.objects.filter(pk=mail.pk).update(subject=f"Sujet {mail.pk}", site=world.canal)
    client = signed_in("manager")
    first = client.get(reverse("mail_ledger"))
    second = client.get(first.context["more"], headers={"HX-Request": "true"})
    pages = first.content.decode() + second.content.decode()
    shown = [int(pk) for pk in re.findall(r'data-row href="/mail/(\d+)/"', pages)]
    assert shown == sorted(shown, reverse=True)
    assert len(shown) == len(set(shown)) == 60
    assert "<html" not in second.content.decode()
