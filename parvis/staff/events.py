"""Names of the ledger entries of this context."""

MEMBER_ADDED = "staff.member_added"
MEMBER_CHANGED = "staff.member_changed"
TEAM_SAVED = "staff.team_saved"
TOKEN_CREATED = "staff.token_created"
TOKEN_REVOKED = "staff.token_revoked"
