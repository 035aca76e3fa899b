"""Addresses on a workspace's host: support access."""

from django.urls import path

from tenants.console.views import support_workspace

urlpatterns = [
    path("settings/support/", support_workspace.settings_page, name="support_settings"),
    path("settings/support/<uuid:access_id>/", support_workspace.access_page, name="support_seen"),
    path("settings/support/<uuid:access_id>/answer/", support_workspace.answer, name="support_answer"),
    path("settings/support/<uuid:access_id>/end/", support_workspace.end, name="support_stop"),
    path("announcements/<uuid:announcement_id>/away/", support_workspace.put_away, name="put_away"),
    path("support/enter/<str:code>/", support_workspace.enter, name="support_enter"),
    path("support/leave/", support_workspace.leave, name="support_leave"),
    path("support/over/", support_workspace.over, name="support_over"),
]
