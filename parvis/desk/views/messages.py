"""What strangers sent: formatted mail in a frame that can do nothing, files as downloads that run nowhere."""

import html
import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from parvis.channels.selectors import blob_content
from parvis.desk.selectors import attachment_visible, message_visible
from parvis.desk.thread import delivery_of
from parvis.staff.middleware import require_viewer

# Pictures that browsers draw and that run nothing; everything else leaves as bytes without a meaning.
_SHOWN_TYPES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"}
_CID = re.compile(r' data-cid="([^"]*)"')
_REMOTE = re.compile(r' data-remote-src="([^"]*)"')
_FRAME = (
    '<!doctype html><html lang=""><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    '<meta name="color-scheme" content="light"><style>'
    "html{{background:#fff}}body{{margin:0;padding:14px 16px;font:14px/1.5 system-ui,sans-serif;color:#24211c;"
    "overflow-wrap:anywhere}}img{{max-width:100%;height:auto}}img:not([src]){{display:none}}table{{max-width:100%}}"
    "blockquote{{margin:8px 0;padding-left:12px;border-left:2px solid #d3cbbd}}pre{{white-space:pre-wrap}}"
    "</style></head><body>{body}</body></html>"
)


@require_GET
@xframe_options_sameorigin
def message_html(request: HttpRequest, message_id: int) -> HttpResponse:
    """A message as it was formatted, for a sandboxed frame: no script, no form, nothing loaded but attached pictures.

    `?images=1`: the reader asked for this message's remote pictures; this one answer allows them, over https only.
    """
    message = message_visible(require_viewer(request), message_id)
    remote = request.GET.get("images") == "1"
    body = _CID.sub(lambda found: _attached(message, found[1]), message.html)
    if remote:
        body = _REMOTE.sub(_switched_on, body)
    response = HttpResponse(_FRAME.format(body=body))
    response["Content-Security-Policy"] = _policy(request, remote)
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


def _policy(request: HttpRequest, remote: bool) -> str:
    # Same origin without scripts: the page may measure the frame's height, and attached pictures are fetched with the
    # reader's own permission; a script would not run, whatever got past the sanitiser.
    images = [f"{request.scheme}://{request.get_host()}/attachments/", "data:", *(["https:"] if remote else [])]
    return "; ".join(
        [
            "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox",
            "default-src 'none'",
            f"img-src {' '.join(images)}",
            "style-src 'unsafe-inline'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
        ]
    )


def _attached(message: object, content_id: str) -> str:
    wanted = html.unescape(content_id).strip("<>")
    for attachment in message.attachments.all():  # type: ignore[attr-defined]
        if attachment.content_id.strip("<>") == wanted:
            return f' src="{reverse("attachment", args=[attachment.pk])}"'
    return ""


def _switched_on(found: re.Match[str]) -> str:
    source = html.unescape(found[1])
    # An http picture would be blocked by the policy; nearly every such host serves https as well.
    source = "https:" + source if source.startswith("//") else re.sub(r"\Ahttp:", "https:", source, flags=re.IGNORECASE)
    return f' src="{html.escape(source)}"'


@require_GET
def attachment(request: HttpRequest, attachment_id: int) -> HttpResponse:
    """A file of a message, as a download. Whatever it is, it runs nowhere: no sniffing, no scripts, a sandbox."""
    found = attachment_visible(require_viewer(request), attachment_id)
    kind = found.type.lower().partition(";")[0].strip()
    response = HttpResponse(
        blob_content(found.blob_id),
        content_type=kind if kind in _SHOWN_TYPES else "application/octet-stream",
    )
    # A name is no path: not every program that saves files drops the folders in it.
    name = found.name.replace("\\", "/").rpartition("/")[2] or "file"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=86400"
    return response


@require_GET
def message_delivery(request: HttpRequest, message_id: int) -> HttpResponse:
    """How an outgoing mail stands, again."""
    viewer = require_viewer(request)
    message = message_visible(viewer, message_id)
    return render(request, "desk/delivery.html", {"delivery": delivery_of(viewer, message)})
