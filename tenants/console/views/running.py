"""Jobs and queues, the mail log, the operators' access log."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants.console.forms import MailForm
from tenants.console.gate import needs_confirmation_on
from tenants.console.looking import LOOKED
from tenants.console.mailing import KEPT_DAYS
from tenants.console.models import SentMail, TenantFacts
from tenants.console.paging import page_of
from tenants.console.running import (
    look_at_fleet,
    look_at_queues,
    retry_upgrades,
    waiting_everywhere,
)
from tenants.console.story import line_of
from tenants.registry.events import record_event
from tenants.registry.mail_hash import mail_hash
from tenants.registry.models import TenantEvent
from web.answers import go

_SHOWN = 100


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """What waits, who works, what failed."""
    running, waiting = look_at_queues(), waiting_everywhere()
    troubled = TenantFacts.objects.select_related("tenant").exclude(failed_jobs=0, waiting_tasks=0, error="")
    context = {
        "title": _("Jobs and queues"),
        "running": running,
        "queues": [(name, "–" if count is None else number_format(count)) for name, count in running.queues],
        "waiting": waiting,
        "fleet": look_at_fleet(),
        "troubled": troubled.order_by("-failed_jobs", "-waiting_tasks", "tenant__name")[:_SHOWN],
    }
    return render(request, "tenants/console/jobs.html", context)


@require_POST
@needs_confirmation_on("jobs")
def fleet_retry(request: HttpRequest) -> HttpResponse:
    """The upgrade goes on where it stopped."""
    retry_upgrades(by=request.user)
    return go(request, reverse("jobs"), _("The provisioner goes on with it"))


@require_http_methods(["GET", "HEAD", "POST"])
def mails(request: HttpRequest) -> HttpResponse:
    """Every mail of the last 30 days, masked. A POST asks for one whole address: it must not stand in any log."""
    form = MailForm(request.POST or None)
    asked = ""
    found = SentMail.objects.select_related("tenant")
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data["mail"]
        record_event("mail_asked", actor=request.user.name, operator_id=request.user.pk)  # type: ignore[union-attr]
        found = found.filter(recipient_hash=mail_hash(asked))
    failed = request.GET.get("state") == "failed"
    page = page_of(
        found.filter(sent=False) if failed else found,
        by="at",
        descending=True,
        cursor="" if asked else request.GET.get("after", ""),
    )
    here = reverse("mails")
    query = "state=failed&" if failed else ""
    context = {
        "title": _("Mail log"),
        "form": form,
        "rows": page.rows,
        "asked": asked,
        "kept_days": KEPT_DAYS,
        "tabs": [
            (_("All"), here, "", not failed),
            (_("Failed"), f"{here}?state=failed", SentMail.objects.filter(sent=False).count(), failed),
        ],
        "newer": f"{here}?{query}after={page.newer}" if page.newer else "",
        "older": f"{here}?{query}after={page.older}" if page.older and not asked else "",
    }
    return render(request, "tenants/console/mails.html", context, status=422 if form.errors else 200)


@require_safe
def access_log(request: HttpRequest) -> HttpResponse:
    """What operators did and looked at, and what happened to tenants; the newest first."""
    wanted = request.GET.get("kind", "")
    wanted = wanted if wanted in ("changes", "looks") else ""
    found = TenantEvent.objects.select_related("tenant")
    if wanted:
        found = found.filter(kind=LOOKED) if wanted == "looks" else found.exclude(kind=LOOKED)
    page = page_of(found, by="at", descending=True, cursor=request.GET.get("after", ""))
    here = reverse("access_log")
    query = f"kind={wanted}&" if wanted else ""
    context: dict[str, Any] = {
        "title": _("Access log"),
        "rows": [(event, line_of(event)) for event in page.rows],
        "tabs": [
            (_("All"), here, "", not wanted),
            (_("Changes"), f"{here}?kind=changes", "", wanted == "changes"),
            (_("Looks"), f"{here}?kind=looks", "", wanted == "looks"),
        ],
        "newer": f"{here}?{query}after={page.newer}" if page.newer else "",
        "older": f"{here}?{query}after={page.older}" if page.older else "",
    }
    return render(request, "tenants/console/access_log.html", context)
