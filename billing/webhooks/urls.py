"""Addresses on the public host."""

from django.urls import path

from billing.webhooks import views

urlpatterns = [path("stripe/webhook/", views.stripe_webhook, name="stripe_webhook")]
