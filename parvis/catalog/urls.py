"""Addresses of this context, under settings/."""

from django.urls import path

from parvis.catalog.views import house, needs, sites, texts

urlpatterns = [
    path("house/", house.house, name="settings_business"),
    path("house/brand/", house.brand, name="settings_brand"),
    path("house/brand/preview/", house.brand_preview, name="settings_brand_preview"),
    path("house/logo/remove/", house.logo_remove, name="settings_logo_remove"),
    path("sites/", sites.sites, name="settings_sites"),
    path("sites/new/", sites.site_new, name="settings_site_new"),
    path("sites/<int:pk>/", sites.site, name="settings_site"),
    path("sites/<int:pk>/hours/", sites.site_hours, name="settings_site_hours"),
    path("sites/<int:pk>/hours/preview/", sites.hours_preview, name="settings_hours_preview"),
    path("sites/<int:pk>/days/", sites.day_set, name="settings_day_set"),
    path("sites/<int:pk>/days/<str:day>/remove/", sites.day_remove, name="settings_day_remove"),
    path("sites/<int:pk>/active/", sites.site_active, name="settings_site_active"),
    path("sites/<int:pk>/contact-points/new/", sites.touchpoint_new, name="settings_touchpoint_new"),
    path("contact-points/<int:pk>/", sites.touchpoint, name="settings_touchpoint"),
    path("people/<int:pk>/sites/", sites.person_sites, name="settings_person_sites"),
    path("needs/", needs.needs, name="settings_needs"),
    path("needs/new/", needs.need_new, name="settings_need_new"),
    path("needs/preview/", needs.answer_preview, name="settings_answer_preview"),
    path("needs/<int:pk>/", needs.need, name="settings_need"),
    path("needs/<int:pk>/move/", needs.need_move, name="settings_need_move"),
    path("needs/<int:pk>/active/", needs.need_active, name="settings_need_active"),
    path("texts/", texts.texts, name="settings_texts"),
    path("texts/<slug:key>/", texts.text, name="settings_text"),
    path("texts/<slug:key>/preview/", texts.text_preview, name="settings_text_preview"),
    path("texts/<slug:key>/reset/", texts.text_reset, name="settings_text_reset"),
]
