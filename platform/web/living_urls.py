"""Addresses of the living page; config includes them only for developers."""

from django.urls import path

from web import living

urlpatterns = [
    path("living/", living.components, name="living"),
    path("living/charts", living.pictures, name="living_charts"),
    path("living/list", living.accounts, name="living_list"),
    path("living/record", living.record, name="living_record"),
    path("living/board", living.board, name="living_board"),
    path("living/form", living.form_page, name="living_form"),
    path("living/job", living.job_page, name="living_job"),
    path("living/settings", living.settings_page, name="living_settings"),
    path("living/public", living.public, name="living_public"),
    path("living/error/<slug:status>", living.error, name="living_error"),
    path("living/find", living.find, name="living_find"),
    path("living/people", living.people, name="living_people"),
    path("living/field", living.field, name="living_field"),
    path("living/move/<slug:card>", living.move, name="living_move"),
    path("living/moved-back", living.touch, name="living_moved_back"),
    path("living/touch", living.touch, name="living_touch"),
    path("living/dialog", living.dialog, name="living_dialog"),
    path("living/job/<slug:state>", living.job, name="living_job_part"),
]
