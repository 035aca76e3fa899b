"""Addresses of this room; before the general ones, since tasks have pages of their own."""

from django.urls import path

import web.records.converters  # noqa: F401  (registers `record_type`)
from crm.activities.views import activities as views
from crm.activities.views import bell

urlpatterns = [
    path("timeline/<record_type:kind>/<uuid:record_id>/", views.timeline_more, name="timeline_more"),
    path("timeline/<record_type:kind>/<uuid:record_id>/add/", views.compose, name="compose"),
    path("activities/<uuid:activity_id>/edit/", views.edit_logged, name="activity_edit"),
    path("activities/<uuid:activity_id>/delete/", views.delete_logged, name="activity_delete"),
    path("tasks/", views.task_agenda, name="tasks"),
    path("tasks/new/", views.new_task, name="task_new"),
    path("tasks/<uuid:task_id>/edit/", views.edit_task, name="task_edit"),
    path("tasks/<uuid:task_id>/tick/", views.tick_task, name="task_tick"),
    path("tasks/<uuid:task_id>/snooze/", views.snooze, name="task_snooze"),
    path("people/mentions/", views.mention_options, name="mentions"),
    path("notifications/", bell.notifications, name="notifications"),
    path("notifications/read/", bell.read_all, name="notifications_read"),
    path("notifications/<uuid:notification_id>/open/", bell.open_notification, name="notification_open"),
]
