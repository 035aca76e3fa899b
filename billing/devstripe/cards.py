"""Cards: the documented test numbers and what they do. Source: docs.stripe.com/testing, /api/payment_methods."""

import re
from typing import Any

from billing.devstripe.calendar import now_for
from billing.devstripe.errors import declined, invalid
from billing.devstripe.events import emit
from billing.devstripe.models import Account
from billing.devstripe.store import find, get, put, shape

# docs.stripe.com/testing: number → (brand, how a charge is declined). `!`: entering it is declined already;
# `?`: until its owner confirms; `*`: unless its owner confirms, each time anew; `+`: a charge succeeds and is
# disputed for this reason.
CARDS = {
    "4242424242424242": ("visa", ""),
    "5555555555554444": ("mastercard", ""),
    "378282246310005": ("amex", ""),
    "4000000000000341": ("visa", "generic_decline"),
    "4000000000000002": ("visa", "!generic_decline"),
    "4000000000009995": ("visa", "!insufficient_funds"),
    "4000000000000069": ("visa", "!expired_card"),
    "4000002500003155": ("visa", "?authentication_required"),
    "4000002760003184": ("visa", "*authentication_required"),
    "4000000000000259": ("visa", "+fraudulent"),
}
_SIGNS = "!?*+"
TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_amex": "378282246310005",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
}


def make_card(account: Account, number: str, *, authenticated: bool = False) -> dict[str, Any]:
    """A payment method of a documented test number, not attached yet. Raises Refusal for others.

    authenticated: its owner has just confirmed to the bank that it is they; see `forget_confirmation`.
    """
    plain = _plain(number)
    if plain not in CARDS:
        raise invalid(
            "Use one of the test card numbers of docs.stripe.com/testing.",
            param="number",
            code="incorrect_number",
        )
    brand, told = CARDS[plain]
    sign, reason = (told[0], told[1:]) if told and told[0] in _SIGNS else ("", told)
    if sign == "!":
        raise declined(reason)
    made = shape(
        "payment_method",
        type="card",
        created=now_for(account, ""),
        metadata={},
        card=_card(plain, brand),
        _outcome="" if sign == "+" or (authenticated and sign in ("?", "*")) else reason,
        _always=reason if sign == "*" else "",
        _disputed=reason if sign == "+" else "",
    )
    return put(account, made)


def wants_confirmation(number: str) -> bool:
    """Whether the bank asks the owner of this card before it pays."""
    return CARDS.get(_plain(number), ("", ""))[1][:1] in ("?", "*")


def forget_confirmation(account: Account, method_id: str) -> None:
    """After a payment: a card that asks each time asks again."""
    method = get(account, "payment_method", method_id)
    if method.get("_always"):
        put(account, {**method, "_outcome": method["_always"]})


def _plain(number: str) -> str:
    return re.sub(r"[\s-]", "", number)


def _card(plain: str, brand: str) -> dict[str, Any]:
    return {
        "brand": brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "display_brand": brand,
        "exp_month": 8,
        "exp_year": 2029,
        "fingerprint": f"fp{plain[-6:]}",
        "funding": "credit",
        "generated_from": None,
        "last4": plain[-4:],
        "networks": {"available": [brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def attach(account: Account, method_id: str, customer_id: str) -> dict[str, Any]:
    """A test token becomes a card of its own each time."""
    if method_id in TOKENS:
        method_id = make_card(account, TOKENS[method_id])["id"]
    method = get(account, "payment_method", method_id, param="payment_method")
    if method["customer"] not in (None, customer_id):
        raise invalid("This payment method belongs to another customer.", param="payment_method")
    put(account, {**method, "customer": customer_id})
    emit(account, "payment_method.attached", {**method, "customer": customer_id})
    return {**method, "customer": customer_id}


def detach(account: Account, method_id: str) -> dict[str, Any]:
    method = get(account, "payment_method", method_id)
    after = put(account, {**method, "customer": None})
    customer = find(account, "customer", method["customer"] or "")
    if customer and customer["invoice_settings"]["default_payment_method"] == method_id:
        customer["invoice_settings"]["default_payment_method"] = None
        put(account, customer)
    emit(account, "payment_method.detached", after)
    return after


def card_for(
    account: Account, subscription: dict[str, Any] | None, customer_id: str
) -> dict[str, Any] | None:
    """What a charge is taken from: the subscription's own card, else the customer's; never one that was detached."""
    customer = find(account, "customer", customer_id) or {}
    settings = customer.get("invoice_settings") or {}
    method_id = (subscription or {}).get("default_payment_method") or settings.get("default_payment_method")
    found = find(account, "payment_method", method_id) if method_id else None
    return found if found and found["customer"] else None
