"""The keys of bookings: a hold on its way, a booking, a place in the line. No id stands in clear in an address."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.core import signing

from parvis.desk.portal.tokens import link_invalid
from parvis.desk.services.letters import BOOKING_SALT, WAITING_SALT
from parvis.kernel.errors import NotFound
from parvis.reservations.selectors import booking_visible, waiting_visible
from parvis.staff.domain.viewer import Viewer

if TYPE_CHECKING:
    from parvis.reservations.models import Booking, WaitingEntry

HOLD_SALT = "parvis.portal.hold"
HOLD_LAST = 24 * 3600


@dataclass(frozen=True)
class HoldKey:
    """What is carried from the choice of a time to the booking. `tz`: the visitor's clocks, "" for the house's."""

    booking: int
    tz: str = ""
    wished: tuple[int, ...] = ()


def hold_token(key: HoldKey) -> str:
    """The signed form of a hold's key; good for a day, within which nothing typed is lost."""
    return signing.dumps(asdict(key), salt=HOLD_SALT, compress=True)


def hold_of_token(token: str) -> tuple[HoldKey, "Booking"]:
    """The hold behind a token. Raises NotFound."""
    data = _loaded(token, HOLD_SALT, max_age=HOLD_LAST)
    try:
        key = HoldKey(int(data["booking"]), str(data["tz"]), tuple(int(pk) for pk in data["wished"]))
    except (KeyError, TypeError, ValueError) as error:
        raise link_invalid() from error
    return key, _booking(key.booking)


def booking_token(booking_id: int) -> str:
    """The signed form of a booking's id, as in `booking_link`."""
    return signing.dumps(booking_id, salt=BOOKING_SALT)


def booking_of_token(token: str) -> "Booking":
    """The booking behind a signed link. Raises NotFound."""
    return _booking(_loaded(token, BOOKING_SALT))


def waiting_token(entry_id: int) -> str:
    """The signed form of the id of somebody who waits, as in `waiting_link`."""
    return signing.dumps(entry_id, salt=WAITING_SALT)


def entry_of_token(token: str) -> "WaitingEntry":
    """Who waits behind a signed link. Raises NotFound."""
    pk = _loaded(token, WAITING_SALT)
    entry = waiting_visible(Viewer.house()).filter(pk=pk if isinstance(pk, int) else 0).first()
    if entry is None:
        raise link_invalid()
    return entry


def _booking(pk: Any) -> "Booking":
    if not isinstance(pk, int):
        raise link_invalid()
    try:
        return booking_visible(Viewer.house(), pk)
    except NotFound as error:
        raise link_invalid() from error


def _loaded(token: str, salt: str, max_age: int | None = None) -> Any:
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except signing.BadSignature as error:
        raise link_invalid() from error
