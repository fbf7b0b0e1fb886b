"""Addresses of this context."""

from django.urls import path

from parvis.channels import views

urlpatterns = [
    path("mail/", views.mail_ledger, name="mail_ledger"),
    path("mail/<int:mail_id>/", views.mail, name="mail"),
    path("mail/<int:mail_id>/source/", views.mail_source, name="mail_source"),
    path("mail/<int:mail_id>/raw/", views.mail_raw, name="mail_raw"),
    path("mail/<int:mail_id>/read-again/", views.mail_reread, name="mail_reread"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<int:out_mail_id>/retry/", views.outmail_retry, name="outmail_retry"),
    path("outbox/<int:out_mail_id>/cancel/", views.outmail_cancel, name="outmail_cancel"),
]
