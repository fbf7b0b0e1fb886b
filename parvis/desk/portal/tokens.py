"""The keys that a customer holds: signed links to one request, to all of theirs, and the stamp of a form."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext_lazy as _

from parvis.desk.services.letters import ENCOUNTER_SALT
from parvis.encounters.selectors import encounter_visible
from parvis.kernel.errors import NotFound
from parvis.kernel.ids import new_token
from parvis.staff.domain.viewer import Viewer

if TYPE_CHECKING:
    from parvis.encounters.models import Encounter

REQUESTS_SALT = "parvis.portal.requests"
FORM_SALT = "parvis.portal.form"
REQUESTS_LAST = 3600
# Faster than this nobody has read the form; older than that the page was left open overnight.
FORM_SECONDS = (2, 24 * 3600)


def link_invalid() -> NotFound:
    """The one answer to a link that is not ours, was cut, or points to what is gone."""
    return NotFound(
        _("This link does not work."),
        code="bad_link",
        hint=_("Check that the whole address was copied from the mail, or ask for a new link."),
    )


def encounter_of_link(token: str) -> "Encounter":
    """The encounter behind a signed link (a row of `encounters`). Raises NotFound."""
    try:
        pk = signing.loads(token, salt=ENCOUNTER_SALT)
    except signing.BadSignature as error:
        raise link_invalid() from error
    if not isinstance(pk, int):
        raise link_invalid()
    try:
        return encounter_visible(Viewer.house(), pk)
    except NotFound as error:
        raise link_invalid() from error


def requests_link(address: str) -> str:
    """The address under which a person sees all their requests, for an hour."""
    return f"{settings.BASE_URL}/portal/requests/{signing.dumps(address, salt=REQUESTS_SALT, compress=True)}/"


def address_of_link(token: str) -> str:
    """The e-mail address a link to all requests was sent to. Raises NotFound (code "expired_link" after an hour)."""
    try:
        return str(signing.loads(token, salt=REQUESTS_SALT, max_age=REQUESTS_LAST))
    except signing.SignatureExpired as error:
        raise NotFound(
            _("This link has expired."), code="expired_link", hint=_("It works for one hour. Ask for a new one.")
        ) from error
    except signing.BadSignature as error:
        raise link_invalid() from error


@dataclass(frozen=True)
class Stamp:
    """What a form's stamp tells: which copy of the form it is, and whether its age is that of a person's writing."""

    nonce: str
    verdict: str  # "" fine | "fast" | "old" | "bad"


def form_stamp() -> str:
    """A stamp for a new copy of the form: random, signed, dated."""
    return signing.dumps(new_token()[:16], salt=FORM_SALT)


def stamp_read(stamp: str) -> Stamp:
    """What a stamp tells; never raises."""
    low, high = FORM_SECONDS
    try:
        nonce = str(signing.loads(stamp, salt=FORM_SALT, max_age=high))
    except signing.SignatureExpired:
        return Stamp("", "old")
    except signing.BadSignature:
        return Stamp("", "bad")
    try:
        signing.loads(stamp, salt=FORM_SALT, max_age=low)
    except signing.SignatureExpired:
        return Stamp(nonce, "")
    return Stamp(nonce, "fast")
