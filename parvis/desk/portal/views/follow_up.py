"""Did we forget anything? Looking changes nothing (mail scanners look too); one click answers."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from parvis.desk.portal.forms import CommentForm
from parvis.desk.portal.services import follow_up_say
from parvis.desk.portal.shown import promises_shown
from parvis.desk.portal.views.common import page_language, tokened
from parvis.desk.services.follow_up import follow_up_of_token
from parvis.desk.services.letters import house_text, portal_link


@tokened
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: HttpRequest, token: str) -> HttpResponse:
    """The question; after the answer, what follows from it and a place for a word more."""
    if request.method == "POST":
        answer = request.POST.get("all_done", "")
        form = CommentForm(request.POST)
        if answer in ("yes", "no") and form.is_valid():
            follow_up_say(token=token, all_done=answer == "yes", comment=form.cleaned_data["comment"])
            word = "&word" if form.cleaned_data["comment"].strip() else ""
            return redirect(f"{request.path}?answered{word}")
    asked = follow_up_of_token(token)
    return render(request, f"portal/{_template(asked, request)}", _context(asked, request))


def _template(asked: Any, request: HttpRequest) -> str:
    # The mail's link always asks again: a second thought is welcome.
    if asked.answered_at is None or "answered" not in request.GET:
        return "follow_up.html"
    return "follow_up_good.html" if asked.all_done else "follow_up_bad.html"


def _context(asked: Any, request: HttpRequest) -> dict[str, Any]:
    encounter, language = asked.encounter, page_language()
    __, door = house_text("open_door", encounter, encounter.customer, language)
    return {
        "encounter": encounter,
        "form": CommentForm(),
        "word": "word" in request.GET,
        "door": door,
        "promises": [p for p in promises_shown(encounter, language) if p.state in ("on_time", "late")],
        "link": portal_link(encounter.pk),
    }
