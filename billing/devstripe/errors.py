"""Refusals in Stripe's shape. Source: docs.stripe.com/api/errors, docs.stripe.com/error-codes."""

from typing import Any


class Refusal(Exception):
    """status: of HTTP. kind: error.type. keeps: what the request did so far stays, else nothing of it does."""

    keeps = False

    def __init__(
        self, status: int, kind: str, message: str, *, code: str = "", param: str = "", **more: Any
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.code, self.param, self.more = status, kind, code, param, more

    def keeping(self) -> "Refusal":
        """The same, of a request whose attempt stays known: a charge that the bank refused."""
        self.keeps = True
        return self

    def as_json(self) -> dict[str, Any]:
        error: dict[str, Any] = {"type": self.kind, "message": str(self)}
        if self.code:
            error |= {
                "code": self.code,
                "doc_url": f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}",
            }
        if self.param:
            error["param"] = self.param
        return {"error": error | self.more}


def invalid(message: str, *, param: str = "", code: str = "") -> Refusal:
    return Refusal(400, "invalid_request_error", message, param=param, code=code)


def missing(kind: str, object_id: str, *, param: str = "id") -> Refusal:
    word = kind.replace("test_helpers.", "").replace("_", " ").replace(".", " ")
    return Refusal(
        404, "invalid_request_error", f"No such {word}: '{object_id}'", code="resource_missing", param=param
    )


def unauthorised(message: str) -> Refusal:
    return Refusal(401, "invalid_request_error", message)


def declined(decline_code: str) -> Refusal:
    """402 card_declined. Source: docs.stripe.com/declines/codes."""
    messages = {
        "insufficient_funds": "Your card has insufficient funds.",
        "expired_card": "Your card has expired.",
        "authentication_required": "Your card was declined. This transaction requires authentication.",
    }
    # Some reasons are codes of their own (docs.stripe.com/error-codes).
    code = decline_code if decline_code in ("authentication_required", "expired_card") else "card_declined"
    return Refusal(
        402,
        "card_error",
        messages.get(decline_code, "Your card was declined."),
        code=code,
        decline_code=decline_code,
    )
