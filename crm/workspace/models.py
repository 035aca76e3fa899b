"""What a workspace sets for itself and that is more than a switch: rates, holidays, counters."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from core.tenancy.models import TenantModel


class CurrencyRate(TenantModel):
    """From `since` (a calendar day) on, one unit of `currency` is worth `rate` units of `base` (ISO 4217).

    rate: as it was typed, a plain decimal number above 0; text, since 7.10 and 7.1 are one number but not one
    statement of how exact it is. base: the workspace's base currency when the rate was typed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    base = models.CharField(max_length=3)
    since = models.DateField(_("from"))
    rate = models.CharField(_("rate"), max_length=30)

    class Meta:
        ordering = ["currency", "-since"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "base", "since"], name="one_rate_a_day"),
        ]


class SpecialDay(TenantModel):
    """Days that are not worked as their weekday is: days off, and weekends that are worked instead.

    first, last: calendar days, both included. yearly: between these two of every year. weekday: 0 is Monday; they
    are worked as that weekday is; None: they are off. team_id: for one team alone; None for all.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    yearly = models.BooleanField(_("every year"), default=False)
    weekday = models.SmallIntegerField(null=True)
    team_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["first", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first__lte=models.F("last")), name="special_day_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class NumberCounter(models.Model):
    """The next number of a series. series: key of a record type. period: '', a year or a month.

    Not recorded by history: an undo must not give a number out twice.
    """

    series = models.CharField(max_length=40)
    period = models.CharField(max_length=7, blank=True)
    upcoming = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "period"], name="one_counter_a_period")]
