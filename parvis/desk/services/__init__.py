"""The only way to write conversations: contacts coming in, replies going out, and the cycle around them."""

from parvis.desk.services.about import encounter_describe
from parvis.desk.services.contacts import Contact, contact_log, contact_open, contact_receive
from parvis.desk.services.conversation import (
    conversation_close,
    conversation_reopen,
    conversation_wait,
    note_add,
    promise_renegotiate,
    reply_send,
    reply_take_back,
)
from parvis.desk.services.drafts import draft_save, presence_note, reading_mark
from parvis.desk.services.follow_up import follow_up_answer, follow_ups_ask
from parvis.desk.services.intake import mail_take_in, mails_take_in

__all__ = [
    "Contact",
    "contact_log",
    "contact_open",
    "contact_receive",
    "conversation_close",
    "conversation_reopen",
    "conversation_wait",
    "draft_save",
    "encounter_describe",
    "follow_up_answer",
    "follow_ups_ask",
    "mail_take_in",
    "mails_take_in",
    "note_add",
    "presence_note",
    "promise_renegotiate",
    "reading_mark",
    "reply_send",
    "reply_take_back",
]
