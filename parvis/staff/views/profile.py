"""One's own settings."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST

from parvis.kernel.errors import Invalid
from parvis.staff.domain.viewer import Right
from parvis.staff.forms import KeysForm, ProfileForm
from parvis.staff.middleware import require_viewer
from parvis.staff.models import Member
from parvis.staff.services import profile_change
from parvis.toolkit.forms import put_errors
from parvis.toolkit.htmx import is_fragment


def settings_home(request: HttpRequest) -> HttpResponse:
    """The first page of the settings that this person may open."""
    return redirect("settings_business" if require_viewer(request).may(Right.CONFIGURE) else "profile")


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language, theme, signature; and the keys, which are a form of their own."""
    member = _me(request)
    about = {"name": member.name, "language": member.language, "theme": member.theme, "signature": member.signature}
    form, keys = ProfileForm(initial=about), KeysForm.of(member)
    status = 200
    if request.method == "POST" and request.POST.get("part") == "keys":
        keys = KeysForm(request.POST)
        changed = keys.is_valid() and _put(keys, member, keys_on=keys.cleaned_data["keys_on"], keymap=keys.keymap())
        status = 302 if changed else 422
    elif request.method == "POST":
        form = ProfileForm(request.POST)
        status = 302 if form.is_valid() and _put(form, member, **form.cleaned_data) else 422
    if status == 302:
        with override(member.language):
            messages.success(request, _("Saved."))
        return redirect("profile")
    context = {"section": "profile", "form": form, "keys": keys}
    return render(request, "staff/profile.html", context, status=status)


def _put(form: Any, member: Member, **changes: Any) -> bool:
    try:
        profile_change(member=member, **changes)
    except Invalid as error:
        put_errors(form, error)
        return False
    return True


@require_POST
def profile_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the device, from the menu of any page."""
    profile_change(member=_me(request), theme=request.POST.get("theme", ""))
    return HttpResponse(status=204) if is_fragment(request) else redirect(_back(request))


@require_POST
def profile_language(request: HttpRequest) -> HttpResponse:
    """The language, from the menu of any page; it comes back to that page."""
    language = request.POST.get("language", "")
    profile_change(member=_me(request), language=language)
    response = redirect(_back(request))
    # The sign-in page, which does not know who comes, speaks it too.
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


def _back(request: HttpRequest) -> str:
    there = request.POST.get("back", "")
    fine = url_has_allowed_host_and_scheme(there, {request.get_host()}, require_https=request.is_secure())
    return there if fine else "/"


def _me(request: HttpRequest) -> Member:
    member = request.user
    if not isinstance(member, Member):
        raise PermissionError("a page for members was reached by somebody else")
    return member
