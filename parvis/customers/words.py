"""How this context's ledger entries read, and whose names are behind ids of customers and organisations."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parvis.customers import events
from parvis.customers.finding import names_of_customers, names_of_organisations
from parvis.customers.models import Customer
from parvis.kernel.references import reference_of
from parvis.ledger.words import Phrase, names_register, phrases_register

_ORGANISATION = {"organisation": "organisation"}


def _added(data: Mapping[str, Any]) -> Promise:
    return _("%(actor)s added an e-mail address") if data.get("kind") == "email" else _("%(actor)s added a number")


def _removed(data: Mapping[str, Any]) -> Promise:
    return _("%(actor)s removed an e-mail address") if data.get("kind") == "email" else _("%(actor)s removed a number")


def _changed(data: Mapping[str, Any]) -> Promise:
    match data.get("fields"):
        case ["matters"]:
            return _("%(actor)s noted what matters to them")
        case ["name"]:
            return _("%(actor)s corrected the name")
        case ["language"]:
            return _("%(actor)s set their language")
    return _("%(actor)s changed the record")


phrases_register(
    "customer",
    _("Customers"),
    {
        events.CREATED: Phrase(_("%(actor)s opened the customer’s record"), "user-plus"),
        events.CHANGED: Phrase(_changed, "pencil"),
        events.CONTACT_POINT_ADDED: Phrase(_added, "at"),
        events.CONTACT_POINT_REMOVED: Phrase(_removed, "at"),
        events.BOUNCED: Phrase(_("Mail to an address of theirs came back"), "alert-triangle"),
        events.MERGED: Phrase(
            _("%(actor)s merged %(absorbed)s into this record"), "git-merge", {"absorbed": "customer"}
        ),
        events.UNMERGED: Phrase(
            _("%(actor)s took the merge with %(absorbed)s apart"), "git-merge", {"absorbed": "customer"}
        ),
        events.ERASED: Phrase(_("%(actor)s erased the customer’s personal data"), "trash"),
        events.ORGANISATION_CREATED: Phrase(
            _("%(actor)s opened the account of %(organisation)s"), "building", _ORGANISATION
        ),
        events.ORGANISATION_CHANGED: Phrase(
            _("%(actor)s changed the account of %(organisation)s"), "building", _ORGANISATION
        ),
        events.AFFILIATED: Phrase(_("%(actor)s noted that they speak for %(organisation)s"), "building", _ORGANISATION),
        events.UNAFFILIATED: Phrase(
            _("%(actor)s noted that they no longer speak for %(organisation)s"), "building", _ORGANISATION
        ),
    },
)
names_register("customer", names_of_customers, lambda pk: reference_of(Customer.REFERENCE_PREFIX, pk))
names_register("organisation", names_of_organisations)
