"""Addresses of this room."""

from django.urls import path

from crm.samples import views

urlpatterns = [
    path("samples/add/", views.add, name="samples_add"),
    path("samples/remove/", views.remove, name="samples_remove"),
]
