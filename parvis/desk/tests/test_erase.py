"""A customer asks to be forgotten, or to see what is known of them."""

import json

import pytest

from parvis.channels.models import OutMail, RawBody, RawMail
from parvis.customers.models import ContactPoint, Customer, Merge
from parvis.customers.selectors import customer_visible, customers_search
from parvis.desk.models import Attachment, FollowUp, Message
from parvis.desk.selectors import conversations_search
from parvis.desk.services import conversation_close, mails_take_in, note_add, reply_send
from parvis.desk.services.erase import customer_erase, customer_export
from parvis.desk.services.merge import customer_merge
from parvis.encounters.models import Encounter
from parvis.kernel.errors import Conflict, NotAllowed, NotFound
from parvis.ledger.models import Entry
from parvis.promises.models import Promise
from parvis.promises.selectors import score
from tests.world import World

MAIL = (
    b"From: Zo\xc3\xa9 Martin <zoe@exemple.example>\r\nTo: bonjour@canal.example\r\nSubject: Secret garden\r\n"
    b"Message-ID: <1@exemple.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nMy grandmother's rosebush\r\n"
    b"--x\r\nContent-Type: image/png; name=rose.png\r\nContent-Disposition: attachment; filename=rose.png\r\n\r\n"
    b"PNGPNG\r\n--x--\r\n"
)
WORDS = ("Zoé", "Martin", "exemple.example", "Secret", "rosebush", "grandmother", "secateurs", "rose.png")


def story(world: World) -> Customer:
    """A customer by mail with a file, answered, noted about, closed; and a twin merged in."""
    from parvis.channels.services import Delivery, mails_store

    mails_store(deliveries=[Delivery(MAIL, "smtp", "zoe@exemple.example", ["bonjour@canal.example"])])
    mails_take_in()
    encounter = Encounter.objects.get()
    twin = world.contact(channel="phone", email="", phone="06 12 34 56 78", subject="Secret secateurs")
    viewer = world.viewer("agent")
    reply_send(viewer=viewer, encounter_id=encounter.pk, text="Dear Zoé, about the rosebush")
    note_add(viewer=viewer, encounter_id=encounter.pk, text="grandmother calls too")
    customer_merge(viewer=viewer, keep_id=encounter.customer_id, absorb_id=twin.customer_id)
    for each in (encounter, twin):
        conversation_close(viewer=viewer, encounter_id=each.pk)
    FollowUp.objects.update(comment="the rosebush again")
    return Customer.objects.get(pk=encounter.customer_id)


def everything_stored() -> str:
    """All text of all rows that speak of customers, as one string."""
    models = (Customer, ContactPoint, Message, Attachment, Encounter, Promise, FollowUp, OutMail, RawMail, Entry, Merge)
    rows = [repr(list(model.objects.values())) for model in models]
    bodies = [
        bytes(content).decode("utf-8", "replace") for content in RawBody.objects.values_list("content", flat=True)
    ]
    return "\n".join(rows + bodies)


def test_nothing_personal_is_left_and_the_figures_stay(world: World) -> None:
    customer = story(world)
    before = everything_stored()
    assert all(word in before for word in WORDS), "the story must be there to be erased"
    counted = (Encounter.objects.count(), Promise.objects.count(), Message.objects.count())
    kept = score(world.viewer("administrator"), since=Encounter.objects.earliest("opened_at").opened_at)
    customer_erase(viewer=world.viewer("administrator"), customer_id=customer.pk)
    left = everything_stored()
    assert [word for word in WORDS if word in left] == []
    assert "0612345678" not in left.replace(" ", "")
    assert "+33612345678" not in left
    assert (Encounter.objects.count(), Promise.objects.count(), Message.objects.count()) == counted
    assert score(world.viewer("administrator"), since=Encounter.objects.earliest("opened_at").opened_at) == kept
    assert set(Entry.objects.filter(name="customer.erased").values_list("customer_id", flat=True)) == {
        customer.pk,
        Customer.objects.exclude(merged_into=None).get().pk,
    }


def test_an_erased_customer_is_found_nowhere(world: World) -> None:
    customer = story(world)
    chief = world.viewer("administrator")
    customer_erase(viewer=chief, customer_id=customer.pk)
    assert customers_search(chief, "zoe")[0] == []
    assert conversations_search(chief, "rosebush")[0] == []
    with pytest.raises(NotFound):
        customer_visible(chief, customer.pk)


def test_mail_that_waits_to_leave_is_stopped(world: World) -> None:
    customer = story(world)
    customer_erase(viewer=world.viewer("administrator"), customer_id=customer.pk)
    assert not OutMail.objects.filter(state="queued").exists()


def test_a_new_mail_after_the_erasure_opens_a_new_record(world: World) -> None:
    customer = story(world)
    customer_erase(viewer=world.viewer("administrator"), customer_id=customer.pk)
    assert world.contact().customer_id != customer.pk


def test_what_is_open_is_finished_first(world: World) -> None:
    encounter = world.contact()
    with pytest.raises(Conflict) as refused:
        customer_erase(viewer=world.viewer("administrator"), customer_id=encounter.customer_id)
    assert refused.value.code == "still_open"
    assert Customer.objects.get().name == "Zoé Martin"


@pytest.mark.parametrize("who", ["agent", "lead", "manager", "outsider"])
def test_only_an_administrator_erases_or_hands_out(world: World, who: str) -> None:
    encounter = world.contact()
    conversation_close(viewer=world.viewer("agent"), encounter_id=encounter.pk)
    for service in (customer_erase, customer_export):
        with pytest.raises(NotAllowed):
            service(viewer=world.viewer(who), customer_id=encounter.customer_id)
    assert Customer.objects.get().erased_at is None


def test_the_export_holds_all_that_was_said(world: World) -> None:
    customer = story(world)
    data = json.loads(json.dumps(customer_export(viewer=world.viewer("administrator"), customer_id=customer.pk)))
    assert data["name"] == "Zoé Martin"
    assert {p["value"] for p in data["contact_points"]} == {"zoe@exemple.example", "06 12 34 56 78"}
    texts = " ".join(m["text"] for e in data["encounters"] for m in e["messages"])
    assert "rosebush" in texts
    assert "grandmother calls too" in texts
    assert ["rose.png"] in [m["attachments"] for e in data["encounters"] for m in e["messages"]]
    assert all(e["promises"] for e in data["encounters"])
