"""What every page of billing begins with, and how one leaves for Stripe's pages."""

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from billing.gateway.client import mode
from billing.subscriptions.services.tokens import OfferChanged
from core.errors import DomainError
from core.tenancy.addresses import address_of
from core.tenancy.scope import current_snapshot
from tenants.people.rights import require_administrator
from web.answers import go, told


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


def told_of_refusal(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What a service refuses is said where the person is; for amounts that changed, the page with the new ones."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        try:
            return view(request, *args, **named)
        except OfferChanged as error:
            return go(request, _same_wish(request), str(error))
        except DomainError as error:
            if getattr(request, "htmx", False):
                return told(str(error), tone="red", status=error.status)
            raise

    return wrapped


def _same_wish(request: HttpRequest) -> str:
    """The same wish once more; its fields travel with the form."""
    wish = {
        name: request.POST[name]
        for name in ("plan", "interval", "seats", "coupon", "code")
        if request.POST.get(name)
    }
    wish |= {name: value for name, value in request.POST.items() if name.startswith("addon-")}
    return f"{reverse('billing')}?{urlencode(wish)}" if wish else reverse("billing")
