"""Pages for what went wrong before or outside a view."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or came from elsewhere."""
    return render(request, "web/csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """JSON for the API, a page for everybody else."""
    if request.path.startswith("/api/"):
        problem = {"code": "not_found", "message": _("There is nothing at this address."), "fields": {}}
        return JsonResponse(problem, status=404)
    return render(request, "web/not_found.html", status=404)


def closed(request: HttpRequest, **arguments: str) -> HttpResponse:
    """An address that a package brings and that the product does not use."""
    raise Http404
