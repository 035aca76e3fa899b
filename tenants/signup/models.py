"""Sign-ups that wait for a workspace, in the public schema."""

from django.db import models

from core.ids import uuid7


class PendingSignUp(models.Model):
    """Somebody filled the form while the pool was empty. Lives PENDING_SECONDS at most.

    token_hash: SHA-256 of the secret in the waiting page's address. password_hash: as the person's row will
    hold it; the password itself is never stored. agreed: see site_pages.agreed_texts. taken_at: when a request
    began to open it (UTC).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    mail = models.EmailField()
    name = models.CharField(max_length=120)
    workspace = models.CharField(max_length=120)
    address = models.CharField(max_length=63, unique=True)
    password_hash = models.CharField(max_length=255)
    language = models.CharField(max_length=10)
    time_zone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    country = models.CharField(max_length=2, blank=True)
    trade = models.CharField(max_length=20, blank=True, default="general", db_default="general")
    agreed = models.JSONField(default=dict, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    taken_at = models.DateTimeField(null=True, blank=True)
