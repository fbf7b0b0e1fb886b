"""References, tokens, text, clock, errors: the small values that everything else carries about."""

import copy
import pickle
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parvis.kernel import errors
from parvis.kernel.clock import format_span, parse_instant, to_zone, utcnow, zone
from parvis.kernel.errors import Invalid, TooMany
from parvis.kernel.ids import ALPHABET, new_token, normalise_reference, token_hash
from parvis.kernel.phrases import Phrase, use_translator
from parvis.kernel.text import excerpt, first_line, fold


class TestReferences:
    def test_hold_no_character_that_reads_as_another(self):
        assert not set(ALPHABET) & set("AEIOUYLBSZ")
        assert len(set(ALPHABET)) == len(ALPHABET) == 26

    @pytest.mark.parametrize("text", ["E-7K3F0", " e 7k3fo", "e7k3f0", "[#E–7K3F0]", "Ｅ－７Ｋ３Ｆ０", "E_7K3 FO."])
    def test_are_read_as_people_write_them(self, text):
        assert normalise_reference(text) == "E-7K3F0"

    def test_look_alikes_are_put_right_behind_the_prefix_only(self):
        assert normalise_reference("S-oilzsbu") == "S-011258V"

    @pytest.mark.parametrize("text", ["7K3F0", "e7k3f0", "E-7K3F0"])
    def test_a_known_prefix_may_be_missing(self, text):
        assert normalise_reference(text, "E") == "E-7K3F0"

    @pytest.mark.parametrize("text", ["", "E", "E-", "7-7K3F0", "E-é", "E-7K", "hello world", "E-AAAAA"])
    def test_what_is_none_is_refused(self, text):
        with pytest.raises(Invalid):
            normalise_reference(text)


class TestTokens:
    def test_are_long_safe_in_links_and_never_the_same(self):
        tokens = {new_token() for _ in range(100)}
        assert len(tokens) == 100
        assert all(re.fullmatch(r"[\w-]{32}", token) for token in tokens)

    def test_are_stored_as_a_hash(self):
        assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


class TestFold:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("Hello `World`", "hello 'world'"),
            ("L’ŒUVRE du Cœur", "l'oeuvre du coeur"),
            ("Straße STRASSE ẞ", "strasse strasse ss"),
            ("Łódź Đà Nẵng Ørsted Ægir Þór", "lodz da nang orsted aegir thor"),
            ("cafe\u0301 café CAFÉ", "cafe cafe cafe"),
            ("ﬁn Ｆｕｌｌ ½", "fin full 1⁄2"),
            ("İstanbul ısı", "istanbul isi"),
            ("aujourd´hui aujourdʼhui", "aujourd'hui aujourd'hui"),
            ("«\xa0oui\u202f» – non\u00adstop", '" oui " - nonstop'),
            ("Ελλάς ΕΛΛΆΣ", "ελλασ ελλασ"),
            ("한국어 がくせい かくせい हिन्दी", "한국어 がくせい かくせい हिन्दी"),
            ("", ""),
        ],
    )
    def test_drops_accents_and_case_and_nothing_else(self, text, folded):
        assert fold(text) == unicodedata.normalize("NFC", folded)

    @given(st.text())
    def test_is_final_and_the_same_for_every_way_to_encode_a_text(self, text):
        assert fold(fold(text)) == fold(text)
        assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text)) == fold(text)

    @given(st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F)))
    def test_does_not_tell_capitals_of_latin_words_apart(self, text):
        assert fold(text.upper()) == fold(fold(text).upper())


class TestExcerpts:
    def test_a_short_text_stays_on_one_line(self):
        assert excerpt("  Bonjour,\n\n à  tous ", 40) == "Bonjour, à tous"

    def test_is_cut_between_words(self):
        assert excerpt("Bonjour à tous les amis", 15) == "Bonjour à tous…"
        assert excerpt("Bonjour à tous les amis", 14) == "Bonjour à…"

    def test_a_long_word_is_cut_rather_than_dropped(self):
        assert excerpt("x" * 100, 10) == "x" * 9 + "…"

    @given(st.text(), st.integers(1, 50))
    def test_never_exceeds_its_length(self, text, n):
        assert len(excerpt(text, n)) <= n

    def test_first_line_skips_blank_ones(self):
        assert first_line("\n \t\n  Bonjour \nMerci") == "Bonjour"
        assert first_line(" \n") == ""


class TestInstants:
    def test_the_clock_is_read_in_utc(self):
        assert utcnow().tzinfo is UTC
        assert abs(utcnow() - datetime.now(UTC)) < timedelta(seconds=5)

    @pytest.mark.parametrize(
        "text",
        [
            "2026-03-29T07:30:15Z",
            "2026-03-29t07:30:15z",
            "2026-03-29 09:30:15+02:00",
            "2026-03-29 09:30:15 +0200",
            "20260329T093015+02",
            "2026-03-29T09:30:15+02:00[Europe/Paris]",
            "2026-03-29T09:30:15[Europe/Paris]",
            "2026-03-29 07:30:15 UTC",
            "2026-03-29T03:30:15\u221204:00",
            "Sun, 29 Mar 2026 09:30:15 +0200",
            " 2026-03-29T07:30:15.000000000Z ",
        ],
    )
    def test_many_spellings_are_one_instant(self, text):
        assert parse_instant(text) == datetime(2026, 3, 29, 7, 30, 15, tzinfo=UTC)

    def test_decimals_are_kept_to_the_microsecond(self):
        assert parse_instant("2026-01-01T00:00:00,1234567Z").microsecond == 123_456

    def test_ends_of_days_and_leap_seconds_are_instants(self):
        assert parse_instant("2026-12-31T24:00Z") == parse_instant("2027-01-01T00:00Z")
        assert parse_instant("2016-12-31T23:59:60Z") == parse_instant("2017-01-01T00:00Z")

    def test_a_time_without_offset_needs_a_zone(self):
        assert parse_instant("2026-07-01 12:00", "Europe/Paris") == parse_instant("2026-07-01T10:00Z")
        assert parse_instant("2026-07-01", "Europe/Paris") == parse_instant("2026-06-30T22:00Z")
        with pytest.raises(Invalid) as refused:
            parse_instant("2026-07-01 12:00")
        assert refused.value.code == "naive_instant"

    def test_of_an_hour_that_comes_twice_the_first_is_meant_and_a_skipped_one_is_shifted(self):
        assert parse_instant("2026-10-25 02:30", "Europe/Paris") == parse_instant("2026-10-25T00:30Z")
        assert parse_instant("2026-03-29 02:30", "Europe/Paris") == parse_instant("2026-03-29T01:30Z")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "soon",
            "2026-02-30",
            "2026-13-01T00:00Z",
            "2026-01-01T25:00Z",
            "2026-01-01T24:01Z",
            "2026-01-01T10:60Z",
            "9999-12-31T23:59:59-09:00",
            "2026-01-01T10:00+25:00",
            "2026-01-01T10:00[Mars/Olympus]",
            1767225600,
            None,
        ],
    )
    def test_what_is_no_instant_is_refused(self, text):
        with pytest.raises(Invalid):
            parse_instant(text, "UTC")

    @given(st.datetimes(timezones=st.sampled_from([UTC, zone("Africa/Casablanca"), timezone(timedelta(minutes=-90))])))
    def test_reads_what_python_writes(self, moment):
        try:
            expected = moment.astimezone(UTC)
        except OverflowError:
            return
        assert parse_instant(moment.isoformat()) == expected

    def test_is_shown_on_the_clocks_of_a_zone(self):
        assert to_zone(parse_instant("2026-07-01T10:00Z"), "Europe/Paris").hour == 12
        with pytest.raises(Invalid):
            to_zone(datetime.fromisoformat("2026-07-01T10:00"), "Europe/Paris")

    @pytest.mark.parametrize(
        ("seconds", "english", "french"),
        [
            (0, "0 s", "0 s"),
            (59.9, "59 s", "59 s"),
            (180, "3 min", "3 min"),
            (7_200, "2 h", "2 h"),
            (8_100, "2 h 15", "2 h 15"),
            (7_500, "2 h 05", "2 h 05"),
            (86_400, "1 day", "1 jour"),
            (2 * 86_400 + 3 * 3_600, "2 days 3 h", "2 jours 3 h"),
            (9 * 86_400 + 3 * 3_600, "9 days", "9 jours"),
            (-8_100, "−2 h 15", "−2 h 15"),
            (-0.5, "0 s", "0 s"),
        ],
    )
    def test_a_length_of_time_reads_as_people_say_it(self, seconds, english, french):
        assert format_span(seconds, "en").replace("\xa0", " ") == english
        assert format_span(seconds, "fr-CA").replace("\xa0", " ") == french
        assert " " not in format_span(seconds, "fr")


class TestErrors:
    def test_each_has_its_status_and_code(self):
        seen = {
            name: (kind("no").http_status, kind("no").code)
            for name, kind in vars(errors).items()
            if isinstance(kind, type) and issubclass(kind, errors.ParvisError)
        }
        assert seen == {
            "ParvisError": (500, "error"),
            "Invalid": (400, "invalid"),
            "NotAllowed": (403, "not_allowed"),
            "NotFound": (404, "not_found"),
            "Conflict": (409, "conflict"),
            "Busy": (429, "busy"),
            "TooMany": (429, "too_many"),
            "Unavailable": (503, "unavailable"),
        }

    def test_errors_about_fields_are_another_status_and_all_text(self):
        error = Invalid(Phrase("No"), code="bad", hint=Phrase("Try"), fields={"a": Phrase("x"), "b": ["y", "z"]})
        assert error.http_status == 422
        assert error.as_dict() == {
            "code": "bad",
            "message": "No",
            "hint": "Try",
            "fields": {"a": ["x"], "b": ["y", "z"]},
        }

    def test_survive_copying_and_travel(self):
        error = TooMany(Phrase("Wait %(n)s s", n=3), retry_after=3, fields={"a": "b"})
        for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301
            assert str(other) == "Wait 3 s"
            assert (other.retry_after, other.fields, other.code) == (3, {"a": "b"}, "too_many")


class TestPhrases:
    def test_are_translated_when_read(self):
        error = Invalid(Phrase("“%(text)s” is not a reference.", text="x"))
        try:
            use_translator({"“%(text)s” is not a reference.": "« %(text)s » n’est pas une référence."}.__getitem__)
            assert str(error) == "« x » n’est pas une référence."
        finally:
            use_translator(lambda template: template)
        assert str(error) == "“x” is not a reference."

    def test_equal_texts_are_equal(self):
        assert Phrase("a %(b)s", b=1) == Phrase("a %(b)s", b=1) == "a 1"
        assert Phrase("a") != Phrase("b")
        assert Phrase("100 %") == "100 %"
