"""Sample data on offer, and out again in one click."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import NotAllowed
from crm.samples.services import add_samples, remove_samples
from web.answers import go


@require_POST
@login_required
def add(request: HttpRequest) -> HttpResponse:
    """A year of a small firm."""
    _only_administrators(request)
    count = add_samples(by=request.user)
    return go(
        request, "/", _("%(count)d sample records are here. Remove them at any time.") % {"count": count}
    )


@require_POST
@login_required
def remove(request: HttpRequest) -> HttpResponse:
    """Everything that came with the samples and was not changed since."""
    _only_administrators(request)
    report = remove_samples(by=request.user)
    if report.kept_total:
        text = _("Sample data removed; %(count)d records that were changed since stay.") % {
            "count": report.kept_total
        }
    else:
        text = _("Sample data removed.")
    return go(request, "/", text, batch=report.batch)


def _only_administrators(request: HttpRequest) -> None:
    if not request.user.may_administer:
        raise NotAllowed(_("Ask an administrator of this workspace."))
