"""The mail ledger (what came in, and what became of it) and the outbox (what waits to leave)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from parvis.channels import outbox as outgoing
from parvis.channels import selectors, services
from parvis.channels.domain.states import MailState, OutKind, OutState
from parvis.channels.models import MAIL_STATES, OUT_STATES, OutMail, RawMail
from parvis.channels.places import Place, places_of
from parvis.channels.sayings import reason_text, refusal_text
from parvis.kernel.clock import utcnow
from parvis.kernel.errors import NotAllowed
from parvis.kernel.text import storable
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.htmx import is_fragment, toast
from parvis.toolkit.pagination import keyset_page

PAGE_SIZE = 50
# A mail that waits longer than this waits for a worker that does not run.
LATE = dt.timedelta(minutes=2)
SOURCE_SHOWN = 200_000
MAIL_ICONS = {
    MailState.STORED: "hourglass",
    MailState.PARSED: "hourglass",
    MailState.ATTACHED: "message",
    MailState.IGNORED: "archive",
    MailState.FAILED: "alert-triangle",
}
TONES = {"failed": "bad", "sent": "ok", "attached": "ok"}


@dataclass(frozen=True)
class MailLine:
    """A mail that came in, as its line shows it."""

    mail: RawMail
    icon: str
    tone: str
    state: Any
    why: Any
    place: Place | None


def _lines(viewer: Viewer, mails: Sequence[RawMail]) -> list[MailLine]:
    places = places_of(viewer, [m.pk for m in mails])
    names = dict(MAIL_STATES)
    return [
        MailLine(
            mail=m,
            icon=MAIL_ICONS[MailState(m.state)],
            tone=TONES.get(m.state, ""),
            state=names[m.state],
            why=_("Its bytes are kept as they came.") if m.state == MailState.FAILED else reason_text(m.reason),
            place=places.get(m.pk),
        )
        for m in mails
    ]


@require_safe
def mail_ledger(request: HttpRequest) -> HttpResponse:
    """Every mail that came in, newest first, by state, or those of one address."""
    viewer = require_viewer(request)
    state, query = (storable(request.GET.get(name, "")).strip() for name in ("state", "q"))
    found = selectors.mails_found(viewer, state=state, query=query)
    page = keyset_page(found, ["-id"], cursor=request.GET.get("after"), size=PAGE_SIZE)
    kept = urlencode({k: v for k, v in (("state", state), ("q", query)) if v})
    context: dict[str, Any] = {
        "lines": _lines(viewer, page.rows),
        "more": f"{request.path}?{kept}&after={page.next_cursor}" if page.next_cursor else "",
        "state": state,
        "query": query,
    }
    if is_fragment(request) and request.GET.get("after"):
        return render(request, "channels/mail_ledger.html#rows", context)
    tally = selectors.mail_tally(viewer)
    context |= {"tally": tally, "views": _mail_views(tally, state, query), "notices": _mail_notices(viewer)}
    return render(request, f"channels/mail_ledger.html{'#results' if is_fragment(request) else ''}", context)


def _mail_views(tally: selectors.MailTally, state: str, query: str) -> list[dict[str, Any]]:
    waiting = tally.by_state[MailState.STORED] + tally.by_state[MailState.PARSED]
    views = [
        ("", _("All mail"), 0),
        ("waiting", pgettext("mails", "Waiting"), waiting),
        (MailState.ATTACHED.value, _("In a conversation"), 0),
        (MailState.IGNORED.value, pgettext("mails", "Set aside"), tally.by_state[MailState.IGNORED]),
        (MailState.FAILED.value, pgettext("mails", "Not readable"), tally.by_state[MailState.FAILED]),
    ]
    return [
        {
            "label": label,
            "url": reverse("mail_ledger") + "?" + urlencode({k: v for k, v in (("state", s), ("q", query)) if v}),
            "active": s == state,
            "count": count,
        }
        for s, label, count in views
    ]


def _mail_notices(viewer: Viewer) -> list[str]:
    """What keeps mail from coming in, for a person to act on."""
    said = []
    oldest = selectors.mail_waiting_since(viewer)
    if oldest is not None and utcnow() - oldest > LATE:
        minutes = int((utcnow() - oldest).total_seconds() // 60)
        said.append(
            ngettext(
                "Mail has been waiting to be read for %(n)d minute. Is the worker running (parvis worker)?",
                "Mail has been waiting to be read for %(n)d minutes. Is the worker running (parvis worker)?",
                minutes,
            )
            % {"n": minutes}
        )
    for cursor in selectors.accounts_in_trouble(viewer):
        said.append(_("%(account)s cannot be fetched: %(error)s") % {"account": cursor.source, "error": cursor.error})
    return said


@require_safe
def mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """One mail: from whom, what became of it and why, its header and source."""
    viewer = require_viewer(request)
    row = selectors.mail_visible(viewer, mail_id)
    [line] = _lines(viewer, [row])
    facts = [
        (_("From"), row.sender or row.envelope_from or _("nobody named")),
        (_("Handed over for"), ", ".join(row.envelope_to) or _("not said")),
        (_("Touchpoint"), row.touchpoint or _("none of ours")),
        (_("Message-ID"), row.message_id or _("none")),
        (_("Came by"), row.source),
        (_("Times received"), row.times_received),
        (_("Attempts to read it"), row.attempts),
    ]
    again = row.state in (MailState.FAILED, MailState.IGNORED)
    return render(request, "channels/mail.html", {"line": line, "mail": row, "facts": facts, "again": again})


@require_safe
def mail_source(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The source as text, as a fragment; the beginning of it where it is long."""
    raw = selectors.raw_bytes(require_viewer(request), mail_id)
    context = {
        "source": raw[:SOURCE_SHOWN].decode("utf-8", "replace").replace("\0", "␀"),
        "cut": len(raw) > SOURCE_SHOWN,
        "mail_id": mail_id,
    }
    return render(request, "channels/mail_source.html", context)


@require_safe
def mail_raw(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The bytes as they came, as a file that no browser opens by itself."""
    raw = selectors.raw_bytes(require_viewer(request), mail_id)
    response = HttpResponse(raw, content_type="text/plain")
    response["Content-Disposition"] = f'attachment; filename="mail-{mail_id}.eml"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def mail_reread(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Have a mail read again that was set aside or could not be read."""
    services.mail_reread(viewer=require_viewer(request), mail_id=mail_id)
    messages.success(request, _("It is being read again. Look back in a moment."))
    return redirect("mail", mail_id)


# --- the outbox ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OutLine:
    """A mail that leaves, as its line shows it."""

    mail: OutMail
    recipients: str
    state: Any
    tone: str
    why: Any
    retry: bool
    cancel: bool
    icon: str


def _out_line(mail: OutMail) -> OutLine:
    waits = mail.state in (OutState.QUEUED, OutState.FAILED)
    state: Any = dict(OUT_STATES)[mail.state]
    tone = TONES.get(mail.state, "")
    if mail.returned_at is not None:
        state, tone = _("Came back"), "bad"
    elif mail.state == OutState.QUEUED and mail.attempts:
        state, tone = _("Tried again by itself"), "warn"
    return OutLine(
        mail=mail,
        recipients=", ".join([*mail.to, *mail.cc]),
        state=state,
        tone=tone,
        why=refusal_text(mail.error, mail.kind) if waits else "",
        retry=waits and bool(mail.attempts or mail.error),
        cancel=waits,
        icon="message" if mail.kind == OutKind.SMS else "mail",
    )


def _lead(request: HttpRequest) -> Viewer:
    viewer = require_viewer(request)
    if not viewer.may(Right.MANAGE_OUTBOX):
        raise NotAllowed(_("The outbox is for leads and managers."))
    return viewer


OUT_VIEWS = ("waiting", "failed", "returned", "sent", "cancelled")


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Mail and text messages that wait to leave, that could not, that came back, that left."""
    viewer = _lead(request)
    view = request.GET.get("view", "")
    view = view if view in OUT_VIEWS else OUT_VIEWS[0]
    page = keyset_page(selectors.outbox_in_view(viewer, view), ["-id"], cursor=request.GET.get("after"), size=PAGE_SIZE)
    context: dict[str, Any] = {
        "lines": [_out_line(m) for m in page.rows],
        "more": f"{request.path}?view={view}&after={page.next_cursor}" if page.next_cursor else "",
        "view": view,
    }
    if is_fragment(request) and request.GET.get("after"):
        return render(request, "channels/outbox.html#rows", context)
    context |= {"views": _out_views(viewer, view), "configured": settings.MAIL_CONFIGURED}
    return render(request, f"channels/outbox.html{'#results' if is_fragment(request) else ''}", context)


def _out_views(viewer: Viewer, view: str) -> list[dict[str, Any]]:
    counts = selectors.outbox_counts(viewer)
    labels = {
        "waiting": pgettext("mails", "Waiting"),
        "failed": pgettext("mails", "Failed"),
        "returned": pgettext("mails", "Came back"),
        "sent": pgettext("mails", "Sent"),
        "cancelled": pgettext("mails", "Taken back"),
    }
    shown = {
        "waiting": counts["queued"] + counts["sending"],
        "failed": counts["failed"],
        "returned": counts["returned"],
    }
    return [
        {
            "label": labels[v],
            "url": f"{reverse('outbox')}?view={v}",
            "active": v == view,
            "count": shown.get(v, 0),
        }
        for v in OUT_VIEWS
    ]


@require_POST
def outmail_retry(request: HttpRequest, out_mail_id: int) -> HttpResponse:
    """Try to send a message again at once."""
    outgoing.outmail_retry(viewer=_lead(request), out_mail_id=out_mail_id)
    return _changed(request, out_mail_id, _("It is tried again now."))


@require_POST
def outmail_cancel(request: HttpRequest, out_mail_id: int) -> HttpResponse:
    """Take a message out of the queue for good."""
    outgoing.outmail_cancel(viewer=_lead(request), out_mail_id=out_mail_id)
    return _changed(request, out_mail_id, _("It will not be sent."))


def _changed(request: HttpRequest, out_mail_id: int, said: str) -> HttpResponse:
    """The line as it stands now, for htmx; else the outbox."""
    if not is_fragment(request):
        messages.success(request, said)
        return redirect("outbox")
    line = _out_line(selectors.outbox_visible(require_viewer(request)).get(pk=out_mail_id))
    return toast(render(request, "channels/outbox_line.html", {"line": line}), said)
