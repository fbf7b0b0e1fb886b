"""What the desk does when something happened below it."""

from typing import TYPE_CHECKING

from parvis.channels import events as mail_events
from parvis.desk.services.returned import mail_given_up
from parvis.ledger.services import subscribe

if TYPE_CHECKING:
    from parvis.ledger.models import Entry


@subscribe("desk.mail_given_up", [mail_events.MAIL_GIVEN_UP])
def _mail_given_up(entry: "Entry") -> None:
    mail_given_up(out_mail_id=entry.data["out_mail"], at=entry.at)
