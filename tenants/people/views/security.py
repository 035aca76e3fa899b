"""Settings → Security: the policy, and the log."""

import csv
import datetime as dt
import io
import tempfile
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import today
from core.errors import DomainError
from core.ids import read_uuid
from core.records.copying import guarded
from tenants.people.forms import with_problems
from tenants.people.models import EventKind, SecurityEvent
from tenants.people.rights import require_administrator
from tenants.people.security.confirming import kept_values, needs_confirmation
from tenants.people.security.events import note_event
from tenants.people.security.log import GROUPS, Wanted, page_of_log, wanted_events
from tenants.people.security.policy import (
    LONGEST_LOG_DAYS,
    SHORTEST_LOG_DAYS,
    Required,
    change_policy,
    people_without_factor,
    security_policy,
)
from tenants.people.selectors import visible_people
from web.answers import go

GROUP_WORDS = {
    "in": gettext_lazy("Signing in and out"),
    "failed": gettext_lazy("Failures"),
    "account": gettext_lazy("Own accounts"),
    "people": gettext_lazy("People and roles"),
    "workspace": gettext_lazy("The workspace"),
}
_NAMED = 5


class PolicyForm(forms.Form):
    factor = forms.ChoiceField(label=gettext_lazy("Second factor required of"), choices=Required.choices)
    factor_from = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy(
            "Until that day people are asked; from then on nothing else opens. Empty: at once."
        ),
    )
    log_days = forms.IntegerField(
        label=gettext_lazy("Keep the log for"),
        min_value=SHORTEST_LOG_DAYS,
        max_value=LONGEST_LOG_DAYS,
        help_text=gettext_lazy("In days."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@needs_confirmation()
def security_settings(request: HttpRequest) -> HttpResponse:
    """What is asked of sign-in, and who does not have it yet."""
    user: Any = request.user
    require_administrator(user)
    policy = security_policy()
    initial = {"factor": policy.factor, "factor_from": policy.factor_from, "log_days": policy.log_days}
    initial |= kept_values(request)
    form = PolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_policy(by=user, **form.cleaned_data)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, reverse("security_settings"), _("Saved"))
    context = {
        "title": _("Security"),
        "form": form,
        "lacking": [(choice.label, *_lacking(choice)) for choice in (Required.ADMINS, Required.EVERYONE)],
    }
    return render(request, "tenants/people/security.html", context, status=422 if form.errors else 200)


def _lacking(required: Required) -> tuple[str, str]:
    """(how many have no factor, some of their names)"""
    people = people_without_factor(required)
    count = people.count()
    text = ngettext("%(count)d person has none yet", "%(count)d people have none yet", count)
    names = list(people.values_list("name", flat=True)[:_NAMED])
    return text % {"count": count}, ", ".join(names) + (" …" if count > _NAMED else "")


@require_safe
@login_required
def security_log(request: HttpRequest) -> HttpResponse:
    """Who came in and who was kept out, the newest first."""
    require_administrator(request.user)  # type: ignore[arg-type]
    wanted = _wanted(request)
    page = page_of_log(wanted_events(wanted), before=request.GET.get("before", ""))
    kept = {
        name: value for name in ("group", "person", "since", "until") if (value := request.GET.get(name, ""))
    }
    context = {
        "title": _("Security log"),
        "page": page,
        "groups": [("", _("Everything")), *GROUP_WORDS.items()],
        "people": [("", _("Everybody")), *_people(request)],
        "wanted": wanted,
        "query": urlencode(kept),
        "is_later": bool(request.GET.get("before")),
    }
    return render(request, "tenants/people/security_log.html", context)


@require_safe
@login_required
def security_log_export(request: HttpRequest) -> FileResponse:
    """The log, as far as the filters let it through, as CSV."""
    user: Any = request.user
    require_administrator(user)
    found = wanted_events(_wanted(request))
    note_event(EventKind.EXPORTED, person=user, text=_("Security log"))
    body = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    text = io.TextIOWrapper(body, "utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([_("Time"), _("Event"), _("Details"), _("Person"), _("By"), _("Address"), _("Browser")])
    for event in found.iterator(chunk_size=1000):
        # Mail addresses and names are others' to choose: none may run as a formula in a spreadsheet.
        writer.writerow([guarded(cell) for cell in _cells(event)])
    text.flush()
    text.detach()
    body.seek(0)
    response = FileResponse(body, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="security-log-{today().isoformat()}.csv"'
    return response


def _cells(event: SecurityEvent) -> list[str]:
    at = localtime(event.at).isoformat(timespec="seconds")
    said = [str(EventKind(event.kind).label), event.text, event.person_name, event.by_name]
    return [at, *said, event.ip or "", event.agent]


def _wanted(request: HttpRequest) -> Wanted:
    group = request.GET.get("group", "")
    return Wanted(
        group=group if group in GROUPS else "",
        person=read_uuid(request.GET.get("person", "")),
        since=_day(request.GET.get("since", "")),
        until=_day(request.GET.get("until", "")),
    )


def _day(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _people(request: HttpRequest) -> list[tuple[str, str]]:
    people = visible_people(to=request.user).filter(is_placeholder=False)  # type: ignore[arg-type]
    return [(str(pk), name) for pk, name in people.order_by("name_key", "id").values_list("pk", "name")]
