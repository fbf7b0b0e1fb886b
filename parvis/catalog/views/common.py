"""What the pages of the settings share."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from parvis.kernel.errors import Invalid
from parvis.staff.access import right_needed
from parvis.staff.domain.viewer import Right
from parvis.toolkit.forms import put_errors
from parvis.toolkit.htmx import is_fragment

managers = right_needed(Right.CONFIGURE)


def saved(form: forms.BaseForm, service: Callable[[], Any]) -> Any:
    """What the service answers to a complete form; else None, with its refusal shown on the form."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return service()
    except Invalid as error:
        put_errors(form, error)
        return None


def back_to(request: HttpRequest, url: str, text: str = "") -> HttpResponse:
    """To a page, with a word that it worked; a dialog over a page closes by the page being loaded anew."""
    messages.success(request, text or _("Saved."))
    if is_fragment(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return redirect(url)
