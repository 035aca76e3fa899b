"""Where Stripe delivers. Public host."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError

from billing.gateway.refusals import BadSignature
from billing.webhooks.services.receiving import take_in
from core.tenancy.tasks import send_named

log = logging.getLogger(__name__)
_MOST_BYTES = 1024 * 1024


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """200 once the event is stored: what follows from it is done by the worker, or by the sweep without a queue."""
    if int(request.headers.get("Content-Length") or 0) > _MOST_BYTES:
        return JsonResponse({"code": "too_large"}, status=413)
    try:
        event = take_in(request.body, request.headers.get("Stripe-Signature", ""))
    except BadSignature as error:
        return JsonResponse({"code": error.code}, status=error.status)
    try:
        send_named("billing.follow_events", event.customer_id)
    except OperationalError:
        log.warning("the queue does not answer: event %s waits for the sweep", event.pk)
    return JsonResponse({"stored": event.pk})
