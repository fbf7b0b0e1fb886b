"""Addresses of this context, under settings/."""

from django.urls import path

from parvis.staff.views import people, profile

urlpatterns = [
    path("", profile.settings_home, name="settings"),
    path("profile/", profile.profile, name="profile"),
    path("profile/theme/", profile.profile_theme, name="profile_theme"),
    path("profile/language/", profile.profile_language, name="profile_language"),
    path("people/", people.people, name="settings_people"),
    path("people/new/", people.person_new, name="settings_person_new"),
    path("people/<int:pk>/", people.person, name="settings_person"),
    path("people/<int:pk>/active/", people.person_active, name="settings_person_active"),
    path("people/<int:pk>/password/", people.person_password_link, name="settings_person_password"),
    path("people/<int:pk>/two-factor/", people.person_two_factor_off, name="settings_person_two_factor_off"),
    path("people/<int:pk>/keys/", people.token_new, name="settings_token_new"),
    path("people/keys/<int:pk>/revoke/", people.token_revoke, name="settings_token_revoke"),
    path("teams/", people.teams, name="settings_teams"),
    path("teams/<int:pk>/remove/", people.team_remove, name="settings_team_remove"),
]
