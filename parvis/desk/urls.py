"""Addresses of this context."""

from django.urls import path

from parvis.desk import contact_views, customer_views
from parvis.desk.views import actions, composer, encounter, inbox, macros, messages, renegotiate

_E = "encounters/<str:reference>/"

urlpatterns = [
    path("inbox/", inbox.inbox_home, name="inbox_home"),
    path("inbox/<slug:view>/", inbox.inbox, name="inbox"),
    path("inbox/<slug:view>/list/", inbox.inbox_list, name="inbox_list"),
    path("inbox/<slug:view>/more/", inbox.inbox_more, name="inbox_more"),
    path("inbox/<slug:view>/filters/", inbox.inbox_filters, name="inbox_filters"),
    path(_E, encounter.encounter, name="encounter"),
    path(f"{_E}head/", encounter.encounter_head, name="encounter_head"),
    path(f"{_E}thread/", encounter.encounter_thread, name="encounter_thread"),
    path(f"{_E}panel/", encounter.encounter_panel, name="encounter_panel"),
    path(f"{_E}presence/", encounter.encounter_presence, name="encounter_presence"),
    path(f"{_E}assign/", actions.encounter_assign_to, name="encounter_assign"),
    path(f"{_E}about/", actions.encounter_about, name="encounter_about"),
    path(f"{_E}subject/", actions.encounter_subject, name="encounter_subject"),
    path(f"{_E}close/", actions.encounter_close, name="encounter_close"),
    path(f"{_E}wait/", actions.encounter_wait, name="encounter_wait"),
    path(f"{_E}reopen/", actions.encounter_reopen, name="encounter_reopen"),
    path(f"{_E}links/", actions.encounter_link_to, name="encounter_link"),
    path(f"{_E}links/<int:link_id>/untie/", actions.encounter_untie, name="encounter_untie"),
    path(f"{_E}matters/", actions.encounter_matters, name="encounter_matters"),
    path(f"{_E}reply/", composer.encounter_reply, name="encounter_reply"),
    path(f"{_E}note/", composer.encounter_note, name="encounter_note"),
    path(f"{_E}draft/", composer.encounter_draft, name="encounter_draft"),
    path(f"{_E}preview/", composer.encounter_preview, name="encounter_preview"),
    path(f"{_E}macros/", composer.encounter_macros, name="encounter_macros"),
    path("messages/<int:message_id>/html/", messages.message_html, name="message_html"),
    path("messages/<int:message_id>/delivery/", messages.message_delivery, name="message_delivery"),
    path("messages/<int:message_id>/take-back/", composer.message_take_back, name="message_take_back"),
    path("attachments/<int:attachment_id>/", messages.attachment, name="attachment"),
    path("promises/<str:reference>/renegotiate/", renegotiate.promise_move, name="promise_renegotiate"),
    path(
        "promises/<str:reference>/renegotiate/preview/",
        renegotiate.promise_move_preview,
        name="promise_renegotiate_preview",
    ),
    path("macros/", macros.macros, name="macros"),
    path("macros/new/", macros.macro, name="macro_new"),
    path("macros/<int:macro_id>/", macros.macro, name="macro"),
    path("macros/<int:macro_id>/delete/", macros.macro_remove, name="macro_delete"),
    path("contacts/new/", contact_views.contact_log_page, name="contact_log"),
    path("contacts/who/", contact_views.contact_who, name="contact_who"),
    path("contacts/card/", contact_views.contact_card, name="contact_card"),
    path("contacts/when/", contact_views.contact_when, name="contact_when"),
    path("customers/<str:reference>/encounters/", customer_views.customer_encounters, name="customer_encounters"),
    path("customers/<str:reference>/promises/", customer_views.customer_promises, name="customer_promises"),
    path("customers/<str:reference>/export/", customer_views.customer_export, name="customer_export"),
    path("customers/<str:reference>/erase/", customer_views.customer_erase, name="customer_erase"),
    path("customers/<str:reference>/merge/<str:other>/", customer_views.customer_merge, name="customer_merge"),
    path("customers/merges/<int:merge_id>/undo/", customer_views.merge_undo, name="merge_undo"),
    path(
        "organisations/<str:reference>/encounters/",
        customer_views.organisation_encounters,
        name="organisation_encounters",
    ),
]
