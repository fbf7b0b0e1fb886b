"""The tags that pages are written with."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation
from lxml import html


def rendered(source: str, **context) -> str:
    with translation.override("en"):
        return Template("{% load ui %}" + source).render(Context(context))


class Booking(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="For the confirmation.")
    note = forms.CharField(label="Note", required=False)
    way = forms.ChoiceField(label="Way", choices=[("a", "By <air>"), ("b", "By boat")], widget=forms.RadioSelect)
    news = forms.BooleanField(label="News", required=False)
    token = forms.CharField(widget=forms.HiddenInput)


def test_an_icon_is_decoration_unless_it_has_a_label():
    assert 'aria-hidden="true"' in rendered('{% icon "inbox" %}')
    labelled = rendered('{% icon "inbox" label=words css="icon-s" %}', words='The "inbox"')
    assert 'role="img" aria-label="The &quot;inbox&quot;"' in labelled
    assert 'class="icon icon-s"' in labelled
    assert "aria-hidden" not in labelled


@pytest.mark.parametrize("name", ["no-such-icon", "../../../base", "INBOX"])
def test_an_icon_that_is_not_vendored_is_found_when_the_template_is_written(name):
    with pytest.raises(TemplateSyntaxError, match="vendor"):
        Template("{% load ui %}{% icon '" + name + "' %}")


def test_an_unknown_icon_from_data_draws_a_dot_and_says_so(caplog):
    assert "<svg" in rendered("{% icon name %}", name="no-such-icon")
    assert "no-such-icon" in caplog.text


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Anne-Laure de Villedieu", "AV"),
        ("zoé", "Z"),
        ("Marie-Christine de La Rochefoucauld-Montbrun", "MR"),
        ("nadege.kerouedan@aubertin.example", "NE"),
        ("04 76 00", "00"),
        ("", ""),
        (None, ""),
    ],
)
def test_initials_leave_out_the_small_words(name, letters):
    assert rendered("{{ name|initials }}", name=name) == letters


def test_a_person_wears_the_same_colour_by_number_or_by_its_text():
    assert rendered("{{ key|hue }}", key=42) == rendered("{{ key|hue }}", key="42")
    assert 0 <= int(rendered("{{ key|hue }}", key="Zoé")) < 8


@pytest.mark.parametrize(("number", "shown"), [(0, ""), (None, ""), (7, "7"), (99, "99"), (100, "99+"), ("120", "99+")])
def test_a_count_fits_its_badge(number, shown):
    assert rendered("{{ n|count99 }}", n=number) == shown


def test_a_moment_keeps_the_whole_truth_in_its_title():
    moment = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
    time = html.fragment_fromstring(rendered('{% moment at "left" %}', at=moment))
    assert time.get("datetime") == "2026-11-26T13:00:00+00:00"
    assert "26 November 2026" in time.get("title")
    assert time.get("data-relative") == "left"
    assert rendered('{% moment at "short" %}', at=None) == ""


def test_a_field_ties_label_help_and_errors_to_its_control():
    field = html.fragment_fromstring(rendered("{% field form.email %}", form=Booking({"email": "nope"})))
    control = field.find(".//input")
    assert field.find("label").get("for") == control.get("id")
    assert control.get("aria-invalid") == "true"
    assert control.get("required") is not None
    described = control.get("aria-describedby").split()
    assert [field.get_element_by_id(i).text_content().strip() for i in described] == [
        "For the confirmation.",
        "Enter a valid email address.",
    ]


def test_what_may_be_left_out_says_so_and_what_may_not_does_not():
    assert "(optional)" in rendered("{% field form.note %}", form=Booking())
    assert "(optional)" not in rendered("{% field form.email %}", form=Booking())


def test_choices_stand_in_a_fieldset_with_a_legend_and_their_labels_escaped():
    group = html.fragment_fromstring(rendered('{% field form.way kind="segmented" %}', form=Booking({})))
    assert group.tag == "fieldset"
    assert group.find("legend").text_content().strip() == "Way"
    assert [label.text_content().strip() for label in group.iter("label")] == ["By <air>", "By boat"]
    assert {radio.get("id") for radio in group.iter("input")} == {label.get("for") for label in group.iter("label")}
    assert group.get_element_by_id(group.get("aria-describedby")).text_content().strip() == "This field is required."


def test_a_toggle_is_a_switch_for_screen_readers():
    toggle = html.fragment_fromstring(rendered('{% field form.news kind="toggle" %}', form=Booking()))
    control = toggle.find(".//input")
    assert (control.get("type"), control.get("role")) == ("checkbox", "switch")
    assert toggle.find(".//label").get("for") == control.get("id")


def test_a_hidden_field_stays_hidden_and_a_missing_one_draws_nothing():
    assert rendered("{% field form.token %}", form=Booking()).startswith('<input type="hidden"')
    assert rendered("{% field form.nothing %}", form=Booking()) == ""


def test_a_whole_form_looks_like_its_fields_written_one_by_one():
    page = html.fragment_fromstring(rendered("{{ form }}", form=Booking({"email": "nope"})))
    assert page.get("class") == "fields"
    assert page.find(".//*[@role='alert']") is not None
    assert len(page.findall(".//*[@class='field']")) == 4


def test_data_for_scripts_cannot_break_out_of_its_attribute():
    source = '<body data-keymap="{{ map|as_json }}">'
    assert (
        rendered(source, map={'"><script>': "é"})
        == '<body data-keymap="{&quot;\\&quot;&gt;&lt;script&gt;&quot;: &quot;é&quot;}">'
    )
    assert rendered(source, map={}) == '<body data-keymap="">'


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("kept", "Kept"),
        ("broken", "Broken"),
        ("paused", "Paused"),
        ("void", "No longer needed"),
        ("on_time", "On time"),
    ],
)
def test_a_promise_chip_says_its_state_in_words_beside_icon_and_colour(state, said):
    chip = html.fragment_fromstring(rendered('{% include "web/ui/promise_chip.html" %}', state=state))
    assert chip.text_content().strip() == said
    assert chip.get("data-state") == state
    assert chip.find(".//svg") is not None


def test_a_message_escapes_what_people_write_and_links_what_they_link():
    message = SimpleNamespace(
        kind="customer", id=1, author="<b>Eve</b>", key=1, at=None, text="<script>x</script> see https://a.example/"
    )
    shown = rendered('{% include "web/ui/message.html" %}', message=message)
    assert "<script>" not in shown
    assert "<b>Eve" not in shown
    assert 'href="https://a.example/"' in shown


def test_the_stepper_tells_screen_readers_where_the_encounter_stands():
    stages = [
        ("welcome", "done"),
        ("understand", "skipped"),
        ("serve", "current"),
        ("follow_up", "todo"),
        ("open_door", "todo"),
    ]
    steps = html.fragment_fromstring(rendered('{% include "web/ui/stepper.html" %}', stages=stages)).findall("li")
    assert [" ".join(s.text_content().split()) for s in steps] == [
        "Welcome(done)",
        "Understand(skipped)",
        "Serve(now)",
        "Follow up(to come)",
        "Open door(to come)",
    ]
    assert [s.get("aria-current") for s in steps] == [None, None, "step", None, None]
