"""Addresses of the desk."""

from django.urls import path

from crm.desk.views import desk as views

urlpatterns = [
    path("", views.desk, name="desk"),
    path("desk/follow-up/<uuid:record_id>/", views.follow_up_quiet, name="desk_follow_up"),
    path("desk/steps/away/", views.put_steps_away, name="desk_steps_away"),
]
