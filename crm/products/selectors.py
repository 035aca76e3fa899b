"""Reading products."""

from typing import Any

from django.db.models import QuerySet

from core.records.rights import within
from core.records.types import record_type
from crm.products.models import Product


def visible_products(*, to: Any) -> QuerySet[Product]:
    """The products that a person may see: all."""
    return within(Product.objects.all(), record_type("product"), to=to)
