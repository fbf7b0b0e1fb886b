"""Addresses of this context, under settings/."""

from django.urls import path

from parvis.webhooks import views

urlpatterns = [
    path("webhooks/", views.webhooks, name="settings_webhooks"),
    path("webhooks/new/", views.webhook_new, name="settings_webhook_new"),
    path("webhooks/<int:pk>/", views.webhook, name="settings_webhook"),
    path("webhooks/<int:pk>/deliveries/", views.deliveries, name="settings_webhook_deliveries"),
    path("webhooks/<int:pk>/test/", views.webhook_test, name="settings_webhook_test"),
    path("webhooks/<int:pk>/active/", views.webhook_active, name="settings_webhook_active"),
    path("webhooks/<int:pk>/secret/", views.webhook_rotate, name="settings_webhook_rotate"),
    path("webhooks/<int:pk>/remove/", views.webhook_remove, name="settings_webhook_remove"),
    path("webhooks/<int:pk>/resend/", views.failed_resend, name="settings_webhook_resend_failed"),
    path("webhooks/<int:pk>/deliveries/<slug:message>/resend/", views.resend, name="settings_webhook_resend"),
]
