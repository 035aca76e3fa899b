"""Pages of this room."""

from django.urls import path

from crm.customize import views

urlpatterns = [
    path("settings/lists/", views.lists_settings, name="lists_settings"),
    path("settings/lists/<slug:key>/", views.list_edit, name="list_edit"),
    path("settings/lists/<slug:key>/merge/", views.list_merge, name="list_merge"),
]
