"""Opportunities (商机) in pipelines (销售流程) of stages (阶段)."""

from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.choices import TextChoices
from core.clock import now
from core.ids import uuid7
from core.tenancy.models import TenantModel
from crm.accounts.models import Account, Contact
from crm.customize.models import PicklistItem
from crm.products.models import Product
from tenants.people.ownership import OwnedRecord


class Pipeline(TenantModel):
    """A way of selling: its stages in order."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    position = models.IntegerField(default=0)
    archived = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="pipeline_name_unique")]

    def __str__(self) -> str:
        return self.name


class Outcome(TextChoices):
    """What a stage means: still open, won or lost."""

    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class Stage(TenantModel):
    """A step of a pipeline. probability_percent: chance that what stands here is won."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="stages")
    name = models.CharField(_("name"), max_length=80)
    position = models.IntegerField(default=0)
    probability_percent = models.SmallIntegerField(_("probability"), default=0)
    outcome = models.CharField(max_length=4, choices=Outcome, default=Outcome.OPEN)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["pipeline", "name"], name="stage_name_unique")]

    def __str__(self) -> str:
        return self.name


class Opportunity(OwnedRecord):
    """A possible sale. amount: in the workspace's base currency, also where the customer pays in another one.

    currency: ISO 4217 of that other one, '' for none. currency_amount: the amount in it; `amount` follows from it by
    the rate of the day that it is closed, else expected, else opened.

    outcome: copied from the stage, so that open, won and lost need no join. opened_on, closed_on,
    expected_on: calendar days. reference: the number it has elsewhere, unique where given.
    stage_since: when it came to its stage (UTC).
    """

    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=240, editable=False)
    number = models.CharField(_("number"), max_length=40, blank=True, default="", db_default="")
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    product = models.ForeignKey(
        Product, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="+", verbose_name=_("pipeline"))
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", verbose_name=_("stage"))
    outcome = models.CharField(_("outcome"), max_length=4, choices=Outcome, default=Outcome.OPEN)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="", db_default="")
    currency_amount = models.DecimalField(
        _("amount in its currency"), max_digits=19, decimal_places=3, null=True, blank=True
    )
    probability_percent = models.SmallIntegerField(_("probability"), null=True, blank=True)
    opened_on = models.DateField(_("opened"), null=True, blank=True)
    expected_on = models.DateField(_("expected close"), null=True, blank=True)
    closed_on = models.DateField(_("closed"), null=True, blank=True)
    won_reason = models.CharField(_("won because"), max_length=200, blank=True)
    lost_reason = models.ForeignKey(
        PicklistItem, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lost because")
    )
    source = models.ForeignKey(
        PicklistItem, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    board_position = models.FloatField(default=0, editable=False)
    stage_since = models.DateTimeField(_("in stage since"), default=now, editable=False)
    description = models.TextField(_("description"), blank=True)
    last_activity_at = models.DateTimeField(_("last activity"), null=True, blank=True)

    stored_stage_id: UUID | None = None
    """The stage that this instance was loaded with; None for a new one."""
    stored_amounts: tuple[Decimal | None, Decimal | None] = (None, None)
    """amount and currency_amount that this instance was loaded with."""

    class Meta(OwnedRecord.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=~models.Q(number="") & models.Q(deleted_at__isnull=True),
                name="opportunity_number_unique",
            )
        ]
        indexes = [
            models.Index(fields=["name_key", "id"], name="opportunity_by_name"),
            models.Index(fields=["owner", "name_key", "id"], name="opportunity_by_owner"),
            models.Index(fields=["account"], name="opportunity_by_account"),
            models.Index(fields=["stage", "board_position", "id"], name="opportunity_on_board"),
            models.Index(fields=["outcome", "closed_on"], name="opportunity_by_close"),
            models.Index(fields=["amount", "id"], name="opportunity_by_amount"),
            models.Index(fields=["expected_on", "id"], name="opportunity_by_expected"),
            models.Index(fields=["updated_at", "id"], name="opportunity_by_change"),
            models.Index(
                fields=["reference"], condition=~models.Q(reference=""), name="opportunity_by_reference"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any) -> Self:
        opportunity = super().from_db(db, field_names, values)
        loaded = opportunity.__dict__
        opportunity.stored_stage_id = loaded.get("stage_id")
        opportunity.stored_amounts = (loaded.get("amount"), loaded.get("currency_amount"))
        return opportunity
