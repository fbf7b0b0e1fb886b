"""The ledger as a feed: for whoever wants to follow what happens, without losing or repeating anything."""

import re
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Field, Router, Schema

from parvis.kernel.errors import Invalid
from parvis.kernel.references import reference_of
from parvis.ledger.selectors import entries_after
from parvis.toolkit.api.values import PROBLEMS, Instant, Size

_POSITION = re.compile(r"(\d{1,18})-(\d{1,18})")


class EntryOut(Schema):
    """Something that happened."""

    position: str
    at: Instant
    name: str
    actor: str
    actor_id: int | None
    encounter: str | None
    customer: str | None
    data: dict[str, Any]


class Feed(Schema):
    """Entries in order, and the position to ask from next (the same one while nothing new happened)."""

    items: list[EntryOut]
    next_position: str


def feed_router(auth: Any, viewer_of: Any) -> Router:
    """The router of the feed; who asks is known to a higher context, which passes its ways of telling in."""
    router = Router(tags=["ledger"])

    @router.get("", auth=auth, response={200: Feed, **PROBLEMS})
    def ledger_feed(
        request: HttpRequest,
        after: Annotated[str, Field(max_length=40, description="`next_position` of the answer before")] = "0-0",
        limit: Size = 100,
    ) -> dict[str, Any]:
        """What happened after a position, in an order that loses nothing, at the sites the token may see."""
        match = _POSITION.fullmatch(after)
        if match is None:
            raise Invalid(_("A position looks like 0-0: use the one of the answer before."), code="bad_position")
        position = (int(match[1]), int(match[2]))
        viewer = viewer_of(request)
        read = entries_after(position, limit=limit)
        items = [_shown(e) for e in read if viewer.sees_site(e.site_id)]
        last = (read[-1].xid, read[-1].pk) if read else position
        return {"items": items, "next_position": f"{last[0]}-{last[1]}"}

    return router


def _shown(e: Any) -> dict[str, Any]:
    return {
        "position": f"{e.xid}-{e.pk}",
        "at": e.at,
        "name": e.name,
        "actor": e.actor_kind,
        "actor_id": e.actor_id,
        "encounter": reference_of("E", e.encounter_id) if e.encounter_id else None,
        "customer": reference_of("C", e.customer_id) if e.customer_id else None,
        "data": e.data,
    }
