"""Products (产品)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.records.models import ShapedRecord


class Product(ShapedRecord):
    """Something one sells. list_price: in the workspace's currency, before tax."""

    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=240, editable=False)
    number = models.CharField(_("number"), max_length=40, blank=True, default="", db_default="")
    code = models.CharField(_("code"), max_length=60, blank=True)
    series = models.CharField(_("series"), max_length=80, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    list_price = models.DecimalField(_("list price"), max_digits=18, decimal_places=2, null=True, blank=True)
    active = models.BooleanField(_("on sale"), default=True)
    description = models.TextField(_("description"), blank=True)

    class Meta(ShapedRecord.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=~models.Q(number="") & models.Q(deleted_at__isnull=True),
                name="product_number_unique",
            )
        ]
        indexes = [
            models.Index(fields=["name_key", "id"], name="product_by_name"),
            models.Index(fields=["list_price", "id"], name="product_by_price"),
            models.Index(fields=["updated_at", "id"], name="product_by_change"),
        ]

    def __str__(self) -> str:
        return self.name
