"""Addresses of imports and of the workspace's export."""

from django.urls import path

from crm.transfer.views import exports, imports

urlpatterns = [
    path("import/", imports.import_list, name="import_list"),
    path("import/new/", imports.new_import, name="import_new"),
    path("import/<uuid:job_id>/", imports.import_page, name="import"),
    path("import/<uuid:job_id>/progress/", imports.progress, name="import_progress"),
    path("import/<uuid:job_id>/map/", imports.save_mapping, name="import_map"),
    path("import/<uuid:job_id>/layout/", imports.save_layout, name="import_layout"),
    path("import/<uuid:job_id>/answers/", imports.save_answers, name="import_answers"),
    path("import/<uuid:job_id>/run/", imports.run, name="import_run"),
    path("import/<uuid:job_id>/cancel/", imports.cancel, name="import_cancel"),
    path("import/<uuid:job_id>/discard/", imports.discard, name="import_discard"),
    path("import/<uuid:job_id>/undo/", imports.undo, name="import_undo"),
    path("import/<uuid:job_id>/errors.csv", imports.error_file, name="import_errors"),
    path("settings/export/", exports.export_page, name="export"),
    path("settings/export/<uuid:job_id>/progress/", exports.progress, name="export_progress"),
    path("settings/export/<uuid:job_id>/workspace.zip", exports.download, name="export_file"),
]
