"""The audit view: the ledger in words, for managers; and what failed, for administrators."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from parvis.kernel.errors import Invalid, NotAllowed, NotFound
from parvis.kernel.references import number_of
from parvis.ledger import words
from parvis.ledger.forms import AuditForm
from parvis.ledger.models import Entry
from parvis.ledger.selectors import audit as audited
from parvis.ledger.selectors import failures_open
from parvis.ledger.services import failure_retry as retry
from parvis.toolkit.pagination import keyset_page

PAGE_SIZE = 50
FAILURES_SHOWN = 50
# The ledger stands below the staff context; these are its rights by name.
SEE_AUDIT, SEE_FAILURES = "see_audit", "manage_people"


def _authorise(request: HttpRequest, right: str) -> Any:
    viewer = request.viewer  # type: ignore[attr-defined]
    if not viewer.may(right):
        raise NotAllowed(_("The audit view is for managers."))
    return viewer


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, on what, when: the newest first, narrowed as asked."""
    viewer = _authorise(request, SEE_AUDIT)
    form = AuditForm(request.GET or None)
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    entries = audited(site_ids=viewer.site_ids, **_narrowing(form, given))
    if form.is_bound and form.errors:
        entries = Entry.objects.none()
    page = keyset_page(entries, ["-id"], cursor=request.GET.get("after"), size=PAGE_SIZE)
    query = urlencode({k: v for k, v in request.GET.items() if k != "after" and v})
    context = {
        "form": form,
        "told": words.tell(page.rows),
        "more": f"{request.path}?{query}&after={page.next_cursor}" if page.next_cursor else "",
        "failures": failures_open()[:FAILURES_SHOWN] if viewer.may(SEE_FAILURES) else [],
    }
    part = "#rows" if request.GET.get("after") else "#results"
    return render(
        request, f"ledger/audit.html{part}" if "HX-Request" in request.headers else "ledger/audit.html", context
    )


def _narrowing(form: AuditForm, given: dict[str, Any]) -> dict[str, Any]:
    """The filters as `selectors.audit` takes them; days are those of the active time zone, both included."""
    kinds = {group.key: group.names for group in words.groups()}
    found: dict[str, Any] = {"actor_id": given.get("actor")}
    if given.get("kind"):
        found["names"] = kinds[given["kind"]]
    if given.get("since"):
        found["since"] = _midnight(given["since"])
    if given.get("until"):
        found["until"] = _midnight(given["until"] + dt.timedelta(days=1))
    if about := given.get("about", "").strip():
        found |= _about(form, about)
    return found


def _about(form: AuditForm, text: str) -> dict[str, int]:
    for prefix, key in (("E", "encounter_id"), ("C", "customer_id")):
        if text.upper().startswith(prefix):
            try:
                return {key: number_of(text, prefix)}
            except (NotFound, Invalid):
                break
    form.add_error("about", _("Give a reference such as E-7K3F9 or C-7K3F9."))
    return {}


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


@require_POST
def failure_retry(request: HttpRequest, failure_id: int) -> HttpResponse:
    """Let a reaction that was given up be tried again."""
    _authorise(request, SEE_FAILURES)
    retry(failure_id=failure_id)
    messages.success(request, _("It will be tried again within a minute."))
    return redirect("audit")
