"""Answers to htmx: events that the page acts on, and dialogs that are pages for whoever has no script."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page; not when it restores a page from history."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request


def with_events(response: HttpResponse, **events: Any) -> HttpResponse:
    """Let the page receive these events (`HX-Trigger`), `live__encounter` standing for "live:encounter".

    They reach the body, whatever became of the element that asked: the live feed may have drawn a button anew while
    its request was under way, and events of what is gone reach nobody.
    ASCII only, as headers are: other characters travel as JSON escapes.
    """
    known = json.loads(response.headers.get("HX-Trigger", "{}"))
    known |= {name.replace("__", ":"): {**detail, "target": "body"} for name, detail in events.items()}
    response["HX-Trigger"] = json.dumps(known)
    return response


def with_topics(response: HttpResponse, *topics: str) -> HttpResponse:
    """Let the page fetch again at once what listens for these topics, without waiting for the live feed."""
    return with_events(response, **{f"live:{topic}": {"topic": topic} for topic in topics})


def toast(response: HttpResponse, text: Any, *, level: str = "success", **more: Any) -> HttpResponse:
    """Show a short message; `more`: `hint`, `undo_url`, `seconds`."""
    return with_events(response, toast={"text": str(text), "level": level, **more})


def nothing() -> HttpResponse:
    """An answer without content that still carries events: 204 would do, were there nothing to swap beside it."""
    return HttpResponse("")


def go_to(request: HttpRequest, url: str, *, target: str = "") -> HttpResponse:
    """Go on at another page: within the page at `target` for htmx (the address follows), by redirect otherwise."""
    if not is_fragment(request):
        return HttpResponseRedirect(url)
    response = nothing()
    response["HX-Location"] = json.dumps({"path": url, "target": target}) if target else url
    return response


def dialog(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, title: Any, status: int = 200
) -> HttpResponse:
    """A dialog's content for htmx; else the same on a page of its own."""
    if is_fragment(request):
        return render(request, template, dict(context), status=status)
    inner = render_to_string(template, dict(context), request=request)
    return render(request, "web/dialog_page.html", {"inner": inner, "title": title}, status=status)


def dialog_done(request: HttpRequest, url: str, *topics: str, text: Any = "", **more: Any) -> HttpResponse:
    """Close the dialog, let the page fetch `topics` again and say `text`; without htmx go back to `url`."""
    if not is_fragment(request):
        return HttpResponseRedirect(url)
    response = with_topics(nothing(), *topics)
    if text:
        toast(response, text, **more)
    return with_events(response, **{"dialog:close": {}})
