"""Names of the ledger entries of this context."""

ADDED = "webhook.added"
CHANGED = "webhook.changed"
ROTATED = "webhook.secret_rotated"
REMOVED = "webhook.removed"
SWITCHED_OFF = "webhook.switched_off"
SWITCHED_ON = "webhook.switched_on"
