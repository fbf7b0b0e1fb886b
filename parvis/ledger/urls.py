"""Addresses of this context."""

from django.urls import path

from parvis.ledger import views

urlpatterns = [
    path("audit/", views.audit, name="audit"),
    path("audit/failures/<int:failure_id>/retry/", views.failure_retry, name="failure_retry"),
]
