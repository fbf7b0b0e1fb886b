"""Addresses of this context."""

from django.urls import path

from parvis.queueing.views import figures

urlpatterns = [
    path("queue/honesty/", figures.honesty, name="queue_honesty"),
    path("queue/staffing/", figures.staffing, name="staffing"),
    path("queue/staffing/goal/", figures.goal, name="staffing_goal"),
]
