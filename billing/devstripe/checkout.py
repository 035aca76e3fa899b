"""Checkout, the portal and setup intents. Source: docs.stripe.com/api/checkout/sessions, /api/setup_intents."""

import secrets
import time
from typing import Any

from billing.devstripe import subscriptions
from billing.devstripe.calendar import DAY, HOUR, now_for
from billing.devstripe.cards import attach, forget_confirmation, make_card
from billing.devstripe.currencies import known_currency
from billing.devstripe.endpoints import is_web_address
from billing.devstripe.errors import declined, invalid
from billing.devstripe.events import emit
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.previews import create_preview
from billing.devstripe.store import find, get, listed, new_id, put, shape

MOST_LINES = 20
LEAST_TRIAL = 2 * DAY
# docs.stripe.com/api/checkout/sessions/create, locale. The page itself speaks English and Chinese.
_LANGUAGES = """
auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl
sv th tr vi zh zh-HK zh-TW
"""
LOCALES = tuple(_LANGUAGES.split())
SESSION = {
    # Stripe's third mode, payment, is not stood in for.
    "mode": ("setup", "subscription"),
    "customer": str,
    "currency": str,
    "client_reference_id": str,
    "success_url": str,
    "cancel_url": str,
    "locale": LOCALES,
    "line_items": [{"price": str, "quantity": int}],
    "discounts": [{"coupon": str}],
    "expires_at": int,
    "payment_method_collection": ("always", "if_required"),
    "subscription_data": {
        "metadata": Metadata,
        "default_tax_rates": [str],
        "trial_end": int,
        "billing_mode": {"type": ("classic", "flexible")},
        "description": str,
        "proration_behavior": ("create_prorations", "none"),
        "trial_settings": subscriptions.CREATE["trial_settings"],
    },
    "metadata": Metadata,
    "billing_address_collection": ("auto", "required"),
}
PORTAL = {"customer": str, "return_url": str, "locale": LOCALES}


def create_session(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    need(given, "mode", "success_url", "customer")
    get(account, "customer", given["customer"], param="customer")
    at = int(time.time())
    _check_session(account, given, at)
    made = shape(
        "checkout.session",
        cancel_url=given.get("cancel_url"),
        client_reference_id=given.get("client_reference_id"),
        created=at,
        currency=(given.get("currency") or "").lower() or None,
        customer=given["customer"],
        expires_at=given.get("expires_at", at + 24 * HOUR),
        locale=given.get("locale"),
        metadata=given.get("metadata", {}),
        mode=given["mode"],
        payment_method_collection=given.get("payment_method_collection", "always"),
        payment_method_types=["card"],
        payment_status="no_payment_required" if given["mode"] == "setup" else "unpaid",
        status="open",
        success_url=given["success_url"],
        ui_mode="hosted_page",
        _given=given,
    )
    made["url"] = f"{account.settings.get('base', '')}/c/pay/{made['id']}"
    preview = preview_of(account, made)
    if preview is not None:
        made["currency"] = preview["currency"]
        _note_amounts(made, preview)
    if given["mode"] == "setup":
        made["setup_intent"] = _setup_intent(account, given["customer"], at)
    return put(account, made)


def _setup_intent(account: Account, customer_id: str, at: int) -> str:
    """Its id."""
    intent_id = new_id("setup_intent")
    intent = shape(
        "setup_intent",
        id=intent_id,
        client_secret=f"{intent_id}_secret_{secrets.token_hex(12)}",
        created=at,
        customer=customer_id,
        metadata={},
        payment_method_types=["card"],
        status="requires_payment_method",
        usage="off_session",
    )
    emit(account, "setup_intent.created", put(account, intent))
    return intent_id


def complete(
    account: Account, session_id: str, number: str, *, authenticated: bool = False
) -> dict[str, Any]:
    """What the page does once a card was entered. Raises Refusal; the session then stays open."""
    session = get(account, "checkout.session", session_id)
    if session["status"] != "open":
        raise invalid("This Checkout Session is no longer open.")
    card = attach(account, make_card(account, number, authenticated=authenticated)["id"], session["customer"])
    if card["_outcome"] == "authentication_required":
        raise declined("authentication_required")
    if session["mode"] == "setup":
        _set_up(account, session, card)
    else:
        _subscribe(account, session, card)
    forget_confirmation(account, card["id"])
    session["status"], session["url"] = "complete", None
    put(account, session)
    emit(account, "checkout.session.completed", session)
    return session


def expire(account: Account, session_id: str) -> dict[str, Any]:
    session = get(account, "checkout.session", session_id)
    if session["status"] != "open":
        raise invalid('Only Checkout Sessions with a status in ["open"] can be expired.')
    session["status"], session["url"] = "expired", None
    put(account, session)
    emit(account, "checkout.session.expired", session)
    return session


def create_portal(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    need(given, "customer")
    get(account, "customer", given["customer"], param="customer")
    made = shape(
        "billing_portal.session",
        configuration="bpc_default",
        created=int(time.time()),
        customer=given["customer"],
        locale=given.get("locale"),
        return_url=given.get("return_url"),
    )
    made["url"] = f"{account.settings.get('base', '')}/p/{made['id']}"
    return put(account, made)


def preview_of(
    account: Account, session: dict[str, Any], *, after_trial: bool = False
) -> dict[str, Any] | None:
    """What is charged when the subscription begins; after_trial: when its trial ends."""
    given = session["_given"]
    if session["mode"] != "subscription":
        return None
    data = given.get("subscription_data") or {}
    details = {"items": given["line_items"], "default_tax_rates": data.get("default_tax_rates", [])}
    if data.get("trial_end") and not after_trial:
        details["trial_end"] = str(data["trial_end"])
    asked = {"customer": session["customer"], "subscription_details": details}
    if given.get("discounts"):
        asked["discounts"] = given["discounts"]
    return create_preview(account, asked)


def line_items(account: Account, session_id: str) -> dict[str, Any]:
    """What the page lists. Source: docs.stripe.com/api/checkout/sessions/line_items."""
    session = get(account, "checkout.session", session_id)
    preview = preview_of(account, session)
    url = f"/v1/checkout/sessions/{session_id}/line_items"
    return listed(url, [_line_item(account, line) for line in preview["lines"]["data"]] if preview else [])


def _line_item(account: Account, line: dict[str, Any]) -> dict[str, Any]:
    off = sum(each["amount"] for each in line["discount_amounts"])
    added = sum(each["amount"] for each in line["taxes"] if each["tax_behavior"] == "exclusive")
    return {
        "id": line["id"].replace("il_", "li_", 1),
        "object": "item",
        "amount_discount": off,
        "amount_subtotal": line["amount"],
        "amount_tax": sum(each["amount"] for each in line["taxes"]),
        "amount_total": line["amount"] - off + added,
        "currency": line["currency"],
        "description": line["description"],
        "metadata": {},
        "price": get(account, "price", line["pricing"]["price_details"]["price"]),
        "quantity": line["quantity"],
    }


def _note_amounts(session: dict[str, Any], invoice: dict[str, Any]) -> None:
    session["amount_subtotal"], session["amount_total"] = invoice["subtotal"], invoice["total"]
    session["total_details"] = {
        "amount_discount": sum(each["amount"] for each in invoice["total_discount_amounts"]),
        "amount_shipping": 0,
        "amount_tax": sum(each["amount"] for each in invoice["total_taxes"]),
    }


def _set_up(account: Account, session: dict[str, Any], card: dict[str, Any]) -> None:
    intent = get(account, "setup_intent", session["setup_intent"])
    intent.update(status="succeeded", payment_method=card["id"])
    put(account, intent)
    emit(account, "setup_intent.succeeded", intent)


def _subscribe(account: Account, session: dict[str, Any], card: dict[str, Any]) -> None:
    """The card is charged before anything begins: a refusal leaves the page open, and nothing is made."""
    given = session["_given"]
    data = given.get("subscription_data") or {}
    wanted: dict[str, Any] = {
        "customer": session["customer"],
        "items": given["line_items"],
        "metadata": data.get("metadata", {}),
        "default_tax_rates": data.get("default_tax_rates", []),
        "discounts": given.get("discounts") or [],
        "payment_behavior": "error_if_incomplete",
    }
    if data.get("trial_settings"):
        wanted["trial_settings"] = data["trial_settings"]
    if data.get("description"):
        wanted["description"] = data["description"]
    if data.get("trial_end"):
        wanted["trial_end"] = str(data["trial_end"])
    if data.get("billing_mode"):
        wanted["billing_mode"] = data["billing_mode"]
    if card["_outcome"] and not data.get("trial_end"):
        raise declined(card["_outcome"])
    subscription = subscriptions.create(account, wanted, card=card)
    invoice = find(account, "invoice", subscription["latest_invoice"]) or {}
    session["subscription"], session["invoice"] = subscription["id"], subscription["latest_invoice"]
    session["payment_status"] = "paid" if invoice.get("amount_paid") else "no_payment_required"


def _check_session(account: Account, given: dict[str, Any], at: int) -> None:
    expires = given.get("expires_at")
    if expires is not None and not at + HOUR // 2 - 60 <= expires <= at + 24 * HOUR + 60:
        raise invalid("`expires_at` must be between 30 minutes and 24 hours from now.", param="expires_at")
    for name in ("success_url", "cancel_url"):
        if given.get(name) and not is_web_address(given[name].replace("{CHECKOUT_SESSION_ID}", "x")):
            raise invalid("Not a valid URL.", param=name, code="url_invalid")
    if given["mode"] == "setup":
        # "Required in setup mode when allowed_payment_method_types is not set", which is not stood in for.
        need(given, "currency")
        known_currency(given["currency"])
        for name in ("line_items", "discounts", "subscription_data"):
            if given.get(name):
                raise invalid(f"You can not pass `{name}` in `setup` mode.", param=name)
        return
    need(given, "line_items")
    if len(given["line_items"]) > MOST_LINES:
        raise invalid(f"At most {MOST_LINES} recurring line items.", param="line_items")
    if len(given.get("discounts") or []) > 1:
        raise invalid("At most one discount.", param="discounts")
    for each in given["line_items"]:
        need(each, "price")
        price = get(account, "price", each["price"], param="line_items[0][price]")
        if not price["active"]:
            raise invalid("The price specified is inactive.", param="line_items[0][price]")
    trial_end = (given.get("subscription_data") or {}).get("trial_end")
    if trial_end is not None and trial_end < now_for(account, given["customer"]) + LEAST_TRIAL:
        message = "The `trial_end` date has to be at least 2 days in the future."
        raise invalid(message, param="subscription_data[trial_end]")
