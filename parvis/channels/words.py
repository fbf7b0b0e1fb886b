"""How this context's ledger entries read."""

from django.utils.translation import gettext_lazy as _

from parvis.channels import events
from parvis.ledger.words import Phrase, phrases_register

phrases_register(
    "mail",
    _("Mail"),
    {
        events.MAIL_IGNORED: Phrase(_("A mail was set aside"), "archive"),
        events.MAIL_FAILED: Phrase(_("A mail could not be read"), "alert-triangle"),
        events.MAIL_REREAD: Phrase(_("%(actor)s had a mail read again"), "refresh"),
        events.MAIL_SENT: Phrase(_("A mail left the house"), "send"),
        events.MAIL_SEND_FAILED: Phrase(_("A mail could not be sent"), "alert-triangle"),
        events.MAIL_GIVEN_UP: Phrase(_("A mail could not be sent and was given up"), "alert-triangle"),
        events.MAIL_RETURNED: Phrase(_("A mail of ours came back"), "alert-triangle"),
        events.MAIL_RETRIED: Phrase(_("%(actor)s had a mail sent again"), "refresh"),
        events.MAIL_CANCELLED: Phrase(_("%(actor)s stopped a mail"), "ban"),
    },
)

phrases_register(
    "sms",
    _("SMS"),
    {
        events.SMS_SENT: Phrase(_("A text message left the house"), "send"),
        events.SMS_SEND_FAILED: Phrase(_("A text message could not be sent"), "alert-triangle"),
        events.SMS_GIVEN_UP: Phrase(_("A text message could not be sent and was given up"), "alert-triangle"),
        events.SMS_RETRIED: Phrase(_("%(actor)s had a text message sent again"), "refresh"),
        events.SMS_CANCELLED: Phrase(_("%(actor)s stopped a text message"), "ban"),
    },
)
