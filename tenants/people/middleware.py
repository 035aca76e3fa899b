"""The signed-in person's own language and time zone."""

import datetime as dt
from collections.abc import Callable
from contextlib import nullcontext

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from core.clock import now, zone_or_utc
from core.history.context import acting
from tenants.people.languages import language_of
from tenants.people.security.origin import coming_from


class PersonMiddleware:
    """The rest of the request is the person's doing, in their language and zone where they chose one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        language = language_of(user) or self._public_language(request)
        zone = getattr(user, "time_zone", "")
        actor = user.pk if user.is_authenticated else None
        with (
            acting(actor, via="request"),
            translation.override(language) if language else nullcontext(),
            timezone.override(zone_or_utc(zone)) if zone else nullcontext(),
        ):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
            return response

    @staticmethod
    def _public_language(request: HttpRequest) -> str:
        """On the public host the browser's wish counts; a workspace has a language of its own."""
        if getattr(request, "tenant", None) is not None:
            return ""
        return translation.get_language_from_request(request)


class SessionActivityMiddleware:
    """Notes when and from where a session was last used: every few minutes, not at every request. Whatever is written
    into the security log meanwhile comes from there.

    In place of allauth's own, which writes a row with each page.
    """

    every = dt.timedelta(minutes=5)

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated and self._is_due(request):
            UserSession.objects.create_from_request(request)
        with coming_from(request):
            return self.get_response(request)

    def _is_due(self, request: HttpRequest) -> bool:
        # Asked after request.user, who is read out of the session: only then is it loaded.
        last_seen_at = request.session.last_seen_at
        return last_seen_at is None or now() - last_seen_at > self.every
