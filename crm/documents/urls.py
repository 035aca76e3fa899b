"""Addresses of files."""

from django.urls import path, register_converter

from crm.documents import views
from web.records.converters import RecordTypeConverter

register_converter(RecordTypeConverter, "record_type")

urlpatterns = [
    path("files/<record_type:kind>/<uuid:record_id>/add/", views.upload_file, name="file_upload"),
    path("files/<uuid:file_id>/", views.download, name="file"),
    path("files/<uuid:file_id>/preview/", views.preview, name="file_preview"),
    path("files/<uuid:file_id>/delete/", views.delete_file, name="file_delete"),
]
