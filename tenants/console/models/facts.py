"""What is known of each tenant without visiting its schema."""

from django.db import models

from tenants.registry.models import Tenant


class TenantFacts(models.Model):
    """Gathered inside the tenant by a task, a few times a day. Counts; bytes; times UTC.

    owner_name, owner_mail: whom to ask there. last_active_at: when a person's session was last used. fullest_percent:
    of the limit that is nearest to its end, 100 when it is reached; fullest: which one. failed_jobs: imports and
    exports that failed in the last week. error: why the last gathering failed; '' when it did not.
    """

    tenant = models.OneToOneField(Tenant, models.CASCADE, primary_key=True, related_name="facts")
    owner_name = models.CharField(max_length=120, blank=True)
    owner_mail = models.CharField(max_length=254, blank=True)
    people = models.PositiveIntegerField(default=0)
    records = models.PositiveBigIntegerField(default=0)
    storage_bytes = models.PositiveBigIntegerField(default=0)
    last_active_at = models.DateTimeField(null=True, blank=True, db_index=True)
    failed_jobs = models.PositiveIntegerField(default=0)
    waiting_tasks = models.PositiveIntegerField(default=0)
    fullest = models.CharField(max_length=30, blank=True)
    fullest_percent = models.PositiveIntegerField(default=0, db_index=True)
    error = models.CharField(max_length=300, blank=True)
    gathered_at = models.DateTimeField(auto_now=True)
