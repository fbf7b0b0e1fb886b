"""Names of the ledger entries of this context."""

MAIL_IGNORED = "mail.ignored"
MAIL_FAILED = "mail.failed"
MAIL_REREAD = "mail.reread"
MAIL_SENT = "mail.sent"
MAIL_SEND_FAILED = "mail.send_failed"
MAIL_RETRIED = "mail.retried"
MAIL_CANCELLED = "mail.cancelled"
