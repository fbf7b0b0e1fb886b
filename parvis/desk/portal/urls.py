"""Addresses of the customer's side."""

from django.urls import path

from parvis.desk.portal.views import booking, brand, contact, follow_up, home, managing, requests, waiting, widget

urlpatterns = [
    path("portal/", home.portal, name="portal"),
    path("portal/needs/<slug:slug>/", home.portal_need, name="portal_need"),
    path("portal/write/", contact.portal_contact, name="portal_contact"),
    path("portal/sent/<str:token>/", contact.portal_sent, name="portal_sent"),
    path("portal/requests/", requests.my_requests, name="my_requests"),
    path("portal/requests/<str:token>/", requests.my_requests_list, name="my_requests_list"),
    path("portal/language/", home.set_language, name="set_language"),
    path("r/<str:token>/", requests.request_page, name="request"),
    path("r/<str:token>/files/<int:attachment_id>/", requests.request_file, name="request_file"),
    path("f/<str:token>/", follow_up.follow_up, name="follow_up"),
    path("book/", booking.what, name="book"),
    path("book/held/<str:token>/", booking.who, name="book_who"),
    path("book/done/<str:token>/", booking.done, name="book_done"),
    path("book/<slug:slug>/", booking.times, name="book_times"),
    path("book/<slug:slug>/hold/", booking.hold, name="book_hold"),
    path("book/<slug:slug>/wait/", waiting.wait, name="book_wait"),
    path("b/<str:token>/", managing.booking_page, name="booking"),
    path("b/<str:token>/move/", managing.booking_move_page, name="booking_move"),
    path("b/<str:token>/cancel/", managing.booking_cancel_page, name="booking_cancel"),
    path("b/<str:token>/booking.ics", managing.booking_calendar_file, name="booking_calendar"),
    path("w/<str:token>/", waiting.place, name="waiting"),
    path("widget.js", widget.widget_loader, name="widget_loader"),
    path("widget/held/<str:token>/", widget.widget_who, name="widget_who"),
    path("widget/done/<str:token>/", widget.widget_done, name="widget_done"),
    path("widget/<slug:slug>/", widget.widget, name="widget"),
    path("widget/<slug:slug>/hold/", widget.widget_hold, name="widget_hold"),
    path("brand.css", brand.brand_stylesheet, name="brand_css"),
    path("brand/logo", brand.brand_logo, name="brand_logo"),
    path("brand/icon.svg", brand.brand_icon, name="brand_icon"),
]
