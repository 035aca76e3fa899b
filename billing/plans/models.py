"""What can be bought. Public schema.

A published version of a plan and its prices are never changed: who subscribed to it keeps it. Stripe's ids are not
stored here; `rules` gives each row the name under which the gateway finds it (a product's id, a price's lookup key).
"""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.choices import TextChoices
from core.ids import uuid7


class Interval(TextChoices):
    """How often is charged."""

    MONTH = "month", _("Monthly")
    YEAR = "year", _("Yearly")


class _Named(models.Model):
    """A name in both languages; str() is that of the active one."""

    name_en = models.CharField(_("name (English)"), max_length=60)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en


class Plan(_Named):
    """A plan under one key through all its versions. is_public: offered to everybody."""

    key = models.SlugField(primary_key=True, max_length=30)
    position = models.PositiveSmallIntegerField(default=0)
    is_public = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "key"]


class PlanVersion(models.Model):
    """What the plan brings from its publication on (UTC) until a newer one is published; None: a draft.

    included_seats: in the base price. max_seats: None for no bound. limits: {Limit: most in its unit}, SEATS is not
    among them. features: [Feature].
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField(null=True, blank=True)
    included_seats = models.PositiveIntegerField(default=1)
    max_seats = models.PositiveIntegerField(null=True, blank=True)
    limits = models.JSONField(default=dict)
    features = models.JSONField(default=list)

    class Meta:
        ordering = ["plan", "number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="one_number_a_plan")]

    def __str__(self) -> str:
        return f"{self.plan} {self.number}"


class PlanPrice(models.Model):
    """Of a version in one currency and interval. Minor units (ISO 4217).

    base_minor: with the included seats. seat_minor: each further seat.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    interval = models.CharField(max_length=5, choices=Interval)
    base_minor = models.PositiveBigIntegerField(default=0)
    seat_minor = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "currency", "interval"], name="one_price_a_currency")
        ]


class AddOn(_Named):
    """More of a limit, or a feature, beside a plan. amount: of the limit, for each one bought."""

    key = models.SlugField(primary_key=True, max_length=30)
    limit = models.CharField(max_length=30, blank=True)
    amount = models.PositiveBigIntegerField(default=0)
    feature = models.CharField(max_length=30, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_public = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "key"]


class AddOnPrice(models.Model):
    """unit_minor: each, in minor units. version: raised when a price changes; the highest is offered."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    add_on = models.ForeignKey(AddOn, models.PROTECT, related_name="prices")
    version = models.PositiveSmallIntegerField(default=1)
    currency = models.CharField(max_length=3)
    interval = models.CharField(max_length=5, choices=Interval)
    unit_minor = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["add_on", "version", "currency", "interval"], name="one_add_on_price_a_currency"
            )
        ]


class Coupon(models.Model):
    """A reduction by a code. Either percent_off or amount_off_minor with its currency.

    months: for `repeating`. redeem_by: UTC. Never changed once made; is_active takes it back.
    """

    class Duration(TextChoices):
        ONCE = "once", _("First invoice")
        REPEATING = "repeating", _("Some months")
        FOREVER = "forever", _("Every invoice")

    code = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=40)
    percent_off = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01), MaxValueValidator(100)],
    )
    amount_off_minor = models.PositiveBigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    duration = models.CharField(max_length=9, choices=Duration, default=Duration.ONCE)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    max_redemptions = models.PositiveIntegerField(null=True, blank=True)
    redeem_by = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent_off__isnull=False, amount_off_minor__isnull=True)
                | models.Q(percent_off__isnull=True, amount_off_minor__isnull=False),
                name="percent_or_amount",
            )
        ]


class TaxRate(models.Model):
    """What is added to (or contained in) a charge to customers of a country (ISO 3166 alpha-2).

    not_with_tax_id: businesses that give their tax number account for it themselves (reverse charge).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    country = models.CharField(max_length=2)
    name = models.CharField(max_length=40)
    percent = models.DecimalField(max_digits=6, decimal_places=4)
    inclusive = models.BooleanField(default=False)
    not_with_tax_id = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["country"], condition=models.Q(is_active=True), name="one_active_rate_a_country"
            )
        ]
