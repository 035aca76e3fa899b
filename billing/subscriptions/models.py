"""Who pays for what. Public schema; nothing of a tenant's customers.

What Stripe knows is copied here after being fetched from it under a lock (services.syncing), never guessed.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.plans.models import AddOn, Coupon, Interval, PlanVersion
from billing.subscriptions.rules.standing import Reason, Standing, State
from core.choices import TextChoices
from core.ids import uuid7
from tenants.registry.models import Tenant

STATE_WORDS = {
    State.TRIAL: _("Trial"),
    # Of people the same English word is another in Chinese.
    State.ACTIVE: pgettext_lazy("subscription", "Active"),
    State.PAST_DUE: _("Past due"),
    State.LIMITED: _("Limited"),
    State.READ_ONLY: _("Read only"),
    State.SUSPENDED: _("Suspended"),
    State.CLOSED: _("Closed"),
}
REASON_WORDS = {
    Reason.NONE: "",
    Reason.TRIAL_ENDED: _("The trial has ended"),
    Reason.UNPAID: _("A payment failed"),
    Reason.CANCELLED: _("The subscription was cancelled"),
    Reason.PAUSED: _("The subscription is paused"),
}


class Subscription(models.Model):
    """One a tenant, from its first day. Times are UTC, amounts minor units of `currency`.

    state, reason, since, deadline_at: see rules.standing. plan_version, interval, seats, currency: what is paid for;
    in a trial, what is tried. pending_*: what is settled to follow at pending_at. trial_until: while Stripe's own
    first charge lies ahead. next_charge_*: what Stripe's preview said when last asked. mode: which Stripe the ids
    belong to (local, test, live). clock_at: the time of the customer's test clock; None in real time. turn_*: who
    changes it at this moment, see services.turns.
    """

    tenant = models.OneToOneField(Tenant, models.CASCADE, primary_key=True, related_name="subscription")
    state = models.CharField(
        max_length=12, choices=list(STATE_WORDS.items()), default=State.TRIAL, db_index=True
    )
    reason = models.CharField(max_length=12, choices=list(REASON_WORDS.items()), blank=True)
    since = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True, blank=True, db_index=True)

    plan_version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    interval = models.CharField(max_length=5, choices=Interval, default=Interval.MONTH)
    currency = models.CharField(max_length=3, default="USD")
    seats = models.PositiveIntegerField(default=1)
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    trial_until = models.DateTimeField(null=True, blank=True)
    cancel_at = models.DateTimeField(null=True, blank=True)
    coupon = models.ForeignKey(Coupon, models.PROTECT, null=True, blank=True, related_name="+")
    next_charge_at = models.DateTimeField(null=True, blank=True)
    next_charge_minor = models.BigIntegerField(null=True, blank=True)

    pending_version = models.ForeignKey(PlanVersion, models.PROTECT, null=True, blank=True, related_name="+")
    pending_interval = models.CharField(max_length=5, choices=Interval, blank=True)
    pending_seats = models.PositiveIntegerField(null=True, blank=True)
    pending_add_ons = models.JSONField(default=dict, blank=True)
    pending_at = models.DateTimeField(null=True, blank=True)

    billing_name = models.CharField(max_length=120, blank=True)
    billing_mail = models.EmailField(blank=True)
    address_line1 = models.CharField(max_length=200, blank=True)
    address_line2 = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, blank=True)
    tax_id_type = models.CharField(max_length=20, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)

    mode = models.CharField(max_length=5, blank=True)
    customer_id = models.CharField(max_length=80, blank=True, db_index=True)
    subscription_id = models.CharField(max_length=80, blank=True)
    schedule_id = models.CharField(max_length=80, blank=True)
    stripe_status = models.CharField(max_length=20, blank=True)
    card_brand = models.CharField(max_length=20, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    card_expires = models.CharField(max_length=7, blank=True)
    clock_id = models.CharField(max_length=80, blank=True, db_index=True)
    clock_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    turn_key = models.CharField(max_length=16, blank=True)
    turn_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.state}"

    @property
    def standing(self) -> Standing:
        return Standing(State(self.state), Reason(self.reason), self.since, self.deadline_at)

    @standing.setter
    def standing(self, value: Standing) -> None:
        self.state, self.reason = value.state, value.reason
        self.since, self.deadline_at = value.since, value.deadline

    @property
    def is_paying(self) -> bool:
        """Stripe has a subscription that is not over."""
        return bool(self.subscription_id) and self.stripe_status not in ("canceled", "incomplete_expired", "")

    @property
    def is_paused(self) -> bool:
        """Stripe waits for a card before it charges anything (docs.stripe.com/billing/subscriptions/trials)."""
        return self.stripe_status == "paused"


class BookedAddOn(models.Model):
    """quantity of an add-on beside the plan."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="add_ons")
    add_on = models.ForeignKey(AddOn, models.PROTECT, related_name="+")
    price_version = models.PositiveSmallIntegerField(default=1)
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "add_on"], name="one_row_an_add_on")]


class Invoice(models.Model):
    """A copy of Stripe's invoice. Minor units of `currency`; lines: [{text, amount_minor, quantity, start, end}].

    failed_at: when the last attempt to charge it failed (UTC); None once paid. needs_action: the bank wants the
    customer to confirm it. payment_intent_id: of what paid it.
    """

    class State(TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open")
        PAID = "paid", _("Paid")
        UNCOLLECTIBLE = "uncollectible", _("Written off")
        VOID = "void", _("Void")

    id = models.CharField(primary_key=True, max_length=80)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="invoices")
    mode = models.CharField(max_length=5)
    number = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=13, choices=State)
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0)
    due_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    issued_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    needs_action = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    lines = models.JSONField(default=list)
    page_url = models.URLField(max_length=600, blank=True)
    pdf_url = models.URLField(max_length=600, blank=True)
    receipt_url = models.URLField(max_length=600, blank=True)
    payment_intent_id = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-issued_at", "-number", "-id"]
        indexes = [models.Index(fields=["tenant", "-issued_at"], name="invoice_of_tenant")]


class CreditNote(models.Model):
    """A copy of Stripe's: what an invoice was too high by. amount_minor: with tax, of `currency`."""

    class State(TextChoices):
        ISSUED = "issued", _("Issued")
        VOID = "void", _("Void")

    id = models.CharField(primary_key=True, max_length=80)
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="credit_notes")
    number = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=6, choices=State)
    reason = models.CharField(max_length=30, blank=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    issued_at = models.DateTimeField()
    pdf_url = models.URLField(max_length=600, blank=True)

    class Meta:
        ordering = ["issued_at", "id"]


class Dispute(models.Model):
    """A copy of Stripe's: a payment that the cardholder's bank takes back. Minor units of `currency`.

    status, reason: Stripe's words, see services.claims. answer_by: until when evidence is taken (UTC). is_open: it
    waits for us or for the bank.
    """

    id = models.CharField(primary_key=True, max_length=80)
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="disputes")
    status = models.CharField(max_length=30)
    reason = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    opened_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True, blank=True)
    is_answered = models.BooleanField(default=False)
    is_open = models.BooleanField()

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [models.Index(fields=["answer_by"], condition=models.Q(is_open=True), name="open_disputes")]


class SubscriptionEvent(models.Model):
    """The story of a subscription, one line each. Never changed.

    kind: see services.story.KINDS. actor: 'stripe', 'time', or who it was, as text. facts: what its sentence needs.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="billing_events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    actor = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["tenant", "-at"], name="billing_story")]


class SentNotice(models.Model):
    """A mail that went out once. key: see rules.notices; for receipts, the invoice."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="one_mail_a_notice")]


class RevenueSpan(models.Model):
    """What a tenant paid for a month, from one moment to another (UTC; until None: still).

    tenant_id: no reference, since what was earned stays true when a workspace is removed.
    monthly_minor: the recurring amount without tax, after discounts that last, a year's divided by twelve.
    is_owed: it ended because a payment did not come, and goes on where that is made up for.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField(db_index=True)
    currency = models.CharField(max_length=3)
    monthly_minor = models.BigIntegerField()
    plan_key = models.CharField(max_length=30)
    start = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    is_owed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id"], condition=models.Q(until__isnull=True), name="one_revenue_at_a_time"
            )
        ]
