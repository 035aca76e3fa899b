"""Addresses of the living page; config includes them only for developers."""

from django.urls import path

from web import living, living_answers

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
    path("living/find", living_answers.find, name="living_find"),
    path("living/people", living_answers.people, name="living_people"),
    path("living/field", living_answers.field, name="living_field"),
    path("living/move/<slug:card>", living_answers.move, name="living_move"),
    path("living/moved-back", living_answers.touch, name="living_moved_back"),
    path("living/touch", living_answers.touch, name="living_touch"),
    path("living/dialog", living_answers.dialog, name="living_dialog"),
    path("living/job/<slug:state>", living_answers.job, name="living_job_part"),
]
