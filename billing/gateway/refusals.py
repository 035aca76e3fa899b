"""What can go wrong at Stripe, in the user's words. Source: docs.stripe.com/error-codes and /declines/codes."""

import contextlib
import logging
from collections.abc import Iterator

import stripe
from django.utils.translation import gettext as _

from core.errors import DomainError, Unavailable

log = logging.getLogger(__name__)


class StripeAway(Unavailable):
    """No answer, too many requests, or a fault over there. Nothing is known to have changed."""

    code = "payments_unavailable"


class CardRefused(DomainError):
    """The bank said no. decline_code: Stripe's, '' when it gave none."""

    code = "card_refused"
    status = 402

    def __init__(self, decline_code: str = "") -> None:
        super().__init__(_sentence(decline_code))
        self.decline_code = decline_code

    @property
    def needs_authentication(self) -> bool:
        return self.decline_code == "authentication_required"


class Refused(DomainError):
    """Stripe understood and will not: a tax number that is none, a coupon that has run out."""

    code = "payment_refused"


class NotThere(Refused):
    """Stripe does not know the object."""

    code = "payment_object_missing"
    status = 404


class BadSignature(DomainError):
    """A webhook that Stripe did not send, or that is too old."""

    code = "bad_signature"
    status = 400


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turn the SDK's errors into ours. A wrong request of ours is logged and raised as it is: that is a bug."""
    try:
        yield
    except stripe.CardError as error:
        told = error.error
        raise CardRefused((told.decline_code or told.code or "") if told else "") from error
    except stripe.InvalidRequestError as error:
        told_code = (error.error.code if error.error else "") or ""
        if told_code == "resource_missing":
            raise NotThere(_("This is not known to the payment service any more.")) from error
        if told_code in _USERS_FAULT:
            raise Refused(_users_fault(told_code)) from error
        log.exception("Stripe does not understand what we asked")
        raise
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.exception("Stripe does not accept the key of this installation")
        raise StripeAway(_("Payments are not set up here at the moment. Nothing was charged.")) from error
    except stripe.IdempotencyError:
        log.exception("one idempotency key for two different requests")
        raise
    except stripe.StripeError as error:
        log.warning("Stripe does not answer as it should: %s", type(error).__name__)
        raise StripeAway(
            _("The payment service does not answer at the moment. Please try again in a few minutes.")
        ) from error


_USERS_FAULT = {
    "tax_id_invalid",
    "coupon_expired",
    "email_invalid",
    "customer_tax_location_invalid",
    "postal_code_invalid",
    "charge_disputed",
}


def _users_fault(code: str) -> str:
    return {
        "tax_id_invalid": _("This is not a tax number of the kind chosen."),
        "coupon_expired": _("This code can no longer be used."),
        "charge_disputed": _(
            "This payment is disputed: until that is settled nothing of it can be given back."
        ),
        "email_invalid": _("Give a mail address such as you@example.com."),
    }.get(code, _("The payment service does not accept this address."))


def _sentence(decline_code: str) -> str:
    """Only what helps the owner of the card; a stolen card is told no more than others."""
    return {
        "insufficient_funds": _("The card has not enough funds. Try another card."),
        "expired_card": _("The card has expired. Give another one."),
        "incorrect_cvc": _("The card's security code is wrong."),
        "authentication_required": _(
            "The bank wants you to confirm this payment. Enter the card once more to do so."
        ),
    }.get(decline_code, _("The bank refused the card. Try another one, or ask the bank why."))
