"""More reads of customers: lists, duplicates, journals; each starts from what the viewer may see."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from parvis.customers.models import Affiliation, ContactKind, ContactPoint, Customer, Merge, Organisation
from parvis.customers.selectors import (
    contact_key,
    contact_points_of,
    customer_visible,
    customers_visible,
    is_digits,
    organisations_visible,
)
from parvis.kernel.contact import is_email
from parvis.kernel.errors import NotFound
from parvis.kernel.text import fold
from parvis.staff.domain.viewer import Viewer
from parvis.toolkit.prepared import prepared

# A number has at least this many digits; fewer are searched as a word.
PHONE_DIGITS = 4
PAIRS_SHOWN = 50
CANDIDATES = 500


def customer_by_reference(viewer: Viewer, reference: str) -> Customer:
    """One customer by reference; that of a merged record leads to the one it went into. Raises NotFound."""
    return customer_visible(viewer, Customer.pk_of(reference))


def organisation_by_reference(viewer: Viewer, reference: str) -> Organisation:
    """One organisation by reference. Raises NotFound."""
    found = (
        organisations_visible(viewer).filter(pk=Organisation.pk_of(reference)).select_related("account_owner").first()
    )
    if found is None:
        raise NotFound(_("There is no such organisation, or it is not yours to see."), code="no_organisation")
    return found


def customers_listed(viewer: Viewer) -> QuerySet[Customer]:
    """All customers with what a row shows; to be paged by ["-last_seen_at", "-id"]."""
    return customers_visible(viewer).prefetch_related("contact_points", "affiliations__organisation")


def customers_seen_since(viewer: Viewer, since: dt.datetime) -> QuerySet[Customer]:
    """Who was in touch since an instant, the latest first."""
    return customers_visible(viewer).filter(last_seen_at__gte=since).order_by("-last_seen_at", "-id")


def bounced_since(viewer: Viewer, since: dt.datetime, *, limit: int) -> list[ContactPoint]:
    """Addresses that turned out not to work since an instant, the latest first."""
    # The few points first, then who of them is in sight: the other way round reads every customer.
    return _in_sight(viewer, _bounced(since=since))[:limit]


@prepared
def _bounced(since: dt.datetime) -> QuerySet[ContactPoint]:
    found = ContactPoint.objects.filter(bounced_at__gte=since).select_related("customer")
    return found.order_by("-bounced_at", "-id")[:CANDIDATES]


def _in_sight(viewer: Viewer, points: list[ContactPoint]) -> list[ContactPoint]:
    seen = {key for (key,) in _seen(viewer, ids=tuple({p.customer_id for p in points}))}
    return [p for p in points if p.customer_id in seen]


@prepared
def _seen(viewer: Viewer, ids: tuple[int, ...]) -> QuerySet:
    return customers_visible(viewer).order_by().filter(pk__in=ids).values_list("pk")


def organisations_listed(viewer: Viewer, query: str = "") -> QuerySet[Organisation]:
    """Organisations whose name or domain contains the words, with `contact_count`; to be paged by ["name", "id"].

    Accents count on neither side only as far as the databases' own comparison goes; there are few organisations.
    """
    found = organisations_visible(viewer).select_related("account_owner")
    for word in query.split()[:8]:
        found = found.filter(Q(name__icontains=word) | Q(domain__icontains=word) | Q(name__icontains=fold(word)))
    # Counted for each row that is shown, not joined: a page is cut before anybody is counted.
    seen = customers_visible(viewer).filter(pk=OuterRef("customer"))
    contacts = Affiliation.objects.filter(Exists(seen), organisation=OuterRef("pk"))
    counted = contacts.order_by().values("organisation").annotate(n=Count("pk")).values("n")
    return found.annotate(contact_count=Coalesce(Subquery(counted), 0))


def exact_matches(viewer: Viewer, text: str, country: str) -> tuple[list[Customer], int]:
    """Who has the address or number that `text` is: those the viewer sees, and how many more other sites know.

    Nothing is said of the others but that they exist: a customer who stands here has given the number themselves.
    """
    kind = "email" if is_email(text) else "phone" if is_number(text) else ""
    key = contact_key(kind, text, country) if kind else ""
    if not key:
        return [], 0
    points = ContactPoint.objects.filter(kind=kind, key=key, customer__merged_into=None, customer__erased_at=None)
    ids = set(points.values_list("customer_id", flat=True)[:20])
    seen = list(customers_listed(viewer).filter(pk__in=ids).order_by("-last_seen_at"))
    return seen, len(ids) - len(seen)


def is_number(text: str) -> bool:
    """Whether somebody typed (the beginning of) a phone number."""
    return is_digits(text) and sum(c.isdigit() for c in text) >= PHONE_DIGITS


@dataclass(frozen=True)
class Suspicion:
    """Two records that may be one person, and why: "email", "phone" or "name"."""

    one: Customer
    other: Customer
    because: str
    value: str


def duplicates_of(viewer: Viewer, customer: Customer, *, limit: int = 5) -> list[Suspicion]:
    """Records that may be the same person: same address, same number, same name whatever its spelling."""
    same: dict[int, tuple[str, str]] = {}
    keys = {(point.kind, point.key) for point in contact_points_of(customer.pk)}
    for point in _with_keys(keys=tuple({key for __, key in keys}), customer=customer.pk):
        if (point.kind, point.key) in keys:
            same.setdefault(point.customer_id, (point.kind, point.value))
    if " " in customer.sort_key:  # a single word is the name of many
        for (pk,) in _namesakes(viewer, sort_key=customer.sort_key, customer=customer.pk):
            same.setdefault(pk, ("name", customer.name))
    if not same:
        return []
    seen = _last_seen(viewer, ids=tuple(same))[:limit]
    return [Suspicion(customer, other, *same[other.pk]) for other in seen]


@prepared
def _last_seen(viewer: Viewer, ids: tuple[int, ...]) -> QuerySet[Customer]:
    return customers_visible(viewer).filter(pk__in=ids).order_by("-last_seen_at")


@prepared
def _with_keys(keys: tuple[str, ...], customer: int) -> QuerySet[ContactPoint]:
    found = ContactPoint.objects.filter(kind__in=ContactKind.values, key__in=keys)
    return found.exclude(customer_id=customer).order_by("id")[:50]


@prepared
def _namesakes(viewer: Viewer, sort_key: str, customer: int) -> QuerySet:
    found = customers_visible(viewer).filter(sort_key=sort_key).exclude(pk=customer)
    return found.values_list("pk")[:20]


def duplicates(viewer: Viewer, *, limit: int = PAIRS_SHOWN) -> list[Suspicion]:
    """Pairs in the whole list that may be one person, those sharing an address or number first.

    What occurs twice is counted on the indexes alone, for the whole house; who of them the viewer may see is asked of
    those candidates (at most CANDIDATES of each kind).
    """
    found: dict[tuple[int, int], Suspicion] = {}
    for (kind, __), group in _sharing(viewer).items():
        for point in group[1:]:
            pair = (group[0].customer_id, point.customer_id)
            found.setdefault(pair, Suspicion(group[0].customer, point.customer, kind, point.value))
    for first, other in _same_names(viewer):
        found.setdefault((first.pk, other.pk), Suspicion(first, other, "name", other.name))
    return list(found.values())[:limit]


def _sharing(viewer: Viewer) -> dict[tuple[str, str], list[ContactPoint]]:
    """Addresses and numbers that several people have, with those whom the viewer sees."""
    twice = ContactPoint.objects.order_by().values("kind", "key").annotate(n=Count("pk")).filter(n__gt=1)
    keys = {(row["kind"], row["key"]) for row in twice[:CANDIDATES]}
    groups: dict[tuple[str, str], list[ContactPoint]] = defaultdict(list)
    points = ContactPoint.objects.filter(key__in={key for __, key in keys}).select_related("customer")
    for point in _in_sight(viewer, list(points.order_by("customer_id")[: 4 * CANDIDATES])):
        if (point.kind, point.key) in keys:
            groups[point.kind, point.key].append(point)
    return groups


def _same_names(viewer: Viewer) -> list[tuple[Customer, Customer]]:
    """People of one name whom the viewer sees: the oldest record, and each of the others."""
    named = Customer.objects.filter(sort_key__contains=" ").order_by().values("sort_key")  # a single word is many's
    wanted = [row["sort_key"] for row in named.annotate(n=Count("pk")).filter(n__gt=1)[:CANDIDATES]]
    oldest: dict[str, Customer] = {}
    seen = customers_visible(viewer).filter(sort_key__in=wanted).order_by("sort_key", "id")
    return [(first, c) for c in seen if (first := oldest.setdefault(c.sort_key, c)) is not c]


def affiliations_visible(viewer: Viewer, customer_id: int) -> list[Affiliation]:
    """For whom a customer speaks, as far as the viewer may see those organisations."""
    return _affiliations(viewer, customer=customer_id)


def organisations_exist(viewer: Viewer) -> bool:
    """Whether there is an organisation to speak for."""
    return bool(_any_organisation(viewer))


@prepared
def _any_organisation(viewer: Viewer) -> QuerySet:
    return organisations_visible(viewer).order_by().values_list("pk")[:1]


@prepared
def _affiliations(viewer: Viewer, customer: int) -> QuerySet[Affiliation]:
    found = Affiliation.objects.filter(customer_id=customer, organisation__in=organisations_visible(viewer))
    return found.select_related("organisation").order_by("organisation__name")


def record_ids(customer: Customer) -> list[int]:
    """The customer's own id and those of the records merged into theirs: whose ledger entries tell their story."""
    return [customer.pk, *Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)]


def merges_into(customer: Customer) -> list[Merge]:
    """Merges into this record that can be undone, the latest first."""
    return _merges(kept=customer.pk)


@prepared
def _merges(kept: int) -> QuerySet[Merge]:
    found = Merge.objects.filter(kept_id=kept, undone_at=None, absorbed__erased_at=None)
    return found.select_related("absorbed", "by").order_by("-id")


def merge_visible(viewer: Viewer, merge_id: int) -> Merge:
    """One merge whose kept record (or the one that went into since) the viewer may see. Raises NotFound."""
    found = Merge.objects.filter(pk=merge_id).select_related("kept", "absorbed").first()
    if found is None:
        raise NotFound(_("There is no such merge, or it is not yours to see."), code="no_merge")
    customer_visible(viewer, found.kept_id)
    return found


def names_of_customers(ids: list[int]) -> dict[int, str]:
    """Names for readings of the ledger; of an erased one nothing is left to say."""
    return {c.pk: str(_("an erased customer")) if c.erased_at else str(c) for c in _named(ids=tuple(ids))}


@prepared
def _named(ids: tuple[int, ...]) -> QuerySet[Customer]:
    return Customer.objects.filter(pk__in=ids).only("name", "erased_at")


def names_of_organisations(ids: list[int]) -> dict[int, str]:
    """Names for readings of the ledger."""
    return dict(Organisation.objects.filter(pk__in=ids).values_list("pk", "name"))


def customers_by_any(*, email: str = "", phone: str = "", country: str = "FR") -> list[Customer]:
    """Everyone with this address or this number, whoever asks, last seen first. For recognition, not for lists."""
    match = Q(pk=None)
    if email and (key := contact_key("email", email)):
        match |= Q(contact_points__kind="email", contact_points__key=key)
    if phone and (key := contact_key("phone", phone, country)):
        match |= Q(contact_points__kind="phone", contact_points__key=key)
    found = Customer.objects.filter(match, merged_into=None, erased_at=None).distinct()
    return list(found.order_by("-last_seen_at", "-id")[:10])
