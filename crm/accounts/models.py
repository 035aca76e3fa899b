"""Accounts (客户) and contacts (联系人)."""

from django.db import models
from django.db.models import F
from django.db.models.functions import ExtractDay, ExtractMonth
from django.utils.translation import gettext_lazy as _

from core.choices import TextChoices
from crm.customize.models import PicklistItem
from tenants.people.ownership import OwnedRecord


class LifecycleStage(TextChoices):
    """Where a company stands with us."""

    PROSPECT = "prospect", _("Prospect")
    CUSTOMER = "customer", _("Customer")
    PARTNER = "partner", _("Partner")
    FORMER = "former", _("Former customer")


def _picklist(verbose_name: object) -> models.ForeignKey:
    return models.ForeignKey(
        PicklistItem, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=verbose_name
    )


class Account(OwnedRecord):
    """A company or household one deals with. name_key: folded and romanised, for sorting.

    annual_revenue: in the workspace's currency. founded_year: four digits.
    """

    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=240, editable=False)
    number = models.CharField(_("number"), max_length=40, blank=True, default="", db_default="")
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="subsidiaries",
        verbose_name=_("parent account"),
    )
    stage = models.CharField(
        _("lifecycle stage"), max_length=12, choices=LifecycleStage, default=LifecycleStage.PROSPECT
    )
    tier = _picklist(_("tier"))
    trade = _picklist(_("trade"))
    region = _picklist(_("region"))
    source = _picklist(_("source"))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    mail = models.CharField(_("mail"), max_length=254, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    street = models.CharField(_("street"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    employees = models.IntegerField(_("employees"), null=True, blank=True)
    annual_revenue = models.DecimalField(
        _("annual revenue"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    founded_year = models.SmallIntegerField(_("founded"), null=True, blank=True)
    tax_id = models.CharField(_("tax id"), max_length=40, blank=True)
    description = models.TextField(_("description"), blank=True)
    last_activity_at = models.DateTimeField(_("last activity"), null=True, blank=True)

    class Meta(OwnedRecord.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=~models.Q(number="") & models.Q(deleted_at__isnull=True),
                name="account_number_unique",
            )
        ]
        indexes = [
            models.Index(fields=["name_key", "id"], name="account_by_name"),
            models.Index(fields=["owner", "name_key", "id"], name="account_by_owner"),
            models.Index(fields=["last_activity_at", "id"], name="account_by_activity"),
            models.Index(fields=["updated_at", "id"], name="account_by_change"),
        ]

    def __str__(self) -> str:
        return self.name


class Influence(TextChoices):
    """A person's part in a decision to buy."""

    DECIDES = "decides", _("Decides")
    INFLUENCES = "influences", _("Influences")
    BUYS = "buys", _("Buys")
    USES = "uses", _("Uses")
    OPPOSES = "opposes", _("Opposes")


class Channel(TextChoices):
    """How somebody wants to be reached."""

    PHONE = "phone", _("Phone")
    MAIL = "mail", _("Mail")
    MESSENGER = "messenger", _("Messenger")
    VISIT = "visit", _("Visit")


class Contact(OwnedRecord):
    """A person at an account. birthday_order: month × 100 + day, for "in the next seven days"."""

    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=240, editable=False)
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="contacts", verbose_name=_("account")
    )
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Influence, blank=True)
    mail = models.CharField(_("mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    mobile = models.CharField(_("mobile"), max_length=40, blank=True)
    messenger = models.CharField(_("messenger"), max_length=80, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    birthday_order = models.GeneratedField(
        expression=ExtractMonth(F("birthday")) * 100 + ExtractDay(F("birthday")),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    preferred_channel = models.CharField(_("preferred channel"), max_length=12, choices=Channel, blank=True)
    do_not_contact = models.BooleanField(_("do not contact"), default=False)
    city = models.CharField(_("city"), max_length=120, blank=True)
    description = models.TextField(_("description"), blank=True)
    last_activity_at = models.DateTimeField(_("last activity"), null=True, blank=True)

    class Meta(OwnedRecord.Meta):
        indexes = [
            models.Index(fields=["name_key", "id"], name="contact_by_name"),
            models.Index(fields=["owner", "name_key", "id"], name="contact_by_owner"),
            models.Index(fields=["mail"], name="contact_by_mail"),
            models.Index(fields=["birthday_order"], name="contact_by_birthday"),
            models.Index(fields=["last_activity_at", "id"], name="contact_by_activity"),
            models.Index(fields=["updated_at", "id"], name="contact_by_change"),
        ]

    def __str__(self) -> str:
        return self.name
