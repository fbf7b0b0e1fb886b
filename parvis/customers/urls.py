"""Addresses of this context."""

from django.urls import path

from parvis.customers import organisation_views, views

urlpatterns = [
    path("customers/", views.customers, name="customers"),
    path("customers/duplicates/", views.duplicates, name="duplicates"),
    path("customers/<str:reference>/", views.customer, name="customer"),
    path("customers/<str:reference>/edit/", views.customer_edit, name="customer_edit"),
    path("customers/<str:reference>/matters/", views.customer_matters, name="customer_matters"),
    path("customers/<str:reference>/timeline/", views.customer_timeline, name="customer_timeline"),
    path("customers/<str:reference>/points/", views.point_add, name="point_add"),
    path("customers/<str:reference>/points/<int:point_id>/remove/", views.point_remove, name="point_remove"),
    path("customers/<str:reference>/organisations/", views.affiliation_add, name="affiliation_add"),
    path(
        "customers/<str:reference>/organisations/<str:organisation>/remove/",
        views.affiliation_remove,
        name="affiliation_remove",
    ),
    path("organisations/", organisation_views.organisations, name="organisations"),
    path("organisations/new/", organisation_views.organisation_new, name="organisation_new"),
    path("organisations/<str:reference>/", organisation_views.organisation, name="organisation"),
    path("organisations/<str:reference>/edit/", organisation_views.organisation_edit, name="organisation_edit"),
]
