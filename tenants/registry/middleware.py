"""The host decides the tenant; the whole request runs inside its scope."""

import contextvars
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, StreamingHttpResponse
from django.http.request import split_domain_port
from django.shortcuts import render
from django.utils import timezone, translation

from core.clock import zone_or_utc
from core.tenancy.addresses import address_of
from core.tenancy.scope import public_scope, tenant_scope
from core.tenancy.snapshot import Snapshot
from tenants.registry.away import away_page
from tenants.registry.hosts import snapshot_of_host
from tenants.registry.models import TenantState


class TenantMiddleware:
    """Unknown host: 404. Suspended or closed: one page. An alias redirects to the primary domain."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            host, _port = split_domain_port(request.get_host())
        except DisallowedHost:
            return self._unknown(request)
        if host == settings.GUANXI["BASE_HOST"]:
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            with public_scope():
                return _keep_scope_for_stream(self.get_response(request))
        snapshot = snapshot_of_host(host)
        if snapshot is None:
            return self._unknown(request)
        if host != snapshot.domain:
            return HttpResponsePermanentRedirect(address_of(snapshot.domain, request.get_full_path()))
        if snapshot.state != TenantState.READY:
            return away_page(request, snapshot)
        return self._in_workspace(request, snapshot)

    def _in_workspace(self, request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
        request.tenant = snapshot
        with (
            tenant_scope(snapshot.schema, snapshot),
            timezone.override(zone_or_utc(snapshot.time_zone)),
            translation.override(snapshot.language),
        ):
            return _keep_scope_for_stream(self.get_response(request))

    def _unknown(self, request: HttpRequest) -> HttpResponse:
        request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
        with public_scope():
            return render(request, "web/unknown_host.html", status=404)


def _keep_scope_for_stream(response: HttpResponse) -> HttpResponse:
    """A streamed body is produced after the middleware has returned: run each step in its context."""
    if isinstance(response, StreamingHttpResponse) and not response.is_async:
        context = contextvars.copy_context()
        response.streaming_content = _steps_in(context, iter(response.streaming_content))
    return response


def _steps_in(context: contextvars.Context, body: Iterator[Any]) -> Iterator[Any]:
    done = object()
    while (chunk := context.run(next, body, done)) is not done:
        yield chunk
