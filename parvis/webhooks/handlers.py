"""What happens in the house is queued for whoever wants to be told."""

from typing import TYPE_CHECKING

from parvis.ledger.services import subscribe
from parvis.webhooks.catalogue import BY_ENTRY
from parvis.webhooks.services import deliveries_queue

if TYPE_CHECKING:
    from parvis.ledger.models import Entry


@subscribe("webhooks", BY_ENTRY)
def _happened(entry: "Entry") -> None:
    deliveries_queue(entry=entry)
