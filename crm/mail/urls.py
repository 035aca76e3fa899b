"""Addresses of this room."""

from django.urls import path

import web.records.converters  # noqa: F401  (registers `record_type`)
from crm.mail import views

urlpatterns = [
    path("mail/<record_type:kind>/<uuid:record_id>/new/", views.new_mail, name="mail_new"),
    path("mail/<uuid:activity_id>/retry/", views.retry, name="mail_retry"),
]
