"""A day at the desk in a real browser: read, answer, take back, be warned, note, hand on, renegotiate, close."""

import re

import pytest
from playwright.sync_api import Page, expect

from parvis.channels.models import OutMail
from parvis.desk.models import Message, Reading
from parvis.desk.services import note_add, presence_note
from parvis.desk.services.contacts import customer_spoke
from parvis.desk.services.messages import File, Words
from parvis.kernel.clock import utcnow
from parvis.ledger.services import Actor
from parvis.promises.services import promises_watch
from tests.axe import axe_violations
from tests.conftest import DESK, PHONE

pytestmark = pytest.mark.browser

HTML = '<p style="color:#024">Bonjour <b>à vous</b></p><img data-remote-src="https://traqueur.example/p.gif">'


def address(encounter, view="all"):
    return f"/encounters/{encounter.reference}/?view={view}"


def customer_says(encounter, text):
    return customer_spoke(
        actor=Actor("customer", encounter.customer_id),
        encounter_id=encounter.pk,
        words=Words(text),
        at=utcnow(),
        customer_id=encounter.customer_id,
        channel="email",
    )


def composer(page: Page):
    return page.get_by_role("textbox", name="Reply to the customer")


def live(page: Page) -> None:
    """Wait until the page hears the live feed."""
    page.wait_for_selector('body[data-live="on"]')


def test_reading_from_the_list_marks_as_read_and_moves_the_address(world, open_desk):
    encounter = world.contact()
    page = open_desk(address="/inbox/unassigned/")
    row = page.locator(f"#row-{encounter.pk}")
    expect(row).to_have_class(re.compile("row-unread"))
    with page.expect_response(re.compile("/presence/")):
        row.click()
    expect(page.get_by_text("Bonjour, mon vélo grince.").last).to_be_visible()
    expect(page.locator("#pane-panel").get_by_role("link", name="Zoé Martin")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/encounters/{encounter.reference}/"))
    expect(row).not_to_have_class(re.compile("row-unread"))
    assert Reading.objects.get(member=world.agent).message_id == encounter.messages.latest("pk").pk
    page.reload()
    expect(page.locator(f"#row-{encounter.pk}")).to_have_attribute("aria-current", "true")
    page.go_back()
    expect(page.get_by_role("heading", name="No conversation is open")).to_be_visible()


def test_a_row_opens_whole_though_the_list_is_fetched_again_meanwhile(world, open_desk):
    encounter = world.contact()
    page = open_desk(address="/inbox/unassigned/")
    live(page)
    held = []
    page.route(re.compile(r"/encounters/[^/]+/\?view="), lambda route: held.append(route))
    page.locator(f"#row-{encounter.pk}").click()
    with page.expect_response(re.compile("/inbox/unassigned/list/")):
        page.evaluate("htmx.trigger(document.body, 'live:inbox')")
    page.wait_for_timeout(200)
    held[0].continue_()
    expect(page.locator("#pane-panel").get_by_role("link", name="Zoé Martin")).to_be_visible()


def test_a_reply_is_sent_and_taken_back_with_its_text(world, open_desk):
    encounter = world.contact()
    page = open_desk(address=address(encounter))
    composer(page).fill("Passez demain dès 9 h.")
    page.get_by_role("button", name="Send", exact=True).click()
    sent = page.locator(".message-reply", has_text="Passez demain dès 9 h.")
    expect(sent).to_be_visible()
    expect(page.get_by_text(re.compile(r"Leaves in \d+ s"))).to_be_visible()
    expect(composer(page)).to_have_value("")
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(sent).to_have_count(0)
    expect(composer(page)).to_have_value("Passez demain dès 9 h.")
    assert OutMail.objects.get(key__startswith="reply:").state == "cancelled"


def test_what_arrives_meanwhile_is_seen_before_the_reply_leaves(world, open_desk):
    encounter = world.contact()
    page = open_desk(address=address(encounter))
    live(page)
    composer(page).fill("Tout est prêt.")
    # The writer looks elsewhere: what comes in is not on their screen.
    page.evaluate("IntersectionObserver.prototype.observe = () => {}")
    customer_says(encounter, "Attendez, je me suis trompée de vélo.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Something arrived while you were writing")
    expect(page.get_by_text("Attendez, je me suis trompée de vélo.").last).to_be_visible()
    expect(composer(page)).to_have_value("Tout est prêt.")
    assert not Message.objects.filter(direction="out", purpose="talk").exists()
    page.get_by_role("button", name="I have read it: send").click()
    expect(page.locator(".message-reply", has_text="Tout est prêt.")).to_be_visible()


def test_a_message_that_arrives_shows_by_itself_and_leaves_what_is_open_alone(world, open_desk):
    encounter = world.contact(files=[File("frein.jpg", "image/jpeg", b"\xff\xd8")])
    message = encounter.messages.get(direction="in")
    Message.objects.filter(pk=message.pk).update(html=HTML)
    page = open_desk(address=address(encounter))
    live(page)
    page.get_by_text("As it was formatted").click()
    frame = page.frame_locator(".formatted-frame iframe")
    expect(frame.get_by_text("à vous")).to_be_visible()
    page.evaluate("document.querySelector('.formatted-frame iframe').contentWindow.untouched = true")
    composer(page).fill("Je regarde")
    customer_says(encounter, "Et la chaîne saute.")
    expect(page.get_by_text("Et la chaîne saute.").last).to_be_visible()
    assert page.evaluate("document.querySelector('.formatted-frame iframe').contentWindow.untouched") is True
    expect(composer(page)).to_have_value("Je regarde")


def test_formatted_mail_loads_nothing_from_elsewhere_until_asked(world, open_desk):
    encounter = world.contact()
    Message.objects.filter(encounter=encounter, direction="in").update(html=HTML)
    page = open_desk(address=address(encounter))
    asked = []
    page.route("https://traqueur.example/**", lambda route: (asked.append(route.request.url), route.abort()))
    page.get_by_text("As it was formatted").click()
    expect(page.frame_locator(".formatted-frame iframe").get_by_text("à vous")).to_be_visible()
    assert asked == []
    page.get_by_role("button", name="Show them").click()
    page.wait_for_timeout(500)
    assert asked == ["https://traqueur.example/p.gif"]


def test_a_note_looks_unlike_a_reply_and_never_leaves(world, open_desk):
    encounter = world.contact()
    page = open_desk(address=address(encounter))
    page.get_by_role("button", name="Note", exact=True).click()
    page.get_by_role("textbox", name="Note for colleagues").fill("Rappeler avant midi.")
    page.get_by_role("button", name="Keep the note").click()
    note = page.locator(".message-note", has_text="Rappeler avant midi.")
    expect(note).to_contain_text("Note, seen by your team only")
    assert not OutMail.objects.filter(text__contains="midi").exists()


def test_a_draft_waits_for_its_writer(world, open_desk):
    encounter = world.contact()
    page = open_desk(address=address(encounter))
    composer(page).press_sequentially("Je vous rép")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.goto("/inbox/mine/")
    page.goto(address(encounter))
    expect(composer(page)).to_have_value("Je vous rép")


def test_files_are_listed_taken_away_and_sent(world, open_desk):
    encounter = world.contact()
    page = open_desk(address=address(encounter))
    one, two = ({"name": n, "mimeType": "text/plain", "buffer": b"x" * 2048} for n in ("devis.txt", "faux.txt"))
    form = page.locator("[data-composer-form=reply]")
    form.locator("[data-attach]").set_input_files([one, two])
    expect(form.get_by_text("devis.txt · 2 kB")).to_be_visible()
    form.get_by_role("button", name="Take faux.txt away").click()
    composer(page).fill("Voici le devis.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".message-reply").get_by_role("link", name="devis.txt")).to_be_visible()
    assert [a.name for a in Message.objects.latest("pk").attachments.all()] == ["devis.txt"]


def test_handing_on_renegotiating_and_closing(world, open_desk):
    later, encounter = world.contact(subject="Suivant", email="b@x.example"), world.contact()
    page = open_desk(who="lead", address=address(encounter, "unassigned"))
    page.get_by_role("link", name="Renegotiate").click()
    page.get_by_label("New time").fill("2099-03-02T18:00")
    page.get_by_label("Why").fill("La pièce arrive lundi.")
    expect(page.locator("#renegotiate-letter")).to_contain_text("La pièce arrive lundi.")
    page.get_by_role("button", name="Tell the customer").click()
    expect(page.get_by_text("The customer is told.")).to_be_visible()
    expect(page.locator(".message-reply", has_text="La pièce arrive lundi.")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Assign")).click()
    page.get_by_role("button", name="Agent", exact=True).click()
    expect(page.get_by_text("Lead gave it to Agent")).to_be_visible()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("Suivant")
    expect(page).to_have_url(re.compile(later.reference))
    encounter.refresh_from_db()
    assert (encounter.status, encounter.owner_id) == ("closed", world.agent.pk)
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("Grincement")


DRAW_THE_HEAD_ANEW = """() => document.addEventListener("htmx:beforeSend", () => {
  const head = document.getElementById("encounter-head"), again = head.cloneNode(true);
  head.replaceWith(again);
  htmx.process(again);
}, {once: true})"""


def test_what_is_drawn_anew_during_a_request_loses_no_word_of_the_answer(world, open_desk):
    world.contact(subject="Suivant", email="b@x.example")
    page = open_desk(address=address(world.contact(), "unassigned"))
    page.evaluate(DRAW_THE_HEAD_ANEW)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Closed: Grincement")).to_be_visible()
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("Suivant")


def test_the_watch_turns_the_chips_of_an_open_page(world, open_desk):
    encounter = world.contact()
    page = open_desk(address=address(encounter))
    live(page)
    chips = page.locator(f"#row-{encounter.pk} .chip, #encounter-head .chip, #promises-{encounter.pk} .chip")
    expect(chips).to_have_count(3)
    for chip in chips.all():
        expect(chip).to_have_attribute("data-state", "on_time")
    encounter.promises.update(warn_at=utcnow())
    assert promises_watch() == (1, 0)
    for chip in chips.all():
        expect(chip).to_have_attribute("data-state", "at_risk")


def test_colleagues_see_each_other(world, open_desk):
    encounter = world.contact()
    presence_note(viewer=world.viewer("lead"), encounter_id=encounter.pk, typing=True)
    page = open_desk(address=address(encounter))
    expect(page.get_by_text("Lead is writing…")).to_be_visible()


def test_earlier_messages_come_on_asking(world, open_desk):
    encounter = world.contact(text="Le tout premier mot.")
    for number in range(40):
        note_add(viewer=world.viewer("lead"), encounter_id=encounter.pk, text=f"Note {number}")
    page = open_desk(address=address(encounter))
    live(page)
    expect(page.locator("#messages").get_by_text("Le tout premier mot.")).not_to_be_attached()
    page.get_by_role("link", name="Earlier messages").click()
    expect(page.locator("#messages").get_by_text("Le tout premier mot.")).to_be_attached()
    note_add(viewer=world.viewer("lead"), encounter_id=encounter.pk, text="Toute dernière")
    expect(page.get_by_text("Toute dernière")).to_be_visible()
    expect(page.locator("#messages").get_by_text("Le tout premier mot.")).to_be_attached()
    assert page.locator("#messages .thread-item").evaluate_all("all => new Set(all.map(i => i.id)).size === all.length")


@pytest.mark.parametrize(
    ("viewport", "dark", "language"), [(DESK, False, "en"), (DESK, True, "fr"), (PHONE, False, "fr")]
)
def test_nothing_stands_in_anyones_way(world, open_desk, viewport, dark, language):
    encounter = world.contact(name="Marie-Christine de La Rochefoucauld-Montbrun", subject="Un très long objet " * 9)
    note_add(viewer=world.viewer("lead"), encounter_id=encounter.pk, text="Une note.")
    Message.objects.filter(encounter=encounter, direction="in").update(html=HTML, quoted="> avant")
    type(world.agent).objects.filter(pk=world.agent.pk).update(language=language)
    world.agent.refresh_from_db()
    for place in ("/inbox/mine/", "/inbox/all/", address(encounter)):
        page = open_desk(address=place, viewport=viewport, dark=dark, language=language)
        assert axe_violations(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], "scrolls sideways"
    for link in page.locator("#pane-panel a[data-dialog], #encounter-head .about-link").all():
        if not link.is_visible():
            continue
        link.click()
        page.locator("dialog[open]").wait_for()
        assert axe_violations(page, "dialog[open]") == []
        page.keyboard.press("Escape")
