"""Refusals as JSON: {code, message, fields}."""

from typing import Any

from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.errors import DomainError, refusal_of


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER."""
    refused = error if isinstance(error, DomainError) else refusal_of(error)
    if refused is not None:
        return Response(_problem(refused.code, refused.message, refused.fields), status=refused.status)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError) and isinstance(error.detail, dict):
        fields = {name: " ".join(str(each) for each in messages) for name, messages in error.detail.items()}
        response.data = _problem("invalid", " ".join(fields.values()), fields)
    elif isinstance(error, APIException):
        response.data = _problem(str(error.get_codes()), error.detail, {})
    else:
        response.data = _problem("not_found", response.data.get("detail", ""), {})
    return response


def _problem(code: str, message: Any, fields: Any) -> dict[str, Any]:
    return {"code": code, "message": str(message), "fields": {k: str(v) for k, v in dict(fields).items()}}
