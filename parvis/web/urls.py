"""Addresses of the shell."""

from django.urls import path

from parvis.web import views
from parvis.web.live import live

urlpatterns = [
    path("", views.today, name="today"),
    path("today/promises/", views.promises_kept, name="promises_kept"),
    path("search/", views.search, name="search"),
    path("live/", live, name="live"),
    path("palette/", views.palette, name="palette"),
]
