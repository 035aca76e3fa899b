"""Pages of this room."""

from django.urls import path

from crm.trades import views

urlpatterns = [
    path("settings/templates/", views.templates_settings, name="templates_settings"),
    path("settings/templates/<slug:key>/", views.template_page, name="template_page"),
    path("settings/templates/<slug:key>/apply/", views.template_apply, name="template_apply"),
]
