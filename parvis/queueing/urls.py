"""Addresses of this context's staff pages."""

from django.urls import path

from parvis.queueing.views import console, day, figures, here, screens, settings, tickets

_T = "queue/tickets/<int:pk>/"

urlpatterns = [
    path("queue/", console.console, name="console"),
    path("queue/sign-on/", console.console_sign_on, name="console_sign_on"),
    path("queue/sign-off/", console.console_sign_off, name="console_sign_off"),
    path("queue/next/", console.console_next, name="console_next"),
    path("queue/break/", console.console_break, name="console_break"),
    path("queue/break/end/", console.console_back, name="console_back"),
    path("queue/here/", here.queue_here, name="queue_here"),
    path("queue/day/", day.queue_day, name="queue_day"),
    path("queue/day/sittings/<int:pk>/end/", day.sitting_end, name="sitting_end"),
    path("queue/honesty/", figures.honesty, name="queue_honesty"),
    path("queue/staffing/", figures.staffing, name="staffing"),
    path("queue/staffing/goal/", figures.goal, name="staffing_goal"),
    path("queue/tickets/new/", tickets.turn_new, name="turn_new"),
    path("queue/tickets/who/", tickets.turn_who, name="turn_who"),
    path(_T, tickets.turn_page, name="turn"),
    path(f"{_T}send/", tickets.turn_send, name="turn_send"),
    path(f"{_T}<slug:verb>/", console.turn_act, name="turn_act"),
    path("settings/queue/", settings.overview, name="settings_queue"),
    path("settings/queue/begin/", settings.begin, name="settings_queue_begin"),
    path("settings/queue/lines/new/", settings.line_new, name="settings_line_new"),
    path("settings/queue/lines/<int:pk>/", settings.line, name="settings_line"),
    path("settings/queue/counters/new/", settings.counter_new, name="settings_counter_new"),
    path("settings/queue/counters/<int:pk>/", settings.counter, name="settings_counter"),
    path("settings/queue/screens/new/", screens.screen_new, name="settings_screen_new"),
    path("settings/queue/screens/<int:pk>/", screens.screen, name="settings_screen"),
    path("settings/queue/screens/<int:pk>/renew/", screens.renew, name="settings_screen_renew"),
]
