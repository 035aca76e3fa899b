"""Pages for what went wrong before or outside a view."""

import sys
from contextlib import nullcontext

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from web.answers import problem, told
from web.outage import Failure, describe_failure

_RETRY_SECONDS = "10"


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or came from elsewhere."""
    return render(request, "web/csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """JSON for the API, a page for everybody else."""
    if request.path.startswith("/api/"):
        return problem("not_found", _("There is nothing at this address."), status=404)
    return render(request, "web/not_found.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Whatever nobody expected: a part that does not answer, a full disk, a fault of ours.

    Rendered without the request, since who is signed in could only be asked of what has just failed.
    """
    # Inside a workspace its language is active already; before one was found, the browser's wish counts.
    known = getattr(request, "tenant", None) is not None
    wish = translation.get_language_from_request(request)
    with nullcontext() if known else translation.override(wish):
        failure = describe_failure(sys.exc_info()[1])
        response = _told_in_kind(request, failure)
    if failure.status == 503:
        response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _told_in_kind(request: HttpRequest, failure: Failure) -> HttpResponse:
    """JSON for the API, a toast for htmx, a page for everybody else."""
    if request.path.startswith("/api/"):
        return problem(failure.code, f"{failure.heading}. {failure.sentence}", status=failure.status)
    if "HX-Request" in request.headers:
        return told(f"{failure.heading}. {failure.sentence}", tone="red", status=failure.status)
    told_so = {"heading": failure.heading, "sentence": failure.sentence}
    context = {"status": failure.status, "no_side": True} | told_so
    return HttpResponse(render_to_string("web/error.html", context), status=failure.status)


def closed(request: HttpRequest, **arguments: str) -> HttpResponse:
    """An address that a package brings and that the product does not use."""
    raise Http404
