"""Delivery reports and complaints: which mail of ours, whose address, and is the address dead?

Machine-readable reports (RFC 3464, RFC 5965) are read field by field; the free text of older servers is read
by looking for addresses near error codes. "Permanent" is a statement about the address: a full mailbox, a
spam filter or a policy refuse this mail, not the person, even with a 5.x.x code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .headers import Headers, one_line, read_headers
from .reasons import DEAD, reason_of
from .structure import Part, normalise
from .values import AutoInfo, FailedRecipient

MAX_RECIPIENTS = 500
_LOOK_AT = 20_000  # characters of free text

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_SMTP_CODE = re.compile(r"(?<![\d.:/-])([45]\d\d)(?:[ -]|\Z)(?!\s?(?:bytes|kb|mb|messages))", re.I)
_DELAYED = re.compile(
    r"delayed|deferred|will (?:keep|continue|be retried|try again)|temporar|not yet been|still being"
    r"|no action is required",
    re.I,
)
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,64}@[A-Za-z0-9.\-]{1,180}[A-Za-z0-9]")
_ORIGINAL_TYPES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers",
                   "message/rfc822-headers")  # fmt: skip
_DELIVERY_TYPES = ("message/delivery-status", "message/global-delivery-status")
_MESSAGE_ID = re.compile(r"^[ \t>|]*message-id:\s*(<[^<>\s]{3,400}>)", re.I | re.M)
# Where a server's own words end and the returned mail begins.
_RETURNED = re.compile(
    r"""^[ \t>]*(?:-+\s*(?:(?:this\ is\ a\ copy\ of|the\ following\ is|below\ this\ line\ is
    |(?:start\ of\ |the\ )?(?:original|returned|failed|undelivered|message|unsent|enclosed
    |header)
    |transcript\ of\ (?:the\ )?(?:message|returned)|included\ is).*)
    |(?:(?:the\ )?original\ (?:message|mail)\ (?:follows|headers?).*|received:.*|return-path:.*
    |message\ headers\ follow.*))$""",
    re.X | re.I | re.M,
)
_SUBJECT = re.compile(
    r"""(?:undeliver(?:ed|able)|failure\ delivery|delayed\ mail|still\ being\ retried|delivery\ (?:status
    |failure|failed|error|problem|notification
    |has\ failed|delay|report|incomplete)
    |(?:mail|message|e-?mail|returned)?\s?(?:delivery|system)\ (?:failed|failure|error)
    |failure\ notice|returned\ mail|mail\ failure
    |returned\ to\ sender|return(?:ed)?\ (?:mail|message)|could\ not\ be\ delivered|(?:mail
    |message)\ (?:not|un)\ ?deliver|not\ delivered
    |non-?d(?:elivery|istribution)|non\ remis|(?:é|e)chec\ de\ (?:la\ )?(?:remise|distribution
    |livraison)|remise\ impossible|courrier\ non\ distribu
    |rapport\ de\ non[- ]remise|notification\ d['’](?:é|e)tat\ de\ remise|message\ non\ (?:distribu
    |d(?:é|e)livr|remis)|retour\ de\ courrier
    |unzustellbar|zustell(?:ung|barkeit|fehler|bericht)|nachricht\ nicht\ zugestellt|benachrichtigung\ zum\b.*status
    |no\ se\ (?:ha\ )?(?:podido|pudo|puede)\ entregar|no\ entregado|mensaje\ devuelto|imposs(?:í
    |i)vel\ entregar|n(?:ã|a)o\ entregue|mancato\ recapito
    |impossibile\ recapitare|onbestelbaar|niet\ bestelbaar|olevererbart|недоставлен|не\ доставлено
    |配信(?:エラー|不能)|メール配信|配信できません|无法投递|退信|系统退信
    |warning:\ (?:message|could\ not)|mail\ (?:could\ not|delivery)|problem(?:s)?\ delivering
    |bounce|rejected\ mail|message\ rejected|mdaemon\ (?:warning|notification)
    |permanent\ delivery\ failure|user\ unknown|auto(?:matic)?\ delivery|mail\ error|nondeliverable
    |mail\ system\ error|there\ was\ an\ error\ sending)""",
    re.X | re.I,
)
_TEXT = re.compile(
    r"""(?:(?:could|can|was|were|has|have|be|is)(?:\ ?not|n't)\ (?:be\ |been\ )?(?:deliver
    |sent|relay|process|accepted)|unable\ to\ (?:deliver|send|relay)|undeliver
    |delivery\ (?:has\ )?(?:failed|to\ the\ following)|failed\ (?:permanently|to\ deliver)
    |permanent(?:\ fatal)?\ (?:errors?|failure)|user\ unknown|unknown\ user|no\ such\ user
    |mailbox\ (?:is\ )?full|over\ quota|does\ not\ exist|host\ (?:not\ found|unknown)|transcript\ of\ session
    |returned\ to\ sender|returning\ your\ (?:message|mail)
    |(?:550|551|552|553|554|450|451|452|421)[ -](?:\#?\d\.\d\.\d)?|n['’]a\ (?:pas\ )?pu\ (?:ê
    |e)tre\ (?:remis|distribu|livr|d(?:é|e)livr)|nicht\ zugestellt|fehlgeschlagen
    |no\ se\ (?:ha\ )?(?:podido|pudo)\ entregar|配信|送信できません|following\ address(?:es)?|following\ recipient)""",
    re.X | re.I,
)


def subject_says_bounce(subject: str) -> bool:
    return _SUBJECT.search(subject[:400]) is not None


def text_says_bounce(text: str) -> bool:
    return _TEXT.search(text[:_LOOK_AT]) is not None


# --- reports with fields ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    """The fields of one recipient in a delivery report."""

    address: str
    action: str
    status: str
    diagnostic: str


def delivery_report(root: Part, text: str, why: str) -> AutoInfo:
    """RFC 3464. A report of success ("delivered", "relayed") is an automatic mail, but no bounce."""
    groups = [group for part in root.walk() if part.content_type in _DELIVERY_TYPES for group in _groups(part)]
    original = original_message_id(root)
    if not groups:
        return unstructured(root, root.headers, text, why)
    recipients = tuple(dict.fromkeys(_recipient(group, text) for group in groups[:MAX_RECIPIENTS]))
    if all(_succeeded(group) for group in groups):
        return AutoInfo("auto-reply", False, f"{why}: delivered", recipients, original_message_id=original)
    return _bounce(recipients, why, original)


def _groups(part: Part) -> list[_Group]:
    """Field groups of a delivery-status part, separated by empty lines; the first may be about the message."""
    data = normalise(part.payload()).replace(b"\r\n", b"\n")
    groups = []
    for block in re.split(rb"\n[ \t]*\n", data.strip())[: MAX_RECIPIENTS + 1]:
        fields, _ = read_headers(block + b"\n", 0, len(block) + 1)
        address = _typed(fields, "final-recipient") or _typed(fields, "original-recipient")
        actual = _typed(fields, "x-actual-recipient")
        if not address and not actual and "action" not in fields and "status" not in fields:
            continue
        if "@" not in address:
            address = actual or _typed(fields, "original-recipient") or address
        status = _STATUS.search(fields.get("status"))
        diagnostic = one_line(fields.text("diagnostic-code"))
        groups.append(
            _Group(address, fields.get("action").strip().lower().split(" ")[0], status[0] if status else "", diagnostic)
        )
    return groups


def _succeeded(group: _Group) -> bool:
    return group.action in ("delivered", "relayed", "expanded", "deliverable") or group.status.startswith("2")


def _typed(fields: Headers, name: str) -> str:
    """The address in "rfc822; someone@example.org"."""
    value = fields.get(name)
    if ";" in value:
        value = value.partition(";")[2]
    found = _ADDRESS.search(value)
    return found[0] if found else value.strip().strip("<>").strip()


def _recipient(group: _Group, text: str) -> FailedRecipient:
    words = group.diagnostic
    status = group.status
    inner = _STATUS.search(words)
    if inner and (not status or status.endswith((".0.0", ".5.0")) or status[0] == inner[1]):
        status = inner[0] if not status or status.endswith((".0.0", "0.0")) else status
    if not words or len(words) < 12:
        words = f"{words} {_near(text, group.address)}"
    if _succeeded(group):
        return FailedRecipient(group.address, status, "delivered", False)
    if group.action == "delayed":
        return FailedRecipient(group.address, status or "4.0.0", "expired", False)
    return _judged(group.address, status, words)


def _judged(address: str, status: str, words: str) -> FailedRecipient:
    if not status and (found := _STATUS.search(words)):
        status = found[0]
    if not status and _DELAYED.search(words):
        status = "4.0.0"
    reason = reason_of(status, words)
    if not status and (code := _SMTP_CODE.search(words)):
        status = f"{code[1][0]}.0.0"
    permanent: bool | None = reason in DEAD
    if not permanent and not status and not reason:
        permanent = None
    return FailedRecipient(address, status, reason, permanent)


def _bounce(recipients: tuple[FailedRecipient, ...], why: str, original: str) -> AutoInfo:
    verdicts = [recipient.permanent for recipient in recipients]
    permanent = True if True in verdicts else False if False in verdicts else None
    temporary = any(recipient.status.startswith("4") for recipient in recipients)
    known = any(recipient.status for recipient in recipients)
    return AutoInfo("bounce", False, why, recipients, permanent, temporary if known else None, original)


# --- free text -------------------------------------------------------------------------------------------------


def unstructured(root: Part, headers: Headers, text: str, why: str) -> AutoInfo:
    """A bounce that has to be read like a letter: who is named, what is said."""
    own_words = _before_returned(text[:_LOOK_AT])
    if not own_words.strip():
        own_words = text[:_LOOK_AT]
    failed = _ADDRESS.findall(",".join(headers.all("x-failed-recipients")))
    addresses = failed or _named_addresses(own_words, headers) or _returned_to(root, text)
    unique = list(dict.fromkeys(address.lower() for address in addresses))[:MAX_RECIPIENTS]
    recipients = tuple(_judged(address, "", words) for address, words in _own_words(own_words, unique))
    if not recipients:
        recipients = (_judged("", "", own_words),)
    return _bounce(recipients, why, original_message_id(root) or _message_id_in(text))


def _own_words(text: str, addresses: list[str]) -> list[tuple[str, str]]:
    """What the server says about each address: the lines from its first mention to the next one's."""
    lowered = text.lower()
    places = sorted((lowered.find(address), address) for address in addresses)
    if len(addresses) < 2 or any(place < 0 for place, _ in places):
        return [(address, text) for address in addresses]
    starts = [text.rfind("\n", 0, place) + 1 for place, _ in places]
    ends = [*starts[1:], len(text)]
    return [
        (address, text[start:end] if end - start > len(address) + 20 else text)
        for (_, address), start, end in zip(places, starts, ends, strict=True)
    ]


def _before_returned(text: str) -> str:
    found = _RETURNED.search(text)
    return text[: found.start()] if found else text


def _named_addresses(text: str, headers: Headers) -> list[str]:
    """Addresses in the server's own words, without its own and ours."""
    ours = {address.lower() for name in ("from", "to", "reply-to") for address in _ADDRESS.findall(headers.get(name))}
    found = [address for address in _ADDRESS.findall(text) if address.lower() not in ours]
    return [address for address in found if not address.lower().startswith(("postmaster@", "mailer-daemon@"))][:20]


def _returned_to(root: Part, text: str) -> list[str]:
    """The To field of the mail that came back."""
    fields = _returned_headers(root)
    if fields is not None and (found := _ADDRESS.findall(fields.get("to"))):
        return found[:20]
    line = re.search(r"^[ \t>|]*to:(.{1,300})$", text[:_LOOK_AT], re.I | re.M)
    return _ADDRESS.findall(line[1])[:20] if line else []


def _near(text: str, address: str) -> str:
    """What stands around ``address`` in the text; the whole when it does not occur."""
    at = text.lower().find(address.lower()) if address else -1
    return text[max(0, at - 200) : at + 900] if at >= 0 else text[:_LOOK_AT]


# --- the mail that came back ---------------------------------------------------------------------------------------


def _returned_headers(root: Part) -> Headers | None:
    for part in root.walk():
        if part.content_type in _ORIGINAL_TYPES and not part.children:
            data = normalise(part.payload()).lstrip(b"\r\n")
            fields, _ = read_headers(data, 0, len(data))
            if fields.fields:
                return fields
    return None


def original_message_id(root: Part) -> str:
    """Message-ID of the mail a report is about, with brackets; "" when it does not say."""
    for part in root.walk():
        if part.content_type in ("message/disposition-notification", *_DELIVERY_TYPES):
            fields, _ = read_headers(part.payload() + b"\n", 0, part.end - part.start + 1)
            if found := re.search(r"<[^<>\s]{3,400}>", fields.get("original-message-id")):
                return found[0]
    returned = _returned_headers(root)
    if returned is not None and (found := re.search(r"<[^<>\s]{3,400}>", returned.get("message-id"))):
        return found[0]
    return ""


def _message_id_in(text: str) -> str:
    found = _MESSAGE_ID.search(text)
    return found[1] if found else ""


# --- complaints ----------------------------------------------------------------------------------------------------


def is_informal_feedback(headers: Headers, subject: str) -> bool:
    """Complaints that some providers send without a report part."""
    return "x-hmxmroriginalrecipient" in headers or bool(
        re.match(r"(?:complaint about message from|email feedback report)\b", subject, re.I)
    )


def feedback(root: Part, why: str) -> AutoInfo:
    """RFC 5965: somebody pressed "this is spam". The addresses are alive, but want nothing more."""
    addresses: list[str] = []
    for part in root.walk():
        if part.content_type == "message/feedback-report":
            data = part.payload()
            fields, _ = read_headers(data, 0, len(data))
            for name in ("original-rcpt-to", "removal-recipient"):
                addresses.extend(address for value in fields.all(name) for address in _ADDRESS.findall(value))
    if not addresses:
        addresses = _ADDRESS.findall(root.headers.get("x-hmxmroriginalrecipient")) or _returned_to(root, "")
    recipients = tuple(
        FailedRecipient(address, "", "complaint", False) for address in list(dict.fromkeys(addresses))[:MAX_RECIPIENTS]
    )
    return AutoInfo("feedback-report", False, why, recipients, False, None, original_message_id(root))
