"""The replies of the house: a list, and a form for each. For managers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from parvis.desk.forms import MacroForm, put_errors
from parvis.desk.services.macros import macro_delete, macro_get, macro_save, macros_of
from parvis.kernel.errors import NotAllowed, ParvisError
from parvis.staff.domain.viewer import Right, Viewer
from parvis.staff.middleware import require_viewer
from parvis.toolkit.bilingual import in_language


def _manager(request: HttpRequest) -> Viewer:
    viewer = require_viewer(request)
    if not viewer.may(Right.CONFIGURE):
        raise NotAllowed(_("Only a manager changes the replies of the house."))
    return viewer


@require_GET
def macros(request: HttpRequest) -> HttpResponse:
    """Every reply of the house."""
    viewer = _manager(request)
    rows = [{"macro": m, "line": in_language(m.text)} for m in macros_of(viewer)]
    return render(request, "desk/macros.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def macro(request: HttpRequest, macro_id: int | None = None) -> HttpResponse:
    """Write a reply of the house, new or again."""
    viewer = _manager(request)
    given = macro_get(viewer, macro_id) if macro_id is not None else None
    text = given.text if given else {}
    initial = {"text_fr": text.get("fr", ""), "text_en": text.get("en", "")}
    if given:
        initial |= {"name": given.name, "team": given.team_id or ""}
    form = MacroForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        team = form.cleaned_data["team"]
        try:
            macro_save(viewer=viewer, macro_id=macro_id, name=form.cleaned_data["name"], text=form.text(), team_id=team)
        except ParvisError as error:
            put_errors(form, error)
        else:
            return redirect("macros")
    return render(request, "desk/macro.html", {"form": form, "macro": given}, status=422 if form.is_bound else 200)


@require_POST
def macro_remove(request: HttpRequest, macro_id: int) -> HttpResponse:
    """Delete a reply of the house."""
    macro_delete(viewer=_manager(request), macro_id=macro_id)
    return redirect("macros")
