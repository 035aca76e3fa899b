"""The tenant registry, in the public schema. Nothing here is about a tenant's own customers."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from core.choices import TextChoices
from core.ids import uuid7

# So long after it was closed a workspace is removed for good.
KEPT_DAYS = 30


class TenantState(TextChoices):
    """pool → claiming → ready → suspended → closed.

    Only `ready` is served. The host of a suspended or closed one answers with one page (registry.away).
    """

    BUILDING = "building", _("Being built")
    POOL = "pool", _("In the pool")
    CLAIMING = "claiming", _("Being opened")
    READY = "ready", _("Ready")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")


class Tenant(TenantMixin):
    """One workspace: its schema, state and version, and what its host snapshot carries.

    schema_version: see provisioning.template. claimed_at: when a sign-up took it (UTC). suspended_for: why, in the
    operator's words; shown to the workspace.
    """

    auto_create_schema = False
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=12, choices=TenantState, default=TenantState.BUILDING, db_index=True)
    schema_version = models.CharField(max_length=64, blank=True)
    shard = models.CharField(max_length=16, default="main")
    name = models.CharField(max_length=120, blank=True)
    plan = models.CharField(max_length=40, default="trial")
    language = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="USD")
    country = models.CharField(max_length=2, blank=True)
    entitlements = models.JSONField(default=dict, blank=True)
    features = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    trial_ends_at = models.DateTimeField(null=True, blank=True)
    failed_upgrade = models.TextField(blank=True)
    suspended_for = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["schema_version", "created_at"],
                condition=models.Q(state="pool"),
                name="tenant_pool",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.schema_name} ({self.state})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Plain save: the mixin's own would create or drop schemas."""
        models.Model.save(self, *args, **kwargs)


class Domain(DomainMixin):
    """A host name of a tenant, without port. Exactly one is primary; links are built from it."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="domains")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(is_primary=True), name="one_primary_domain"
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        models.Model.save(self, *args, **kwargs)


class MailDirectoryEntry(models.Model):
    """Which tenants know a mail address, for "find my workspace": a keyed hash, never the address."""

    mail_hash = models.CharField(max_length=64)
    tenant = models.ForeignKey(Tenant, models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mail_hash", "tenant"], name="one_entry_a_tenant")]


class TemplateScript(models.Model):
    """The SQL that makes one workspace at one version; `@@` stands for the schema's name."""

    version = models.CharField(max_length=64, primary_key=True)
    sql = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)


class SchemaStep(models.Model):
    """One migration's SQL, rendered before the template took it, to be replayed in every tenant.

    data_step: dotted path of a per-tenant, idempotent function run after the SQL; '' when none.
    """

    id = models.BigAutoField(primary_key=True)
    app = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    sql = models.TextField()
    data_step = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["app", "name"], name="one_step_a_migration")]


class UpgradeEntry(models.Model):
    """Ledger of upgrades: one row a tenant and target version."""

    class State(TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    tenant = models.ForeignKey(Tenant, models.CASCADE)
    version = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "version"], name="one_entry_a_version")]


class TenantEvent(models.Model):
    """One thing that happened to a tenant as a whole, or that an operator did. Never changed.

    at: UTC. kind: a word that the reader has a sentence for; facts: what the sentence needs. actor: who, as text;
    '' for the product itself. operator_id: of an operator's own account. tenant: None once it was removed, or
    for what concerns the installation; tenant_name keeps the name.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.SET_NULL, null=True, blank=True, related_name="events")
    tenant_name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=40)
    actor = models.CharField(max_length=120, blank=True)
    operator_id = models.UUIDField(null=True, blank=True)
    facts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant", "-id"], name="tenant_story")]


class SitePage(models.Model):
    """One version of a text of the operator's. slug: terms, privacy. body: see web.prose.

    Rows are never changed: the highest version counts, and people agreed to the others. updated_at: when it
    was published (UTC).
    """

    slug = models.SlugField(max_length=40)
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=120)
    body = models.TextField()
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "language", "version"], name="one_page_a_version")
        ]
