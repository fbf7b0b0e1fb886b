"""What the shell tells people: toasts, drafts, the live stream and its absence."""

import json

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.shell.urls")]


def test_an_error_with_words_is_said_and_leaves_the_page_as_it_was(page):
    page.goto("/workbench/")
    page.locator("#refused").click()
    toast = page.locator("[data-toast]")
    expect(toast).to_contain_text("Somebody took it.")
    expect(toast).to_contain_text("Look again.")
    expect(toast).to_have_attribute("role", "alert")
    expect(toast).to_have_count(1)
    expect(page.locator("#kept")).to_have_text("kept")


def test_an_error_without_words_is_not_passed_over_in_silence(page):
    page.goto("/workbench/")
    page.locator("#failed").click()
    expect(page.locator("[data-toast]")).to_contain_text("did not work")


def test_a_toast_leaves_by_itself_stays_while_looked_at_and_errors_stay_until_closed(page):
    page.clock.install()
    page.goto("/styleguide/?lang=en")
    page.get_by_role("button", name="Toast: error").click()
    page.get_by_role("button", name="Toast: success").click()
    success = page.locator("[data-toast]", has_text="Assigned to")
    success.hover()
    page.clock.run_for(20_000)
    expect(success).to_be_visible()
    page.mouse.move(10, 10)
    page.clock.run_for(8_000)
    expect(success).to_have_count(0)
    error = page.locator("[data-toast]", has_text="does not answer")
    expect(error).to_be_visible()
    error.get_by_role("button", name="Close this message").click()
    expect(error).to_have_count(0)


def test_an_undo_posts_once_and_takes_its_toast_away(page):
    page.goto("/styleguide/?lang=en")
    page.get_by_role("button", name="Toast: undo").click()
    with page.expect_request(lambda request: request.method == "POST") as posted:
        page.locator("[data-toast-undo]").click()
    assert posted.value.url.endswith("/accept/")
    assert posted.value.headers["x-csrftoken"]
    expect(page.locator("[data-toast]")).to_have_count(0)


def test_a_draft_is_saved_with_its_form_once_the_writer_rests(page):
    bodies = []
    page.route("**/draft/", lambda route: (bodies.append(route.request.post_data), route.fulfill(status=204))[1])
    page.goto("/workbench/")
    page.locator("#draft").press_sequentially("Bonjour", delay=20)
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    assert len(bodies) == 1
    assert "Bonjour" in bodies[0]
    assert "E-7K3F9" in bodies[0]


def test_a_draft_that_cannot_be_saved_says_so_and_is_tried_again(page):
    answers = iter([500, 204])
    page.route("**/draft/", lambda route: route.fulfill(status=next(answers)))
    page.goto("/workbench/")
    page.locator("#draft").fill("Bonjour")
    expect(page.locator("#draft-state")).to_have_text("Not saved yet, trying again")
    expect(page.locator("#draft-state")).to_have_text("Draft saved")


def test_only_what_changed_is_fetched_again(page):
    event = "event: changed\ndata: " + json.dumps({"topics": ["encounter:42", "encounter:7"]}) + "\n\n"
    page.route("**/stream/", lambda route: route.fulfill(content_type="text/event-stream", body=event))
    page.goto("/workbench/?live=yes")
    expect(page.locator("#listener")).to_have_text("fetched")


def test_a_change_elsewhere_fetches_nothing(page):
    event = "retry: 60000\nevent: changed\ndata: " + json.dumps({"topics": ["encounter:4"]}) + "\n\n"
    fetched = []
    page.on("request", lambda request: fetched.append(request.url) if "/fragment/" in request.url else None)
    page.route("**/stream/", lambda route: route.fulfill(content_type="text/event-stream", body=event))
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.body.addEventListener("
        "'live:encounter:4', () => { document.body.dataset.heard = 'yes'; }))"
    )
    page.goto("/workbench/?live=yes")
    expect(page.locator("body")).to_have_attribute("data-heard", "yes")
    assert fetched == []


def test_without_a_stream_the_page_asks_every_twenty_seconds(page):
    page.clock.install()
    page.route("**/stream/", lambda route: route.fulfill(status=204))
    page.goto("/workbench/?live=yes")
    expect(page.locator("body")).to_have_attribute("data-live", "polling")
    expect(page.locator("#listener")).to_have_text("waiting")
    page.clock.run_for(20_500)
    expect(page.locator("#listener")).to_have_text("fetched")
    expect(page.locator("[data-live-state]")).to_be_hidden()


def test_being_cut_off_is_said_quietly_and_taken_back_when_the_house_answers_again(page):
    page.clock.install()
    page.route("**/stream/", lambda route: route.fulfill(status=204))
    page.goto("/workbench/?live=yes")
    expect(page.locator("body")).to_have_attribute("data-live", "polling")
    page.route("**/fragment/", lambda route: route.abort())
    page.clock.run_for(30_000)
    expect(page.locator("[data-live-state]")).to_be_visible()
    page.unroute("**/fragment/")
    page.clock.run_for(20_500)
    expect(page.locator("[data-live-state]")).to_be_hidden()


def test_a_promise_that_passes_its_time_turns_late_before_the_eyes(page):
    page.clock.install()
    page.goto("/styleguide/?lang=en")
    chip = page.locator(".chip", has=page.locator("time"), has_text="17 min left").first
    chip.evaluate("element => { element.id = 'watched'; }")
    page.clock.run_for(19 * 60_000)
    expect(page.locator("#watched")).to_have_attribute("data-state", "late")
    expect(page.locator("#watched")).to_contain_text("late 1\u00a0min")


def test_the_theme_changes_at_once_and_is_kept_with_the_person(page):
    page.goto("/workbench/")
    page.locator(".rail-user > summary").click()
    with page.expect_request(lambda request: request.method == "POST") as kept:
        page.locator(".rail-user [data-theme-set=dark]").click()
    assert "dark" in kept.value.post_data
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 25, 34)"
