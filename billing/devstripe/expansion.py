"""Ids turned into what they name. Source: docs.stripe.com/api/expanding_objects."""

from copy import deepcopy
from typing import Any

from billing.devstripe.errors import invalid
from billing.devstripe.intents import payments_of, secret_of
from billing.devstripe.models import Account
from billing.devstripe.store import all_of, find, listed

_KINDS = {
    "customer": "customer",
    "latest_invoice": "invoice",
    "invoice": "invoice",
    "subscription": "subscription",
    "schedule": "subscription_schedule",
    "default_payment_method": "payment_method",
    "payment_method": "payment_method",
    "setup_intent": "setup_intent",
    "payment_intent": "payment_intent",
    "latest_charge": "charge",
    "charge": "charge",
    "dispute": "dispute",
    "credit_note": "credit_note",
    "price": "price",
    "product": "product",
    "discounts": "discount",
    "test_clock": "test_helpers.test_clock",
    "coupon": "coupon",
}
MOST_DEPTH = 4


def expand(account: Account, result: Any, paths: list[str]) -> Any:
    """paths: `a.b`, `data.a.b`. Raises Refusal for one that leads nowhere."""
    result = deepcopy(result) if paths else result
    for path in paths:
        parts = path.split(".")
        if sum(part != "data" for part in parts) > MOST_DEPTH:
            raise invalid("You cannot expand more than 4 levels of a property.", param="expand")
        _into(account, result, parts)
    return result


def _into(account: Account, node: Any, parts: list[str]) -> None:
    if not parts or node is None:
        return
    if isinstance(node, list):
        for each in node:
            _into(account, each, parts)
        return
    if not isinstance(node, dict):
        return
    name, rest = parts[0], parts[1:]
    _include(account, node, name)
    if name not in node:
        raise invalid(f"This property cannot be expanded ({name}).", param="expand")
    value = node[name]
    kind = _KINDS.get(name)
    if kind and isinstance(value, str):
        node[name] = deepcopy(find(account, kind, value)) or value
    elif kind and isinstance(value, list):
        node[name] = [
            deepcopy(find(account, kind, each)) or each if isinstance(each, str) else each for each in value
        ]
    _into(account, node[name], rest)


def _include(account: Account, node: dict[str, Any], name: str) -> None:
    """What an object has only when it is asked for."""
    kind = node.get("object")
    if kind == "invoice" and name == "payments":
        node["payments"] = listed("/v1/invoice_payments", deepcopy(payments_of(account, node["id"])))
    elif kind == "invoice" and name == "confirmation_secret":
        node["confirmation_secret"] = secret_of(account, node["id"])
    elif kind == "customer" and name == "tax_ids":
        found = all_of(account, "tax_id", customer=node["id"])
        node["tax_ids"] = listed(f"/v1/customers/{node['id']}/tax_ids", deepcopy(found))
    elif kind == "customer" and name == "subscriptions":
        found = all_of(account, "subscription", customer=node["id"])
        living = [each for each in found if each["status"] not in ("canceled", "incomplete_expired")]
        node["subscriptions"] = listed(f"/v1/customers/{node['id']}/subscriptions", deepcopy(living))
