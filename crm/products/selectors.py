"""Reading products."""

from typing import Any

from django.db.models import QuerySet

from crm.products.models import Product


def visible_products(*, to: Any) -> QuerySet[Product]:
    """The products that a person may see: all."""
    return Product.objects.all()
