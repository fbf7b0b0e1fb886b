"""The only way to write the queue."""

from parvis.queueing.services.calling import call_next, turn_call, turn_let_go, turn_recall
from parvis.queueing.services.joining import (
    booking_arrived,
    booking_in_line,
    customer_does,
    ticket_hang,
    ticket_misprinted,
    ticket_take_once,
)
from parvis.queueing.services.learning import told_score, waits_learn
from parvis.queueing.services.more_time import held_watch, turn_more_time
from parvis.queueing.services.nearing import near_tell, silent_watch
from parvis.queueing.services.records import HOUSE, Caller
from parvis.queueing.services.seeing import screens_seen, tickets_seen
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
from parvis.queueing.services.taking import MOST_PERSONS, Taking, booking_ticket, ticket_take, ticket_void
from parvis.queueing.services.taking_back import turn_take_back

__all__ = [
    "HOUSE",
    "MOST_PERSONS",
    "Caller",
    "Taking",
    "booking_arrived",
    "booking_in_line",
    "booking_ticket",
    "call_next",
    "counter_save",
    "customer_does",
    "goal_save",
    "held_watch",
    "line_save",
    "near_tell",
    "no_sitting",
    "pause",
    "resume",
    "screen_renew",
    "screen_save",
    "screens_seen",
    "sign_off",
    "sign_on",
    "silent_watch",
    "sitting_end",
    "ticket_change",
    "ticket_followed_up",
    "ticket_hang",
    "ticket_misprinted",
    "ticket_take",
    "ticket_take_once",
    "ticket_void",
    "tickets_seen",
    "told_score",
    "turn_call",
    "turn_come_back",
    "turn_finish",
    "turn_hold",
    "turn_leave",
    "turn_let_go",
    "turn_miss",
    "turn_more_time",
    "turn_recall",
    "turn_reopen",
    "turn_resume",
    "turn_send_on",
    "turn_start",
    "turn_take_back",
    "waits_learn",
]
