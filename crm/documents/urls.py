"""Addresses of files."""

from django.urls import path

import web.records.converters  # noqa: F401  (registers `record_type`)
from crm.documents import views

urlpatterns = [
    path("files/<record_type:kind>/<uuid:record_id>/add/", views.upload_file, name="file_upload"),
    path("files/<uuid:file_id>/", views.download, name="file"),
    path("files/<uuid:file_id>/preview/", views.preview, name="file_preview"),
    path("files/<uuid:file_id>/delete/", views.delete_file, name="file_delete"),
]
