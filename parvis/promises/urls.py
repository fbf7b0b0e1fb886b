"""Addresses of this context."""

from django.urls import path

from parvis.promises import views

urlpatterns = [
    path("encounters/<str:reference>/promises/", views.promises_panel, name="promises_panel"),
    path("encounters/<str:reference>/promises/new/", views.promise_new, name="promise_make"),
    path("promises/<str:reference>/why/", views.promise_why, name="promise_why"),
    path("promises/<str:reference>/keep/", views.promise_done, name="promise_keep"),
    path("promises/<str:reference>/void/", views.promise_drop, name="promise_void"),
]
