"""The whole workspace as an archive, for who asked for it."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import filesizeformat
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import today
from core.tenancy.scope import current_snapshot
from crm.transfer.models import ExportJob, ExportState
from crm.transfer.selectors import visible_exports
from crm.transfer.services.exporting import start_export
from crm.transfer.views.doors import only_archivists
from tenants.people.security.confirming import needs_confirmation
from web.answers import go

_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@needs_confirmation()
def export_page(request: HttpRequest) -> HttpResponse:
    """The last archives; POST starts another."""
    only_archivists(request.user)
    if request.method == "POST":
        start_export(by=request.user)
        return go(request, "/settings/export/")
    jobs = list(visible_exports(to=request.user)[:_SHOWN])
    running = next((job for job in jobs if _is_running(job)), None)
    context = {
        "title": _("Export"),
        "running": _progress(running) if running else None,
        "archives": [(job, filesizeformat(job.size_bytes)) for job in jobs if not _is_running(job)],
    }
    return render(request, "crm/transfer/export.html", context)


@require_safe
@login_required
def progress(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The job as it asks for itself; once it is over, the page with the archive."""
    job = _own(request, job_id)
    if not _is_running(job):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = "/settings/export/"
        return response
    return render(request, "crm/transfer/_job.html", {"job": _progress(job)})


@require_safe
@login_required
def download(request: HttpRequest, job_id: UUID) -> FileResponse:
    """The archive; 404 for everybody else."""
    job = _own(request, job_id)
    if not job.stored or not default_storage.exists(job.stored):
        raise Http404
    name = f"{slugify(current_snapshot().name) or 'workspace'}-{today().isoformat()}.zip"
    return FileResponse(default_storage.open(job.stored), as_attachment=True, filename=name)


def _own(request: HttpRequest, job_id: UUID) -> ExportJob:
    only_archivists(request.user)
    return get_object_or_404(visible_exports(to=request.user), pk=job_id)


def _is_running(job: ExportJob) -> bool:
    return job.state in (ExportState.WAITING, ExportState.RUNNING)


def _progress(job: ExportJob) -> dict[str, Any]:
    return {
        "url": f"/settings/export/{job.id}/progress/",
        "title": _("Archive of the workspace"),
        "icon": "package",
        "done": job.done,
        "total": job.total,
        "percent": f"{100 * job.done // job.total}%" if job.total else "",
        "figures": [],
        "state": "running",
        "sentence": _("Records, activities and files are being packed."),
    }
