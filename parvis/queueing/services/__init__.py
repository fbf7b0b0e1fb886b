"""The only way to write the queue."""

from parvis.queueing.services.calling import call_next, turn_call, turn_let_go, turn_recall
from parvis.queueing.services.records import HOUSE, Caller
from parvis.queueing.services.serving import (
    ticket_change,
    ticket_followed_up,
    turn_come_back,
    turn_finish,
    turn_hold,
    turn_leave,
    turn_miss,
    turn_reopen,
    turn_resume,
    turn_send_on,
    turn_start,
)
from parvis.queueing.services.setting_up import counter_save, goal_save, line_save, screen_renew, screen_save
from parvis.queueing.services.sitting import no_sitting, pause, resume, sign_off, sign_on, sitting_end
from parvis.queueing.services.taking import Taking, booking_ticket, ticket_take, ticket_void

__all__ = [
    "HOUSE",
    "Caller",
    "Taking",
    "booking_ticket",
    "call_next",
    "counter_save",
    "goal_save",
    "line_save",
    "no_sitting",
    "pause",
    "resume",
    "screen_renew",
    "screen_save",
    "sign_off",
    "sign_on",
    "sitting_end",
    "ticket_change",
    "ticket_followed_up",
    "ticket_take",
    "ticket_void",
    "turn_call",
    "turn_come_back",
    "turn_finish",
    "turn_hold",
    "turn_leave",
    "turn_let_go",
    "turn_miss",
    "turn_recall",
    "turn_reopen",
    "turn_resume",
    "turn_send_on",
    "turn_start",
]
