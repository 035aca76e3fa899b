"""Addresses of the fields' settings."""

from django.urls import path

from crm.fields.views import fields, layouts, types

_TYPE = "settings/fields/<slug:key>/"
urlpatterns = [
    path("settings/types/", types.types_settings, name="types_settings"),
    path("settings/types/new/", types.type_new, name="type_new"),
    path("settings/types/<uuid:type_id>/", types.type_edit, name="type_edit"),
    path("settings/types/<uuid:type_id>/retire/", types.type_retire, name="type_retire"),
    path("settings/types/<uuid:type_id>/restore/", types.type_restore, name="type_restore"),
    path("settings/fields/", fields.fields_home, name="fields_home"),
    path(_TYPE, fields.type_fields, name="type_fields"),
    path(f"{_TYPE}new/", fields.new_field, name="field_new"),
    path(f"{_TYPE}layout/", layouts.layout_save, name="layout_save"),
    path(f"{_TYPE}layout/preview/", layouts.layout_preview, name="layout_preview"),
    path(f"{_TYPE}layout/reset/", layouts.layout_reset, name="layout_reset"),
    path(f"{_TYPE}rules/<slug:name>/", fields.field_rule, name="field_rule"),
    path(f"{_TYPE}<uuid:field_id>/", fields.edit_field, name="field_edit"),
    path(f"{_TYPE}<uuid:field_id>/retire/", fields.field_retire, name="field_retire"),
    path(f"{_TYPE}<uuid:field_id>/restore/", fields.field_restore, name="field_restore"),
]
