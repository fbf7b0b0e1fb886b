"""People, teams and API keys, for administrators. Which sites a person works at is a panel of the catalog's."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.kernel.errors import Invalid, NotFound
from parvis.staff import services
from parvis.staff.access import right_needed
from parvis.staff.domain.viewer import Right
from parvis.staff.forms import SCOPE_WORDS, NewPersonForm, PersonForm, TeamForm, TokenForm
from parvis.staff.middleware import require_viewer
from parvis.staff.models import Member
from parvis.staff.selectors import members_listed, person_get, teams_listed, tokens_of
from parvis.toolkit.forms import put_errors
from parvis.toolkit.numbers import whole_number

administrators = right_needed(Right.MANAGE_PEOPLE)


@require_safe
@administrators
def people(request: HttpRequest) -> HttpResponse:
    """Everyone who works here, then everyone who has left."""
    found = members_listed()
    context = {
        "section": "people",
        "people": [m for m in found if m.is_active],
        "left": [m for m in found if not m.is_active],
    }
    return render(request, "staff/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def person_new(request: HttpRequest) -> HttpResponse:
    """Add somebody; they choose their password by the link on the page that follows."""
    viewer = require_viewer(request)
    form = NewPersonForm(request.POST or None, initial={"language": viewer.language})
    if request.method == "POST" and form.is_valid():
        try:
            member = services.member_create(viewer=viewer, **form.changes())
        except Invalid as error:
            put_errors(form, error)
        else:
            messages.success(request, _("%(name)s has been added.") % {"name": member.name})
            return redirect("settings_person", pk=member.pk)
    status = 422 if form.is_bound else 200
    return render(request, "staff/person_new.html", {"section": "people", "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what they may, their teams, sites and API keys."""
    viewer, member = require_viewer(request), person_get(pk)
    form = PersonForm.of(member)
    if request.method == "POST":
        form = PersonForm(request.POST)
        if form.is_valid():
            try:
                services.member_change(viewer=viewer, member_id=pk, **form.changes())
            except Invalid as error:
                put_errors(form, error)
            else:
                messages.success(request, _("Saved."))
                return redirect("settings_person", pk=pk)
    return _person_page(request, member, form=form)


def _person_page(request: HttpRequest, member: Member, **more: Any) -> HttpResponse:
    form, keys = more.get("form") or PersonForm.of(member), more.get("token_form") or TokenForm()
    context = {
        "section": "people",
        "person": member,
        "tokens": _with_dialogs(tokens_of(member.pk), "withdraw"),
        "scope_words": SCOPE_WORDS,
        **more,
        "form": form,
        "token_form": keys,
    }
    return render(request, "staff/person.html", context, status=422 if form.is_bound or keys.is_bound else 200)


def _with_dialogs(rows: list[Any], verb: str) -> list[Any]:
    """The rows, each with the id of the dialog that asks before it is gone."""
    for row in rows:
        row.dialog_id = f"{verb}-{row.pk}"
    return rows


@require_POST
@administrators
def person_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the door behind somebody who leaves, or let them in again."""
    active = request.POST.get("active") == "1"
    try:
        member = services.member_change(viewer=require_viewer(request), member_id=pk, is_active=active)
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("settings_person", pk=pk)
    words = _("%(name)s can sign in again.") if active else _("%(name)s can no longer sign in.")
    messages.success(request, words % {"name": member.name})
    return redirect("settings_person", pk=pk)


@require_POST
@administrators
@never_cache
def person_password_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A link to a new password, shown this once, to be handed over."""
    member = person_get(pk)
    path = services.password_link_make(viewer=require_viewer(request), member_id=pk)
    return _person_page(request, member, password_link=request.build_absolute_uri(path))


@require_POST
@administrators
def person_two_factor_off(request: HttpRequest, pk: int) -> HttpResponse:
    """For who lost their phone."""
    services.two_factor_switch_off(viewer=require_viewer(request), member_id=pk)
    messages.success(request, _("Their password alone lets them in now."))
    return redirect("settings_person", pk=pk)


@require_POST
@administrators
@never_cache
def token_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A key to the API that acts for this person; its secret is shown this once."""
    member, form = person_get(pk), TokenForm(request.POST)
    if not form.is_valid():
        return _person_page(request, member, token_form=form)
    data = form.cleaned_data
    try:
        __, secret = services.token_create(
            viewer=require_viewer(request),
            member_id=pk,
            name=data["name"],
            scopes=data["scopes"],
            expires_at=form.expires_at(),
        )
    except Invalid as error:
        put_errors(form, error)
        return _person_page(request, member, token_form=form)
    return _person_page(request, member, secret=secret)


@require_POST
@administrators
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a key."""
    token = services.token_revoke(viewer=require_viewer(request), token_id=pk)
    messages.success(request, _("The key “%(name)s” no longer opens anything.") % {"name": token.name})
    return redirect("settings_person", pk=token.member_id)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def teams(request: HttpRequest) -> HttpResponse:
    """All teams; adding and renaming in place."""
    form, renamed = TeamForm(), None
    if request.method == "POST":
        renamed = whole_number(request.POST.get("team", ""))
        form = TeamForm(request.POST)
        if form.is_valid():
            try:
                services.team_save(viewer=require_viewer(request), name=form.cleaned_data["name"], team_id=renamed)
            except Invalid as error:
                put_errors(form, error)
            else:
                messages.success(request, _("Saved."))
                return redirect("settings_teams")
    context = {"section": "teams", "teams": _with_dialogs(teams_listed(), "remove"), "form": form, "renamed": renamed}
    return render(request, "staff/teams.html", context, status=422 if form.is_bound else 200)


@require_POST
@administrators
def team_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Dissolve a team."""
    try:
        services.team_remove(viewer=require_viewer(request), team_id=pk)
    except NotFound:
        # Somebody else did just now: the list will show it.
        return redirect("settings_teams")
    messages.success(request, _("The team has been removed."))
    return redirect("settings_teams")
