"""What every page of billing begins with, and how one leaves for Stripe's pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from billing.gateway.client import mode
from core.tenancy.addresses import address_of
from core.tenancy.scope import current_snapshot
from tenants.people.rights import require_administrator


def require_payer(request: HttpRequest) -> Any:
    """The signed-in person, who may pay. Raises NotAllowed."""
    user: Any = request.user
    require_administrator(user)
    return user


def own_address(path: str) -> str:
    """On this workspace's stored address: what Stripe sends people back to."""
    return address_of(current_snapshot().domain, path)


def leave_for(request: HttpRequest, url: str) -> HttpResponse:
    """To a page of Stripe's. A form may only lead within our own pages, so the browser is told where to go."""
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = url
        return response
    return render(request, "billing/subscriptions/leave.html", {"url": url, "no_side": True})


def is_local() -> bool:
    """No money moves: said on every page."""
    return mode() == "local"
