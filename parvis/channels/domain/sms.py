"""Providers of text messages: how each is set up, asked, and understood, by their documented APIs."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from parvis.kernel.errors import Invalid
from parvis.kernel.phrases import Phrase as _
from parvis.kernel.sms import sms_length

# A provider that says one of these will say it again: the number, or the text, is not for them.
FINAL = frozenset({400, 410, 413, 422})
_SAID = 300


@dataclass(frozen=True)
class Provider:
    """Who sends. Written name[+http]://user:secret@host[/path][?name=value…], parts percent-encoded.

    name:   twilio, ovh or gateway. `base`: scheme and host, as `https://api.twilio.com`.
    sender: what the message comes from: a number, a name, or an id of the provider; "" leaves it to them.
    """

    name: str
    base: str
    path: str
    user: str
    secret: str
    options: Mapping[str, str] = field(default_factory=dict)
    sender: str = ""

    @classmethod
    def from_url(cls, url: str, sender: str = "") -> "Provider":
        """Read PARVIS_SMS_URL. Raises Invalid, without the secret in its words, for what is none."""
        parts = urlsplit(url)
        name, __, transport = parts.scheme.partition("+")
        if name not in _REQUESTS or transport not in ("", "http") or not parts.hostname:
            raise Invalid(_("PARVIS_SMS_URL is written twilio://…, ovh://… or gateway://…"))
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        found = cls(
            name=name,
            base=f"{transport or 'https'}://{host}",
            path=parts.path,
            user=unquote(parts.username or ""),
            secret=unquote(parts.password or ""),
            options=dict(parse_qsl(parts.query)),
            sender=sender,
        )
        if missing := _missing(found):
            raise Invalid(_("PARVIS_SMS_URL lacks something: %(what)s.", what=missing))
        return found


@dataclass(frozen=True)
class Sms:
    """What is sent: the number (E.164), the text, how long it is of use in seconds (None: no matter), and a key that
    is the same whenever the same message is tried again."""

    number: str
    text: str
    key: str
    seconds: int | None = None


@dataclass(frozen=True)
class Request:
    """What to ask."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def request_of(provider: Provider, sms: Sms, *, now: int) -> Request:
    """The request that sends a message; `now` in seconds since 1970."""
    return _REQUESTS[provider.name](provider, sms, now)


def refusal_of(provider: Provider, status: int, body: bytes) -> tuple[str, bool] | None:
    """Why an answer is a refusal, in the provider's words, and whether it is final; None when the message was taken."""
    said = _json(body)
    if 200 <= status < 300:
        # OVHcloud says 200 and lists the number as one it does not write to.
        return ("invalid receiver", True) if said.get("invalidReceivers") else None
    words = " ".join(str(said[name]) for name in ("code", "errorCode", "message", "error", "detail") if said.get(name))
    return f"HTTP {status} {words}".strip()[:_SAID], status in FINAL


def _json(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _missing(provider: Provider) -> str:
    needed: dict[str, dict[str, str | None]] = {
        "twilio": {
            "the account's SID": provider.user,
            "its token": provider.secret,
            "PARVIS_SMS_FROM": provider.sender,
        },
        "ovh": {
            "the application key": provider.user,
            "its secret": provider.secret,
            "consumer=…": provider.options.get("consumer"),
            "the name of the SMS service as path": provider.path.strip("/"),
        },
        "gateway": {"a secret": provider.secret},
    }
    return ", ".join(what for what, value in needed[provider.name].items() if not value)


def _twilio(provider: Provider, sms: Sms, now: int) -> Request:
    """POST /2010-04-01/Accounts/{sid}/Messages.json, a form, basic authentication."""
    by = "MessagingServiceSid" if provider.sender.startswith("MG") else "From"
    values = {"To": sms.number, by: provider.sender, "Body": sms.text}
    if sms.seconds is not None:
        values["ValidityPeriod"] = str(min(max(sms.seconds, 1), 14_400))
    word = base64.b64encode(f"{provider.user}:{provider.secret}".encode()).decode()
    return Request(
        f"{provider.base}/2010-04-01/Accounts/{quote(provider.user, safe='')}/Messages.json",
        urlencode(values).encode(),
        {"Authorization": f"Basic {word}", "Content-Type": "application/x-www-form-urlencoded"},
    )


def _ovh(provider: Provider, sms: Sms, now: int) -> Request:
    """POST /1.0/sms/{service}/jobs, JSON, signed by SHA-1 over secrets, address, body and time, as their API asks."""
    values: dict[str, object] = {
        "receivers": [sms.number],
        "message": sms.text,
        "charset": "UTF-8",
        "coding": "7bit" if sms_length(sms.text).is_gsm else "8bit",
        "class": "phoneDisplay",
        "priority": "high",
        "noStopClause": True,  # of use to whoever booked; "STOP" is for advertising
        "senderForResponse": not provider.sender,
    }
    if provider.sender:
        values["sender"] = provider.sender
    if sms.seconds is not None:
        values["validityPeriod"] = min(max(sms.seconds // 60, 1), 2880)
    url = f"{provider.base}/1.0/sms/{quote(provider.path.strip('/'), safe='')}/jobs"
    body = json.dumps(values)
    signed = "+".join([provider.secret, provider.options["consumer"], "POST", url, body, str(now)])
    return Request(
        url,
        body.encode(),
        {
            "Content-Type": "application/json",
            "X-Ovh-Application": provider.user,
            "X-Ovh-Consumer": provider.options["consumer"],
            "X-Ovh-Timestamp": str(now),
            "X-Ovh-Signature": "$1$" + hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest(),
        },
    )


def _gateway(provider: Provider, sms: Sms, now: int) -> Request:
    """POST of JSON to the address as it is written: a bearer secret, and the same id whenever it is tried again."""
    query = f"?{urlencode(provider.options)}" if provider.options else ""
    values = {"id": sms.key, "to": sms.number, "from": provider.sender, "text": sms.text, "valid_seconds": sms.seconds}
    return Request(
        f"{provider.base}{provider.path or '/'}{query}",
        json.dumps(values, ensure_ascii=False).encode(),
        {
            "Authorization": f"Bearer {provider.secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": sms.key,
        },
    )


_REQUESTS: dict[str, Callable[[Provider, Sms, int], Request]] = {
    "twilio": _twilio,
    "ovh": _ovh,
    "gateway": _gateway,
}
