"""Addresses on a workspace's host: the workspace as a whole."""

from django.urls import path

from tenants.signup.views import workspace

urlpatterns = [
    path("settings/workspace/", workspace.workspace_settings, name="workspace_settings"),
    path("settings/workspace/close/", workspace.close_page, name="workspace_close"),
]
