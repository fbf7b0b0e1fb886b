"""Addresses of this context."""

from django.urls import path

from parvis.reservations.views import (
    absences,
    arriving,
    bookings,
    busy,
    calendar,
    making,
    moving,
    offerings,
    overbooking,
    queue,
    settings,
    why,
)

_B = "bookings/<str:reference>/"
_O = "settings/bookings/offerings/<int:pk>/"

urlpatterns = [
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/why/", why.why, name="calendar_why"),
    path("calendar/arrivals/", arriving.arriving, name="arrivals"),
    path("bookings/new/", making.booking_new, name="visit_new"),
    path("bookings/new/when/", making.booking_when, name="visit_when"),
    path("bookings/new/who/", making.booking_who, name="visit_who"),
    path("bookings/dates/<int:pk>/", bookings.session, name="visit_session"),
    path("bookings/dates/<int:pk>/cancel/", bookings.session_off, name="visit_session_cancel"),
    path(_B, bookings.booking, name="visit"),
    path(f"{_B}arrive/", bookings.arrive, name="visit_arrive"),
    path(f"{_B}finish/", bookings.finish, name="visit_finish"),
    path(f"{_B}miss/", bookings.miss, name="visit_miss"),
    path(f"{_B}restore/", bookings.restore, name="visit_restore"),
    path(f"{_B}confirm/", bookings.confirm, name="visit_confirm"),
    path(f"{_B}cancel/", bookings.cancel, name="visit_cancel"),
    path(f"{_B}unmake/", bookings.unmake, name="visit_unmake"),
    path(f"{_B}move/", moving.move, name="visit_move"),
    path(f"{_B}move/when/", moving.move_when, name="visit_move_when"),
    path(f"{_B}drop/", moving.drop, name="visit_drop"),
    path("calendar/absences/new/", absences.absence_new, name="absence_new"),
    path("calendar/absences/<int:pk>/remove/", absences.remove, name="absence_remove"),
    path("waiting/", queue.queue, name="queue"),
    path("waiting/<str:reference>/offer/", queue.offer, name="queue_offer"),
    path("waiting/<str:reference>/leave/", queue.leave, name="queue_leave"),
    path("waiting/<str:reference>/why/", queue.why, name="queue_why"),
    path("settings/bookings/", settings.overview, name="settings_bookings"),
    path("settings/bookings/resources/new/", settings.resource_new, name="settings_resource_new"),
    path("settings/bookings/resources/<int:pk>/", settings.resource, name="settings_resource"),
    path("settings/bookings/resources/<int:pk>/calendars/new/", busy.calendar_new, name="busy_calendar_new"),
    path("settings/bookings/resources/<int:pk>/feed/renew/", busy.renew, name="resource_feed_renew"),
    path("settings/calendars/", busy.mine, name="my_calendars"),
    path("settings/calendars/<int:pk>/", busy.calendar_edit, name="busy_calendar"),
    path("settings/calendars/<int:pk>/refresh/", busy.refresh, name="busy_calendar_refresh"),
    path("settings/calendars/<int:pk>/remove/", busy.remove, name="busy_calendar_remove"),
    path("settings/bookings/offerings/new/", offerings.offering_new, name="settings_offering_new"),
    path(_O, offerings.offering, name="settings_offering"),
    path(f"{_O}dates/", offerings.dates_plan, name="settings_dates_plan"),
    path(f"{_O}overbooking/", overbooking.overbooking, name="settings_overbooking"),
    path(f"{_O}overbooking/allow/", overbooking.allow, name="settings_overbooking_allow"),
    path("settings/bookings/dates/<int:pk>/seats/", offerings.date_seats, name="settings_date_seats"),
]
