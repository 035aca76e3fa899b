"""What is sold: products, prices, coupons, tax rates."""

from typing import Any

from billing.devstripe import catalog
from billing.devstripe.api import page, route
from billing.devstripe.models import Account
from billing.devstripe.routes.common import PAGE, act, change, create, resource
from billing.devstripe.store import all_of, get

create("products", catalog.PRODUCT, catalog.create_product)
change("products/{object_id}", catalog.PRODUCT, catalog.update_product)
resource("products", "product", {"active": bool})

create("prices", catalog.PRICE, catalog.create_price)
change("prices/{object_id}", catalog.PRICE_UPDATE, catalog.update_price)

create("coupons", catalog.COUPON, catalog.create_coupon)
change("coupons/{object_id}", catalog.COUPON_UPDATE, catalog.update_coupon)
act("DELETE", "coupons/{object_id}", catalog.delete_coupon)
resource("coupons", "coupon")

create("tax_rates", catalog.TAX_RATE, catalog.create_tax_rate)
change("tax_rates/{object_id}", catalog.TAX_RATE, catalog.update_tax_rate)
resource("tax_rates", "tax_rate", {"active": bool, "inclusive": bool})


@route("GET", "prices", {**PAGE, "lookup_keys": [str], "active": bool, "product": str, "currency": str})
def list_prices(account: Account, given: dict[str, Any]) -> Any:
    where = {name: given[name] for name in ("active", "product", "currency") if name in given}
    found = all_of(account, "price", **where)
    if given.get("lookup_keys"):
        found = [price for price in found if price["lookup_key"] in given["lookup_keys"]]
    return page(given, "/v1/prices", found)


@route("GET", "prices/{object_id}")
def read_price(account: Account, given: dict[str, Any], object_id: str) -> Any:
    return get(account, "price", object_id)
