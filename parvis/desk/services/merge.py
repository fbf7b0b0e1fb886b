"""Two records turn out to be one person, or not after all.

Customers stand below encounters and promises, so the whole of a merge is done here: `customers.merging` moves what
belongs to the records, this module what hangs on them, in one transaction with one journal. Messages keep the record
they came from: they hang on their encounter, and the record leads to the one it went into.
"""

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Max, Q

from parvis.customers import merging
from parvis.customers.finding import merge_visible
from parvis.customers.selectors import contact_key, contact_points_of, customer_visible
from parvis.desk.models import Message
from parvis.encounters.selectors import encounters_visible
from parvis.encounters.services import encounters_move
from parvis.kernel.errors import Conflict
from parvis.promises.services import promises_move
from parvis.reservations.services.people import bookings_move
from parvis.staff.domain.viewer import Viewer
from parvis.staff.services import actor_of

if TYPE_CHECKING:
    from parvis.customers.models import Customer, Merge


def customer_merge(*, viewer: Viewer, keep_id: int, absorb_id: int) -> "Merge":
    """Make one record out of two: `absorb_id` goes into `keep_id`, with everything that hangs on it.

    Raises NotFound unless the viewer sees both, Conflict when one was merged or erased meanwhile, Invalid for a record
    and itself.
    """
    with transaction.atomic():
        # A record that has gone into another would be found as that other: say so instead of merging a third.
        if {customer_visible(viewer, pk).pk for pk in (keep_id, absorb_id)} != {keep_id, absorb_id}:
            raise Conflict(merging.MERGED_MEANWHILE)
        kept, absorbed = merging.customers_lock(keep_id, absorb_id)
        merge = merging.customer_absorb(actor=actor_of(viewer), kept=kept, absorbed=absorbed)
        moved = _hand_over(absorbed.pk, kept.pk)
        merging.merge_note(merge=merge, encounters=moved)
        _count(kept)
        _count(absorbed)
    return merge


def customer_unmerge(*, viewer: Viewer, merge_id: int) -> "Merge":
    """Take a merge apart, whatever came in since.

    Encounters that moved go back with all that was said in them since. One opened since goes to whoever's address it
    came from; what cannot be told stays with the kept record. Raises NotFound, and Conflict when it was undone already
    or the kept record has itself been merged since.
    """
    with transaction.atomic():
        merge = merge_visible(viewer, merge_id)
        kept, absorbed = merging.customers_lock(merge.kept_id, merge.absorbed_id)
        merge.refresh_from_db()
        back = [*merge.moved.get("encounters", []), *_came_since(merge)]
        merging.customer_release(actor=actor_of(viewer), merge=merge, kept=kept, absorbed=absorbed)
        _hand_over(kept.pk, absorbed.pk, only=back)
        served = set(encounters_visible(Viewer.house()).filter(customer_id=kept.pk).values_list("site_id", flat=True))
        merging.sites_leave(customer=kept, site_ids=[pk for pk in merge.moved["sites"] if pk not in served])
        _count(kept)
        _count(absorbed)
    return merge


def _hand_over(giver: int, taker: int, only: list[int] | None = None) -> list[int]:
    moved = encounters_move(from_customer=giver, to_customer=taker, only=only)
    promises_move(encounter_ids=moved, to_customer=taker)
    bookings_move(encounter_ids=moved, from_customer=giver, to_customer=taker, all_of_them=only is None)
    return moved


def _came_since(merge: "Merge") -> list[int]:
    """Encounters opened since the merge by somebody with an address that was the absorbed record's alone."""
    moved = set(merge.moved["points"]["moved"])
    theirs = {p.key for p in contact_points_of(merge.kept_id) if p.pk in moved}
    since = encounters_visible(Viewer.house()).filter(customer_id=merge.kept_id, opened_at__gte=merge.at)
    said = Message.objects.filter(encounter__in=since, direction="in").exclude(sender_address="")
    first: dict[int, str] = {}
    for encounter_id, address in said.order_by("id").values_list("encounter_id", "sender_address"):
        first.setdefault(encounter_id, address)
    return [pk for pk, address in first.items() if _key(address) in theirs]


def _key(address: str) -> str:
    return contact_key("email" if "@" in address else "phone", address)


def _count(customer: "Customer") -> None:
    figures = (
        encounters_visible(Viewer.house())
        .filter(customer_id=customer.pk)
        .aggregate(n=Count("pk"), open_=Count("pk", filter=~Q(status="closed")), last=Max("last_customer_at"))
    )
    merging.customer_figures_set(
        customer=customer, encounters=figures["n"], open_=figures["open_"], last_at=figures["last"]
    )
