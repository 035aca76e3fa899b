"""/healthz answers on any host, before any tenant is looked for."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from core.tenancy.scope import public_scope


class HealthMiddleware:
    """200 when the database answers, 503 when not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != "/healthz":
            return self.get_response(request)
        try:
            with public_scope(), connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            connection.close()
            return JsonResponse({"status": "database does not answer"}, status=503)
        return JsonResponse({"status": "ok"})
