"""Pages of this room."""

from django.urls import path

from crm.analytics import views

urlpatterns = [path("reports/", views.pictures, name="reports")]
