"""The desk (今日桌面): the first page of a workspace."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import formats
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.clock import now, today
from core.errors import NotAllowed
from core.money import format_money
from core.records.models import Visit
from core.records.rights import Verb, may, rights_of
from core.records.types import record_type
from core.tenancy.scope import current_snapshot
from crm.activities.models import Kind, Task
from crm.activities.rules import SHOWN_AHEAD_DAYS, agenda
from crm.activities.selectors.activities import open_tasks
from crm.activities.selectors.targets import Target, targets_of
from crm.activities.views.task_rows import task_rows
from crm.desk.selectors.agenda import birthdays_soon, events_of, quiet_opportunities
from crm.desk.selectors.figures import OpenFigures, WonFigures, month_start, open_figures, won_figures
from crm.desk.services.agenda import follow_up
from crm.desk.services.onboarding import checklist, dismiss_checklist
from crm.desk.views.wording import birthday_day, change_of, greeting, what_matters
from crm.opportunities.models import Opportunity
from web.answers import go, told
from web.charts import spark

_LIST_SHOWN = 60
_RECENT_SHOWN = 6
_EVENT_TONES = {Kind.MEETING: "", Kind.CALL: "teal", Kind.VISIT: "violet"}


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """Everything that today asks of this person."""
    user = request.user
    until = today() + dt.timedelta(days=SHOWN_AHEAD_DAYS)
    tasks = list(open_tasks(to=user, owner=user, until=until)[: _LIST_SHOWN + 1])
    events = events_of(user)
    visits = list(Visit.objects.filter(person=user).order_by("-at")[: _RECENT_SHOWN * 2])
    targets = targets_of(
        [
            *((task.target_type, task.target_id) for task in (*tasks, *events)),
            *((visit.record_type, visit.record_id) for visit in visits),
        ],
        to=user,
    )
    groups = agenda(tasks[:_LIST_SHOWN], today())
    rows = task_rows(tasks, to=user, targets=targets)
    figures, won = open_figures(to=user), won_figures(to=user)
    steps = checklist(user)
    rights = rights_of(user)
    sold = record_type("opportunity")
    shows_money = may(user, sold, Verb.SEE) and rights.shows(sold, "amount")
    shows_birthdays = rights.shows(record_type("contact"), "birthday")
    context = {
        "day": _long_day(),
        "greeting": greeting(user.get_short_name(), localtime().hour),
        "matters": what_matters(groups, events, now()),
        "kpis": _kpis(figures, won) if shows_money else [],
        "groups": [(group.due.value, [rows[task.pk] for task in group.tasks]) for group in groups],
        "count": len(tasks) if len(tasks) <= _LIST_SHOWN else f"{_LIST_SHOWN}+",
        "schedule": _schedule(events, targets),
        "month": _month(won) if shows_money else None,
        "quiet": [_quiet(each, shows_money) for each in quiet_opportunities(to=user)],
        "birthdays": [_birthday(each) for each in birthdays_soon(to=user)] if shows_birthdays else [],
        "recent": _recent(visits, targets),
        "steps": steps,
        "samples_url": _samples_url() if steps and _is_empty(figures, user) else "",
    }
    return render(request, "crm/desk/desk.html", context)


def _long_day() -> str:
    # Translators: a day of this year, in Django's date format: Tuesday 17 November
    return formats.date_format(today(), _("l j F"))


def _money(amount: Any) -> str:
    return format_money(amount, current_snapshot().currency, trim=True)


def _kpis(figures: OpenFigures, won: WonFigures) -> list[dict[str, Any]]:
    currency = current_snapshot().currency
    change, tone = change_of(figures.change, currency)
    ahead, ahead_tone = change_of(won.this_month - won.last_month, currency)
    closing = ngettext("%(count)d opportunity", "%(count)d opportunities", figures.closing_count)
    late = ngettext("%(count)d overdue", "%(count)d overdue", figures.closing_late)
    won_count = ngettext("%(count)d won", "%(count)d won", won.count_this_quarter)
    run = spark(won.weekly)
    return [
        {
            "label": _("Open pipeline"),
            "value": _money(figures.amount),
            "change": change,
            "tone": tone,
            "note": _("in the last seven days") if change else _("as a week ago"),
            "spark": spark(figures.weekly),
            "run": _("Over the last eight weeks"),
            "href": "/opportunities/?f=outcome.any.open&sort=-amount",
        },
        {
            "label": _("Closing this month"),
            "value": _money(figures.closing),
            "change": closing % {"count": figures.closing_count},
            "tone": "",
            "note": late % {"count": figures.closing_late} if figures.closing_late else "",
            "spark": None,
            "run": "",
            "href": "/opportunities/?f=outcome.any.open&f=expected_on.period.this_month&sort=expected_on",
        },
        {
            "label": _("Won this month"),
            "value": _money(won.this_month),
            "change": ahead,
            "tone": ahead_tone,
            "note": _("against last month") if ahead else _("as much as last month"),
            "spark": run,
            "run": _("Over the last eight weeks"),
            "href": "/opportunities/?f=outcome.any.won&f=closed_on.period.this_month",
        },
        {
            "label": _("Won this quarter"),
            "value": _money(won.this_quarter),
            "change": won_count % {"count": won.count_this_quarter},
            "tone": "",
            "note": _("%(amount)s last quarter") % {"amount": _money(won.last_quarter)},
            "spark": None,
            "run": "",
            "href": "/opportunities/?f=outcome.any.won&f=closed_on.period.this_quarter",
        },
    ]


def _schedule(events: list[Task], targets: dict[UUID, Target]) -> list[dict[str, Any]]:
    """The day's appointments, with the line of the present among them."""
    moment = now()
    lines: list[dict[str, Any]] = []
    shown_now = False
    for event in events:
        if event.due_at >= moment and not shown_now:
            lines.append({"now": _time(moment)})
            shown_now = True
        target = targets.get(event.target_id) if event.target_id else None
        lines.append(
            {
                "when": _time(event.due_at),
                "title": event.title,
                "href": f"/tasks/{event.pk}/",
                "note": " · ".join(
                    filter(None, [target.title if target else "", str(Kind(event.kind).label)])
                ),
                "tone": "past" if event.done_at or event.due_at < moment else _EVENT_TONES[Kind(event.kind)],
            }
        )
    if lines and not shown_now:
        lines.append({"now": _time(moment)})
    return lines


def _time(moment: Any) -> str:
    return formats.time_format(localtime(moment), "TIME_FORMAT")


def _month(won: WonFigures) -> dict[str, Any]:
    """This month beside last month and the same month last year."""
    here = today()
    left = (month_start(here, -1) - here).days - 1
    most = max(won.this_month, won.last_month, won.same_month_last_year)
    rows = [
        (_("This month"), won.this_month, ""),
        (_("Last month"), won.last_month, "amber"),
        (_("The same month last year"), won.same_month_last_year, "amber"),
    ]
    return {
        "left": ngettext("%(count)d day left", "%(count)d days left", left) % {"count": left},
        "rows": [(label, _money(amount), int(amount), tone) for label, amount, tone in rows],
        "most": int(most) or 1,
        "any": bool(most),
    }


def _quiet(opportunity: Opportunity, shows_money: bool) -> dict[str, Any]:
    days = (today() - opportunity.silent_since).days
    silent = ngettext("%(count)d day silent", "%(count)d days silent", days) % {"count": days}
    account = opportunity.account.name if opportunity.account_id else opportunity.name
    return {
        "account": account,
        "title": opportunity.name,
        "href": f"/opportunities/{opportunity.pk}/",
        "note": " · ".join(filter(None, [_money(opportunity.amount) if shows_money else "", silent])),
        "follow_url": f"/desk/follow-up/{opportunity.pk}/",
    }


def _birthday(each: Any) -> dict[str, Any]:
    age = ngettext("turns %(age)d", "turns %(age)d", each.age) % {"age": each.age} if each.age else ""
    account = each.contact.account.name if each.contact.account_id else ""
    return {
        "name": each.contact.name,
        "href": f"/contacts/{each.contact.pk}/",
        "note": " · ".join(filter(None, [account, age])),
        "when": birthday_day(each.on, today()),
    }


def _recent(visits: list[Visit], targets: dict[UUID, Target]) -> list[Target]:
    return [targets[visit.record_id] for visit in visits if visit.record_id in targets][:_RECENT_SHOWN]


def _is_empty(figures: OpenFigures, user: Any) -> bool:
    """Nothing to look at yet, for somebody who may put samples there. Without opportunities nobody knows."""
    return not figures.count and user.may_administer and may(user, record_type("opportunity"), Verb.SEE)


def _samples_url() -> str:
    """'' where no room offers sample data."""
    try:
        return reverse("samples_add")
    except NoReverseMatch:
        return ""


@require_POST
@login_required
def follow_up_quiet(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """A call on the next working day, with an undo."""
    try:
        written = follow_up(record_id, by=request.user)
    except Opportunity.DoesNotExist as error:
        raise Http404 from error
    text = _("Planned “%(title)s”") % {"title": written.record.title}
    if getattr(request, "htmx", False):
        return told(text, batch=written.batch, work_changed=True)
    return go(request, "/", text, batch=written.batch)


@require_POST
@login_required
def put_steps_away(request: HttpRequest) -> HttpResponse:
    """The list of first steps goes, for everybody."""
    if not request.user.may_administer:
        raise NotAllowed(_("Ask an administrator of this workspace."))
    dismiss_checklist(by=request.user)
    return go(request, "/")
