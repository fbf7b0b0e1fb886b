"""Who is looking, and what that lets them do. Pure: every selector starts from a Viewer."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Roles, each including what the ones before it may do."""

    AGENT = "agent"
    LEAD = "lead"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


_RANK = {role: rank for rank, role in enumerate(Role)}


class Right(StrEnum):
    """What may be done beyond seeing and serving, and from which role on."""

    SERVE = "serve"
    ASSIGN_OTHERS = "assign_others"
    SEE_MAIL_LEDGER = "see_mail_ledger"
    MANAGE_OUTBOX = "manage_outbox"
    CONFIGURE = "configure"
    SEE_AUDIT = "see_audit"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_WEBHOOKS = "manage_webhooks"
    PERSONAL_DATA = "personal_data"  # hand out, or erase, all that is known of a customer


_NEEDS = {
    Right.SERVE: Role.AGENT,
    Right.ASSIGN_OTHERS: Role.LEAD,
    Right.MANAGE_OUTBOX: Role.LEAD,
    Right.SEE_MAIL_LEDGER: Role.MANAGER,
    Right.CONFIGURE: Role.MANAGER,
    Right.SEE_AUDIT: Role.MANAGER,
    Right.MANAGE_PEOPLE: Role.ADMINISTRATOR,
    Right.MANAGE_WEBHOOKS: Role.ADMINISTRATOR,
    Right.PERSONAL_DATA: Role.ADMINISTRATOR,
}


@dataclass(frozen=True)
class Viewer:
    """A member of staff (or an API token, or the house itself) as permission checks see them.

    `site_ids` is None for whoever sees every site; `scopes` limits API tokens ("encounters:read", …; None: no limit).
    """

    member_id: int | None
    role: Role
    site_ids: frozenset[int] | None
    team_ids: frozenset[int] = frozenset()
    name: str = ""
    language: str = "en"
    token_id: int | None = None
    scopes: frozenset[str] | None = field(default=None)

    def may(self, right: Right) -> bool:
        """Whether the role carries this right."""
        return _RANK[self.role] >= _RANK[_NEEDS[right]]

    def sees_site(self, site_id: int | None) -> bool:
        """Whether rows of this site are visible; rows of no site are for those who see all of them."""
        return self.site_ids is None or site_id in self.site_ids

    @property
    def person(self) -> int:
        """The member's id, 0 for nobody: what "mine" means in a query."""
        return self.member_id or 0

    @classmethod
    def house(cls) -> "Viewer":
        """The house itself: background work that no person asked for."""
        return cls(member_id=None, role=Role.ADMINISTRATOR, site_ids=None, name="Parvis")
