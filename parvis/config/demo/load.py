"""Loading the demo: refuse where a real business lives, play, say who can sign in."""

import datetime as dt
from collections import Counter
from collections.abc import Callable

from django.db import transaction

from parvis.catalog.models import Business
from parvis.config.demo.house import PASSWORD, STAFF, email_of, house_build
from parvis.config.demo.player import Player
from parvis.config.demo.speed import unhindered
from parvis.config.demo.wipe import database_wipe
from parvis.encounters.models import Encounter
from parvis.kernel.clock import clock_at, utcnow
from parvis.kernel.errors import Conflict
from parvis.ledger.services import subscriptions_skip
from parvis.staff.models import Member

ENCOUNTERS = 500
PERIOD = dt.timedelta(days=92)


def demo_load(
    *,
    again: bool = False,
    seed: int = 7,
    encounters: int = ENCOUNTERS,
    now: dt.datetime | None = None,
    say: Callable[[str], object] = lambda text: None,
) -> Counter[str]:
    """Play the demo into the database, all of it or nothing; returns how often each thing happened.

    `encounters` counts those of the past; some thirty of the present come on top. Raises Conflict where there is a
    business that is not the demo's, or anything else; and where the demo is loaded already, unless `again`.
    """
    now = now or utcnow()
    start = now - PERIOD
    with transaction.atomic():
        house = Business.objects.first()
        if house is not None and not house.is_demo:
            raise Conflict(
                f"This database belongs to “{house.name}”: the demo is not loaded into it.",
                code="real_business",
                hint="Try the demo elsewhere: PARVIS_HOME=/tmp/parvis-demo parvis demo",
            )
        if house is None and (Member.objects.exists() or Encounter.objects.exists()):
            raise Conflict("This database is not empty: the demo is not loaded into it.", code="not_empty")
        if house is not None and not again:
            raise Conflict("The demo is loaded already; --again plays it anew.", code="loaded_already")
        if house is not None:
            database_wipe()
        with clock_at(start):
            built = house_build(now)
        with unhindered():
            tally = Player(built, start=start, now=now, seed=seed).play(encounters, say)
    subscriptions_skip()  # after the commit: history is not news
    return tally


def sign_ins() -> str:
    """Who can sign in to the demo, one line each, and their password."""
    width = max(len(email_of(c)) for c in STAFF)
    lines = [f"{email_of(c):<{width}}  {c.name} ({c.role.value}, {c.language})" for c in STAFF]
    return "\n".join([*lines, f"password of all: {PASSWORD}"])
