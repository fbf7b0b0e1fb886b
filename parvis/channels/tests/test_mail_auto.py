"""Machines, lists and bounces: who may be answered, and what a bounce says."""

from __future__ import annotations

import pytest

from parvis.channels.domain.mail import AutoInfo, parse_mail
from parvis.channels.domain.mail.reasons import reason_of


def _auto(fields: str, body: str = "hello", envelope_from: str | None = None) -> AutoInfo:
    if "From:" not in fields:
        fields = f"From: Jean <jean@example.fr>\n{fields}"
    return parse_mail(f"{fields}\n\n{body}".encode(), envelope_from=envelope_from).auto


@pytest.mark.parametrize(
    "fields",
    [
        "Subject: Question",
        "Subject: Auto rental in Lyon",
        "Subject: Re: votre absence de réponse",
        "Subject: My delivery failed to arrive",
        "Auto-Submitted: no\nSubject: s",
        "Precedence: normal\nSubject: s",
        "X-Auto-Response-Suppress: DR, RN\nSubject: s",
        "From: Norman Root <norman.root@example.fr>\nSubject: s",
        "From: noreplyfan@example.fr\nSubject: s",
        "From: Nora Eply <n.reply@example.fr>\nSubject: s",
        "Return-Path: <bounces+123@relay.example>\nSubject: s",
        "Feedback-ID: 1:2:3:relay\nX-SG-EID: abc\nSubject: Contact form",
        "X-MS-Exchange-Inbox-Rules-Loop: a@example.fr\nSubject: s",
    ],
)
def test_people_may_be_answered(fields: str) -> None:
    auto = _auto(fields)
    assert (auto.kind, auto.may_reply) == ("none", True), auto.reason


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ("Auto-Submitted: auto-replied (zimbra; vacation)", "auto-reply"),
        ("Auto-Submitted: auto-generated", "auto-reply"),
        ("X-Autoreply: yes", "auto-reply"),
        ("X-Autorespond: vacation", "auto-reply"),
        ("X-Auto-Response-Suppress: All", "auto-reply"),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", "auto-reply"),
        ("Precedence: auto_reply", "auto-reply"),
        ("X-Loop: desk@example.fr", "auto-reply"),
        ("X-Parvis-Installation: abc", "auto-reply"),
        ("Return-Path: <>", "auto-reply"),
        ("Subject: Réponse automatique : vélo", "auto-reply"),
        ("Subject: Automatic reply: bike", "auto-reply"),
        ("Subject: Abwesenheitsnotiz", "auto-reply"),
        ("Subject: Absence du bureau", "auto-reply"),
        ("From: cron@example.fr", "auto-reply"),
        ("List-Id: <friends.example.fr>", "list"),
        ("List-Unsubscribe: <mailto:u@example.fr>\nList-Id: <friends.example.fr>", "list"),
        ("Precedence: bulk", "list"),
        ("X-Campaign: spring", "list"),
    ],
)
def test_machines_and_lists_are_never_answered(fields: str, kind: str) -> None:
    auto = _auto(fields)
    assert (auto.kind, auto.may_reply) == (kind, False)
    assert auto.reason not in ("", "ordinary mail")


@pytest.mark.parametrize(
    "fields",
    [
        "From: no-reply@example.fr",
        "From: ne-pas-repondre@example.fr",
        "From: Do Not Reply <DoNotReply@example.fr>",
        "List-Unsubscribe: <mailto:u@example.fr>",
        "Precedence: bulk\nList-Unsubscribe: <mailto:u@example.fr>",
    ],
)
def test_an_answer_to_a_no_reply_address_or_a_mailing_harms_nobody_but_is_not_read(fields: str) -> None:
    auto = _auto(fields)
    assert (auto.may_reply, auto.answer_read) == (True, False), auto.reason


def test_a_sending_provider_s_notice_is_read_as_the_report_it_is() -> None:
    told = (
        '{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"NoEmail",'
        '"bouncedRecipients":[{"emailAddress":"gone@exam!\n ple.fr","status":"5.1.1"}]}}\n\nTo unsubscribe …'
    )
    auto = parse_mail(f"From: no-reply@sns.example.fr\nSubject: s\n\n{told}".encode()).auto
    assert (auto.kind, auto.may_reply, auto.permanent) == ("bounce", False, True)
    assert [(who.address, who.status) for who in auto.recipients] == [("gone@example.fr", "5.1.1")]


@pytest.mark.parametrize("told", ['{"notificationType":"Bounce","bounce":7}', '{"notificationType":"', "nothing"])
def test_a_notice_that_cannot_be_read_is_never_answered(told: str) -> None:
    auto = parse_mail(f"From: a@example.fr\nx-amz-sns-message-id: 1\nSubject: s\n\n{told}".encode()).auto
    assert auto.may_reply is False


def test_the_envelope_counts_more_than_the_header() -> None:
    assert _auto("Subject: s", envelope_from="").may_reply is False
    assert _auto("Return-Path: <>\nSubject: s", envelope_from="jean@example.fr").may_reply is True
    assert _auto("Subject: s", envelope_from="<MAILER-DAEMON@example.fr>").may_reply is False


def test_nobody_cannot_be_answered() -> None:
    assert parse_mail(b"Subject: s\n\nhello").auto.may_reply is False


@pytest.mark.parametrize(
    ("method", "may_reply"), [("REQUEST", True), ("PUBLISH", True), ("REPLY", False), ("CANCEL", False)]
)
def test_calendar_mail_is_told_apart_by_its_method(method: str, may_reply: bool) -> None:
    auto = _auto("Content-Type: text/calendar; charset=utf-8", f"BEGIN:VCALENDAR\nMETHOD:{method}\nEND:VCALENDAR")
    assert (auto.kind, auto.may_reply) == ("calendar", may_reply)


def _report(kind: str, machine_part: str, text: str = "sorry") -> AutoInfo:
    original = "Message-ID: <our-1@desk.example>\nTo: jean@example.fr\nSubject: vélo"
    body = (
        f"--b\n\n{text}\n--b\nContent-Type: message/{kind}\n\n{machine_part}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{original}\n--b--"
    )
    return _auto(f"From: x@mx.example.fr\nContent-Type: multipart/report; report-type={kind}; boundary=b", body)


def test_a_bounce_names_the_address_and_our_mail() -> None:
    fields = (
        "Reporting-MTA: dns; mx.example.fr\n\nFinal-Recipient: rfc822; jean@example.fr\nAction: failed\n"
        "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <jean@example.fr>: Recipient address rejected: User unknown"
    )
    auto = _report("delivery-status", fields)
    (found,) = auto.recipients
    assert (auto.kind, auto.may_reply, auto.permanent, auto.temporary) == ("bounce", False, True, False)
    assert (found.address, found.status, found.reason) == ("jean@example.fr", "5.1.1", "user-unknown")
    assert auto.original_message_id == "<our-1@desk.example>"


@pytest.mark.parametrize(
    ("status", "said", "permanent", "temporary"),
    [
        ("5.2.2", "smtp; 552 5.2.2 mailbox full", False, False),
        ("5.7.1", "smtp; 550 5.7.1 Message rejected as spam", False, False),
        ("4.4.7", "smtp; delivery time expired", False, True),
        ("5.4.4", "smtp; Host or domain name not found", True, False),
        ("5.0.0", "smtp; 550 no such user here", True, False),
        ("5.1.6", "smtp; recipient has moved", True, False),
    ],
)
def test_permanent_means_that_the_address_is_dead(status: str, said: str, permanent: bool, temporary: bool) -> None:
    fields = f"Final-Recipient: rfc822; jean@example.fr\nAction: failed\nStatus: {status}\nDiagnostic-Code: {said}"
    auto = _report("delivery-status", fields)
    assert (auto.permanent, auto.temporary) == (permanent, temporary)


def test_a_delay_is_temporary_and_a_success_no_bounce() -> None:
    recipient = "Final-Recipient: rfc822; jean@example.fr\n"
    late = _report("delivery-status", f"{recipient}Action: delayed\nStatus: 4.4.1")
    assert (late.kind, late.permanent, late.temporary) == ("bounce", False, True)
    done = _report("delivery-status", f"{recipient}Action: delivered\nStatus: 2.0.0")
    assert (done.kind, done.may_reply, done.permanent) == ("auto-reply", False, None)


def test_several_recipients_are_judged_one_by_one() -> None:
    fields = (
        "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@example.fr\nAction: failed\nStatus: 5.1.1\n\n"
        "Final-Recipient: rfc822; b@example.fr\nAction: failed\nStatus: 4.2.2\nDiagnostic-Code: smtp; over quota"
    )
    auto = _report("delivery-status", fields)
    assert [(found.address, found.permanent) for found in auto.recipients] == [
        ("a@example.fr", True),
        ("b@example.fr", False),
    ]
    assert (auto.permanent, auto.temporary) == (True, True)


def test_a_bounce_in_plain_words_is_read_too() -> None:
    text = (
        "Hi. This is the qmail-send program at example.fr.\nI wasn't able to deliver your message.\n\n"
        "<a@example.fr>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "<b@example.fr>:\n552 mailbox full (#5.2.2)\n\n"
        "--- Below this line is a copy of the message.\n\nMessage-ID: <our-2@desk.example>\nTo: a@example.fr"
    )
    auto = _auto("From: MAILER-DAEMON@example.fr\nSubject: failure notice", text)
    assert [(found.address, found.reason) for found in auto.recipients] == [
        ("a@example.fr", "user-unknown"),
        ("b@example.fr", "mailbox-full"),
    ]
    assert (auto.kind, auto.permanent, auto.original_message_id) == ("bounce", True, "<our-2@desk.example>")


def test_a_customer_who_writes_about_a_bounce_is_no_bounce() -> None:
    auto = _auto("Subject: My order", "Your mail system said 550 user unknown. Could you check, please?")
    assert (auto.kind, auto.may_reply) == ("none", True)


def test_complaints_and_receipts_are_told_apart() -> None:
    complaint = _report("feedback-report", "Feedback-Type: abuse\nOriginal-Rcpt-To: jean@example.fr")
    assert (complaint.kind, complaint.may_reply, complaint.permanent) == ("feedback-report", False, False)
    assert [found.address for found in complaint.recipients] == ["jean@example.fr"]
    receipt = _report(
        "disposition-notification", "Original-Message-ID: <our-3@desk.example>\nDisposition: x; displayed"
    )
    assert (receipt.kind, receipt.may_reply) == ("read-receipt", False)
    assert receipt.original_message_id == "<our-3@desk.example>"


@pytest.mark.parametrize(
    ("status", "words", "reason"),
    [
        ("5.1.8", "Sender address rejected: Domain not found", "sender-refused"),
        ("5.7.26", "rejected per DMARC policy, user unknown", "policy"),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", "user-unknown"),
        ("5.3.4", "", "too-big"),
        ("", "utilisateur inconnu", "user-unknown"),
        ("", "", ""),
    ],
)
def test_reasons_are_told_in_one_word(status: str, words: str, reason: str) -> None:
    assert reason_of(status, words) == reason
