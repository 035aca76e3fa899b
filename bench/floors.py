"""The floors: the least that any Django application would do for the same answer. Reviewed as one module.

They run without middleware, on the same tables with the same indexes, through the same handler.
"""

from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Engine
from django.test.utils import override_settings
from django.urls import path

from core.tenancy.scope import tenant_scope

SCHEMA = {"name": ""}  # set by the bench before it starts

_COLUMNS = (
    "c.id, c.name, c.account_id, a.name, c.job_title, c.role, c.mail, c.phone, c.owner_id, u.name,"
    " c.last_activity_at"
)
_FROM = (
    "FROM accounts_contact c LEFT JOIN accounts_account a ON a.id = c.account_id"
    " LEFT JOIN people_user u ON u.id = c.owner_id WHERE c.deleted_at IS NULL"
)
_PAGE = f"SELECT {_COLUMNS} {_FROM} ORDER BY c.name_key, c.id LIMIT 50"
_TEMPLATE = Engine().from_string(
    "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)
_RECORD = f"SELECT {_COLUMNS} {_FROM} AND c.id = %s"


def _rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with tenant_scope(SCHEMA["name"]), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def json_list(request: HttpRequest) -> JsonResponse:
    """Cursor and JsonResponse."""
    rows = _rows(_PAGE)
    return JsonResponse(
        {"results": [[str(cell) if cell is not None else None for cell in row] for row in rows]}
    )


def html_list(request: HttpRequest) -> HttpResponse:
    """A plain template loop of 50 × 10 cells."""
    from django.template import Context

    return HttpResponse(_TEMPLATE.render(Context({"rows": [row[1:] for row in _rows(_PAGE)]})))


def html_record(request: HttpRequest) -> HttpResponse:
    """One indexed query and a template loop."""
    from django.template import Context

    return HttpResponse(_TEMPLATE.render(Context({"rows": _rows(_RECORD, request.GET["id"])})))


urlpatterns = [
    path("json", json_list),
    path("html", html_list),
    path("record", html_record),
]


def handler() -> WSGIHandler:
    """A handler without any middleware; its URLs are those above."""
    with override_settings(MIDDLEWARE=[]):
        bare = WSGIHandler()

    class Bare:
        def __call__(self, environ: Any, start_response: Any) -> Any:
            with override_settings(ROOT_URLCONF="bench.floors", ALLOWED_HOSTS=["*"]):
                return bare(environ, start_response)

    if settings.ROOT_URLCONF == "bench.floors":
        raise RuntimeError("the floors' URLs must not become the product's")
    return Bare()  # type: ignore[return-value]
