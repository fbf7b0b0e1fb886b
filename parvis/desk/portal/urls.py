"""Addresses of the customer's side."""

from django.urls import path

from parvis.desk.portal.views import brand, contact, follow_up, home, requests

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
    path("brand.css", brand.brand_stylesheet, name="brand_css"),
    path("brand/logo", brand.brand_logo, name="brand_logo"),
    path("brand/icon.svg", brand.brand_icon, name="brand_icon"),
]
