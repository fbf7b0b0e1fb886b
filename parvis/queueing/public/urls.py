"""Addresses of the queue for its customers: open to all, the secret ones by their token."""

from django.urls import path

from parvis.queueing.public import display, join, kiosk, pulse, status

urlpatterns = [
    path("kiosk/<str:token>/", kiosk.start, name="kiosk"),
    path("kiosk/<str:token>/pulse", pulse.screen_pulse, {"kind": "kiosk"}, name="kiosk_pulse"),
    path("kiosk/<str:token>/choose/", kiosk.choose, name="kiosk_choose"),
    path("kiosk/<str:token>/take/", kiosk.take, name="kiosk_take"),
    path("kiosk/<str:token>/booked/", kiosk.booked, name="kiosk_booked"),
    path("kiosk/<str:token>/noted/", kiosk.noted, name="kiosk_noted"),
    path("kiosk/<str:token>/ticket/<str:ticket>/", kiosk.ticket, name="kiosk_ticket"),
    path("kiosk/<str:token>/ticket/<str:ticket>/misprint/", kiosk.misprint, name="kiosk_misprint"),
    path("line/<slug:site>/", join.join, name="join"),
    path("q/<str:token>/", status.ticket, name="ticket"),
    path("q/<str:token>/card/", status.ticket_card, name="ticket_card"),
    path("q/<str:token>/pulse", pulse.ticket_pulse, name="ticket_pulse"),
    path("display/<str:token>/", display.display, name="display"),
    path("display/<str:token>/card/", display.display_card, name="display_card"),
    path("display/<str:token>/calls/", display.display_calls, name="display_calls"),
    path("display/<str:token>/pulse", pulse.screen_pulse, {"kind": "display"}, name="display_pulse"),
]
