"""Signing in by another service (单点登录): whom a workspace trusts, and who is known there under which name."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from core.tenancy.models import TenantModel
from tenants.people.models.people import AccessRole, User


class SignInService(TenantModel):
    """The workspace's OpenID Connect provider; one row at most (`only`).

    issuer: its address, exactly as it says itself. sealed_secret: see core.sealing. domains: mail domains whose
    verified addresses are believed. creates_people: who is unknown here becomes a person, with `role`, and takes a
    seat. required: only owners may still sign in by password.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    only = models.BooleanField(default=True, unique=True, editable=False)
    enabled = models.BooleanField(_("in use"), default=False)
    issuer = models.CharField(_("issuer"), max_length=300)
    client_id = models.CharField(_("client ID"), max_length=300)
    sealed_secret = models.TextField(blank=True)
    button = models.CharField(_("button"), max_length=60, blank=True)
    domains = models.JSONField(default=list, blank=True)
    creates_people = models.BooleanField(default=False)
    role = models.ForeignKey(AccessRole, models.SET_NULL, null=True, blank=True, related_name="+")
    required = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="one_sign_in_service")]


class OutsideIdentity(TenantModel):
    """Whom the service means by `subject`; a mail address may change there, this never does."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="outside_identities")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    mail = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="one_person_a_subject")]
