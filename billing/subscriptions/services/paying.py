"""Cards and payments: to Stripe's pages and back, and paying what is open. Public scope."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from billing.gateway.checkout import open_card_checkout, open_subscription_checkout, read_checkout
from billing.gateway.claims import read_credit_note
from billing.gateway.client import mode
from billing.gateway.customers import (
    Payer,
    change_customer,
    create_customer,
    create_test_clock,
    set_tax_id,
    use_card_of_setup,
)
from billing.gateway.invoices import charge_of, pay_invoice, read_invoice
from billing.gateway.invoices import refund as refund_payment
from billing.gateway.plain import moment, stamp
from billing.gateway.refusals import NotThere
from billing.gateway.subscriptions import set_tax_rates
from billing.subscriptions.models import CreditNote, Invoice, Subscription
from billing.subscriptions.selectors import unpaid_invoices
from billing.subscriptions.services.booking import resume
from billing.subscriptions.services.coupons import usable_code
from billing.subscriptions.services.invoicing import note_refund
from billing.subscriptions.services.offers import check_booking, priced, tax_rate_ids, trial_left
from billing.subscriptions.services.standing import billing_time, held
from billing.subscriptions.services.story import tell
from billing.subscriptions.services.syncing import sync_subscription
from billing.subscriptions.services.tokens import read_start
from core.clock import now
from core.entitlements import Limit
from core.errors import Conflict, DomainError
from core.money import format_minor
from core.places import known_country

# What comes back through a browser goes into an address of Stripe's.
_SESSION_ID = re.compile(r"cs_[A-Za-z0-9_]{8,200}")


@dataclass(frozen=True, slots=True)
class Details:
    """Whom invoices are made out to. country: ISO 3166 alpha-2; tax_id_type: one of TAX_ID_TYPES, or ''."""

    name: str
    mail: str
    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    tax_id_type: str = ""
    tax_id: str = ""


# The kinds of tax numbers that are offered, by Stripe's names (docs.stripe.com/billing/customer/tax-ids).
TAX_ID_TYPES = {
    "eu_vat": "EU VAT",
    "gb_vat": "GB VAT",
    "us_ein": "US EIN",
    "cn_tin": "中国纳税人识别号",
    "hk_br": "HK BR",
    "sg_gst": "SG GST",
    "jp_trn": "JP 登録番号",
    "au_abn": "AU ABN",
    "ca_bn": "CA BN",
    "in_gst": "IN GST",
    "ch_vat": "CH VAT",
    "no_vat": "NO VAT",
}


def start_checkout(
    subscription: Subscription,
    token: str,
    *,
    success_url: str,
    cancel_url: str,
    language: str,
    mail: str,
    usage: Mapping[Limit, int],
) -> str:
    """The address of Stripe's page where the card is entered for what was offered. mail: where no other is given.

    success_url: with '{CHECKOUT_SESSION_ID}' in it. Raises Conflict where somebody has subscribed meanwhile.
    """
    wanted, code, nonce = read_start(subscription.pk, token)
    # Somebody may have joined since the offer.
    check_booking(wanted, usage)
    with transaction.atomic():
        subscription = held(subscription.pk)
        if subscription.is_paying:
            raise Conflict(_("Somebody has subscribed meanwhile. Reload the page to see it."))
        customer_id = ensure_customer(subscription, language=language, mail=mail)
        if code:
            code = usable_code(code, wanted.currency)
        page = open_subscription_checkout(
            customer_id,
            [(price_id, quantity) for _key, price_id, quantity in priced(subscription, wanted)],
            tenant_id=str(subscription.pk),
            coupon=code,
            tax_rate_ids=tax_rate_ids(subscription),
            trial_end=trial_left(subscription, billing_time(subscription)),
            success_url=success_url,
            cancel_url=cancel_url,
            language=language,
            offer_id=nonce,
        )
    return page.url


def start_card_change(
    subscription: Subscription, *, success_url: str, cancel_url: str, language: str, mail: str
) -> str:
    """The address of Stripe's page where another card is entered."""
    with transaction.atomic():
        subscription = held(subscription.pk)
        customer_id = ensure_customer(subscription, language=language, mail=mail)
        page = open_card_checkout(
            customer_id,
            tenant_id=str(subscription.pk),
            currency=subscription.currency,
            success_url=success_url,
            cancel_url=cancel_url,
            language=language,
            idempotency_key=f"guanxi-card-{secrets.token_hex(12)}",
        )
    return page.url


def finish_checkout(subscription: Subscription, session_id: str, *, by: str) -> bool:
    """Somebody came back from Stripe's page: follow what happened there. Whether it is through.

    A session of another customer is as unknown as none. What is past due is charged to a new card at once.
    Raises NotThere, StripeAway.
    """
    if not _SESSION_ID.fullmatch(session_id):
        raise NotThere(_("This is not known to the payment service any more."))
    session = read_checkout(session_id)
    if session.customer_id != subscription.customer_id or not subscription.customer_id:
        raise NotThere(_("This is not known to the payment service any more."))
    if session.status != "complete":
        return False
    if session.setup_intent_id:
        living = subscription.subscription_id if subscription.is_paying else ""
        card = use_card_of_setup(subscription.customer_id, session.setup_intent_id, living)
        if card is not None:
            Subscription.objects.filter(pk=subscription.pk).update(
                card_brand=card.brand, card_last4=card.last4, card_expires=card.expires
            )
            tell(
                subscription.pk,
                "card",
                actor=by,
                at=billing_time(subscription),
                card=f"•••• {card.last4}",
            )
        pay_open_invoices(subscription, by=by)
        if subscription.is_paused:
            # What it waited for has come.
            resume(subscription, by=by)
    sync_subscription(subscription.pk, actor=by)
    return True


def pay_open_invoices(subscription: Subscription, *, by: str) -> None:
    """Charge whatever could not be charged, the oldest first. Raises CardRefused at the first refusal."""
    try:
        for invoice in unpaid_invoices(subscription):
            pay_invoice(invoice.pk, idempotency_key=f"guanxi-pay-{invoice.pk}-{secrets.token_hex(6)}")
    finally:
        sync_subscription(subscription.pk, actor=by)


def change_details(subscription: Subscription, details: Details, *, language: str, by: str) -> None:
    """Write them here and, where there is a customer, at Stripe. Raises DomainError with messages by field."""
    _check_details(details)
    with transaction.atomic():
        subscription = held(subscription.pk)
        _copy_details(subscription, details)
        if subscription.customer_id and subscription.mode == mode():
            change_customer(subscription.customer_id, _payer(subscription, language))
            set_tax_id(subscription.customer_id, details.tax_id_type, details.tax_id)
            if subscription.is_paying:
                # Another country or number is taxed otherwise from the next charge on.
                set_tax_rates(subscription.subscription_id, tax_rate_ids(subscription))
        subscription.save()
        tell(subscription.pk, "details", actor=by, at=billing_time(subscription))


def refund(invoice: Invoice, *, amount_minor: int, by: str) -> None:
    """Give money back; for the operator. amount_minor: of the invoice's currency. Raises DomainError."""
    with transaction.atomic():
        subscription = held(invoice.tenant_id)
        invoice = Invoice.objects.get(pk=invoice.pk)
        charge = charge_of(invoice.pk)
        left = invoice.paid_minor - (charge.refunded_minor if charge else invoice.refunded_minor)
        if charge is None or not 0 < amount_minor <= left:
            message = _("At most %(money)s can be given back.") % {
                "money": format_minor(max(0, left) if charge else 0, invoice.currency)
            }
            raise DomainError(message, fields={"amount": message})
        key = f"guanxi-refund-{invoice.pk}-{charge.refunded_minor}-{amount_minor}"
        refund_payment(charge.payment_intent_id, amount_minor, invoice.currency, idempotency_key=key)
        note_refund(subscription, invoice, charge.refunded_minor + amount_minor, actor=by)


def fresh_invoice_page(invoice: Invoice, *, pdf: bool) -> str:
    """Stripe's address of the invoice's page or PDF, asked for anew: such addresses do not live for ever."""
    found = read_invoice(invoice.pk)
    return found.pdf_url if pdf else found.page_url


def fresh_credit_note_pdf(note: CreditNote) -> str:
    """Likewise of a credit note."""
    return read_credit_note(note.pk).pdf_url


def ensure_customer(subscription: Subscription, *, language: str, mail: str) -> str:
    """The held subscription's customer at Stripe, made when first needed: a trial costs no call."""
    if subscription.customer_id and subscription.mode == mode():
        return subscription.customer_id
    if not subscription.billing_mail:
        subscription.billing_mail = mail
    if settings.BILLING["TEST_CLOCKS"] and mode() != "live":
        at = now()
        subscription.clock_id = create_test_clock(subscription.tenant.name[:60], at)
        subscription.clock_at = moment(stamp(at))
    subscription.customer_id = create_customer(
        _payer(subscription, language), tenant_id=str(subscription.pk), clock_id=subscription.clock_id
    )
    subscription.mode = mode()
    subscription.subscription_id = subscription.schedule_id = subscription.stripe_status = ""
    if subscription.tax_id:
        set_tax_id(subscription.customer_id, subscription.tax_id_type, subscription.tax_id)
    subscription.save()
    return subscription.customer_id


def _payer(subscription: Subscription, language: str) -> Payer:
    return Payer(
        name=subscription.billing_name or subscription.tenant.name,
        mail=subscription.billing_mail,
        language=language,
        line1=subscription.address_line1,
        line2=subscription.address_line2,
        postal_code=subscription.postal_code,
        city=subscription.city,
        region=subscription.region,
        country=subscription.country,
    )


def _copy_details(subscription: Subscription, details: Details) -> None:
    subscription.billing_name, subscription.billing_mail = details.name.strip(), details.mail.strip()
    subscription.address_line1, subscription.address_line2 = details.line1.strip(), details.line2.strip()
    subscription.postal_code, subscription.city = details.postal_code.strip(), details.city.strip()
    subscription.region, subscription.country = details.region.strip(), details.country
    subscription.tax_id_type = details.tax_id_type if details.tax_id else ""
    subscription.tax_id = details.tax_id.strip()


def _check_details(details: Details) -> None:
    problems = {}
    if not details.name.strip():
        problems["name"] = _("This is needed.")
    if details.country and not known_country(details.country):
        problems["country"] = _("Choose one of the list.")
    if details.tax_id and details.tax_id_type not in TAX_ID_TYPES:
        problems["tax_id_type"] = _("Choose one of the list.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
