"""The editor of the tree of needs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parvis.catalog import services
from parvis.catalog.editing import need_editable, needs_retired, tree_editable
from parvis.catalog.formatting import answer_html
from parvis.catalog.forms import NeedForm
from parvis.catalog.views.common import back_to, managers, saved
from parvis.staff.middleware import require_viewer
from parvis.toolkit.htmx import dialog, is_fragment, toast


@require_safe
@managers
def needs(request: HttpRequest) -> HttpResponse:
    """The whole tree, and what is no longer offered."""
    return _tree(request)


def _tree(request: HttpRequest) -> HttpResponse:
    context = {"section": "needs", "branches": tree_editable(), "retired": needs_retired()}
    template = "catalog/tree.html" if is_fragment(request) else "catalog/needs.html"
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def need_new(request: HttpRequest) -> HttpResponse:
    """A new node; `?under` names the branch it hangs on."""
    under = request.GET.get("under", "")
    form = NeedForm(request.POST) if request.method == "POST" else NeedForm(initial={"parent_id": under, "priority": 2})
    if saved(form, lambda: services.need_save(viewer=require_viewer(request), **form.changes())):
        return back_to(request, reverse("settings_needs"))
    return _dialog(request, form, reverse("settings_need_new"), _("A new need"))


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def need(request: HttpRequest, pk: int) -> HttpResponse:
    """One node: names, answer, what is promised."""
    found = need_editable(pk)
    form = NeedForm(request.POST, need_id=pk) if request.method == "POST" else NeedForm.of(found)
    if saved(form, lambda: services.need_save(viewer=require_viewer(request), need_id=pk, **form.changes())):
        return back_to(request, reverse("settings_needs"))
    return _dialog(request, form, reverse("settings_need", args=[pk]), _("Change a need"))


def _dialog(request: HttpRequest, form: NeedForm, action: str, title: str) -> HttpResponse:
    context = {"form": form, "action": action, "title": title, "section": "needs"}
    status = 422 if form.is_bound else 200
    return dialog(request, "catalog/need_form.html", context, title=title, status=status)


@require_POST
@managers
def need_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Up or down among its siblings."""
    step = -1 if request.POST.get("step") == "-1" else 1
    services.need_move(viewer=require_viewer(request), need_id=pk, step=step)
    return _tree(request) if is_fragment(request) else redirect("settings_needs")


@require_POST
@managers
def need_active(request: HttpRequest, pk: int) -> HttpResponse:
    """No longer offered, or offered again; what hangs on it goes with it and comes back with it."""
    active = request.POST.get("active") == "1" or "undo" in request.GET
    services.need_save(viewer=require_viewer(request), need_id=pk, is_active=active)
    if not is_fragment(request):
        return redirect("settings_needs")
    if "undo" in request.GET:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse("settings_needs")
        return response
    response = _tree(request)
    if active:
        return response
    undo = f"{reverse('settings_need_active', args=[pk])}?undo"
    return toast(response, _("No longer offered. Conversations about it keep it."), undo_url=undo)


@require_POST
@managers
def answer_preview(request: HttpRequest) -> HttpResponse:
    """An answer as customers will see it."""
    given = next((value for name, value in request.POST.items() if name.startswith("answer_")), "")
    return HttpResponse(answer_html(str(given)[:4000]))
