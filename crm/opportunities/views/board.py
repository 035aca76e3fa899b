"""The board of a pipeline."""

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import today
from core.errors import DomainError
from core.ids import read_int
from core.money import format_money
from core.records.lists import condition_of, read_request
from core.records.rights import as_seen_by, is_offered_new
from crm.customize.services.picklists import options_of
from crm.opportunities.models import Opportunity, Outcome, Pipeline, Stage
from crm.opportunities.records import OPPORTUNITY
from crm.opportunities.selectors.board import (
    CARDS_A_COLUMN,
    Column,
    board_columns,
    cards_of,
    next_step_days,
    on_board,
)
from crm.opportunities.selectors.opportunities import pipelines, visible_opportunities
from crm.opportunities.services.opportunities import lose_opportunity, move_opportunity
from crm.opportunities.views.figures import figures_after_move, head_of, shown_head, shown_sum
from web.answers import go, show_form, undo_url
from web.faces import picture_of
from web.pickers import SearchedSelect
from web.records.access import seen_kind, showing
from web.records.narrowing import address, narrowing, tell_address
from web.shell import Place

_NO_HEAD = {"raw": "", "text": ""}
_DOTS = ("blue", "teal", "violet", "amber")


@require_safe
@login_required
def board(request: HttpRequest) -> HttpResponse:
    """`?pipeline=<id>`, and the list's own filters."""
    kind = seen_kind(request, OPPORTUNITY)
    ways = list(pipelines())
    pipeline = _chosen(ways, request.GET.get("pipeline", ""))
    wanted = read_request(kind, request.GET, to=request.user)
    columns = board_columns(pipeline, condition_of(wanted, to=request.user), to=request.user)
    steps = next_step_days(card for column in columns for card in column.cards)
    query = request.GET.urlencode()
    shows_money = "amount" in kind.by_name
    head = shown_head(head_of(column.figures for column in columns)) if shows_money else _NO_HEAD
    url = f"{OPPORTUNITY.board_url}?pipeline={pipeline.pk}" if len(ways) > 1 else OPPORTUNITY.board_url
    create = None
    if is_offered_new(request.user, kind):
        create = Place(_("New opportunity"), "/opportunities/new/", "plus")
    context = {
        "title": str(OPPORTUNITY.label_plural).capitalize(),
        "pipelines": _pipelines(ways, pipeline, wanted.query),
        "views": _views(wanted.query, url),
        "create": create,
        **narrowing(request, wanted, url),
        "problems": wanted.problems,
        "summary": head["text"],
        "head_figures": head["raw"],
        "stages": [
            _column(column, number, steps, query, shows_money, offers_new=create is not None)
            for number, column in enumerate(columns)
        ],
    }
    return tell_address(request, render(request, "crm/opportunities/board.html", context), url, wanted)


@require_safe
@login_required
def more_cards(request: HttpRequest, stage_id: UUID) -> HttpResponse:
    """The next cards of a column: `?from=30`."""
    get_object_or_404(Stage, pk=stage_id)
    wanted = read_request(seen_kind(request, OPPORTUNITY), request.GET, to=request.user)
    found = on_board(condition_of(wanted, to=request.user), to=request.user)
    cards = cards_of(found, stage_id, read_int(request.GET.get("from", "")) or 0)
    steps = next_step_days(cards)
    shows_money = "amount" in wanted.record_type.by_name
    context = {"cards": [_card(card, steps, shows_money) for card in cards]}
    return render(request, "crm/opportunities/_cards.html", context)


@require_POST
@login_required
def move(request: HttpRequest, record_id: UUID) -> JsonResponse:
    """Body: stage, before, and the figures that the board shows. A move to a lost stage asks for the reason first."""
    try:
        stage_id = UUID(request.POST.get("stage", ""))
        before = UUID(request.POST["before"]) if request.POST.get("before") else None
    except ValueError:
        return JsonResponse({"message": _("This stage is gone. Reload the board.")}, status=422)
    visible = visible_opportunities(to=request.user).select_related("stage")
    opportunity = get_object_or_404(visible, pk=record_id)
    stage = get_object_or_404(Stage, pk=stage_id)
    if stage.outcome == Outcome.LOST and opportunity.outcome != Outcome.LOST:
        return JsonResponse({"ask": f"/opportunities/{record_id}/lost/?stage={stage.pk}"})
    try:
        written = move_opportunity(record_id, to_stage=stage_id, before=before, by=request.user)
    except DomainError as error:
        return JsonResponse({"message": str(error)}, status=error.status)
    text = _("Moved “%(title)s” to %(stage)s") % {"title": opportunity.name, "stage": stage.name}
    shows_money = "amount" in as_seen_by(OPPORTUNITY, request.user).by_name
    figures = figures_after_move(request.POST, opportunity, stage) if shows_money else {}
    return JsonResponse({"text": text, "undo": undo_url(written.batch), **figures})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def lose(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Why it was lost, then the move."""
    opportunity = get_object_or_404(visible_opportunities(to=request.user), pk=record_id)
    stage = _lost_stage(opportunity, request.GET.get("stage", ""))
    form = _LostForm(request.POST or None, may_add=request.user.may_administer)
    if request.method == "POST" and form.is_valid():
        written = lose_opportunity(record_id, to_stage=stage.pk, by=request.user, **form.chosen)
        text = _("“%(title)s” is lost") % {"title": opportunity.name}
        back = request.headers.get("HX-Current-URL", "")
        path = "/opportunities/board/" if "/board/" in back else OPPORTUNITY.url_of(record_id)
        return go(request, path, text, batch=written.batch)
    context = {
        "title": _("Why was “%(title)s” lost?") % {"title": opportunity.name},
        "form": form,
        "submit": _("Mark as lost"),
        "action": request.get_full_path(),
        "cancel_url": OPPORTUNITY.url_of(record_id),
    }
    return show_form(request, context, refused=form.errors)


class _LostForm(forms.Form):
    """may_add: whether a reason that is missing can be typed."""

    reason = forms.CharField(required=False, max_length=80)

    def __init__(self, data: Any = None, *, may_add: bool) -> None:
        super().__init__(data)
        self.options = [each for each in options_of("lost_reason")() if each.offered]
        picker = SearchedSelect(choices=[("", "—"), *((each.value, each.label) for each in self.options)])
        picker.attrs |= {"data-label": _("Reason"), **({"data-create": ""} if may_add else {})}
        reason = self.fields["reason"]
        reason.label, reason.widget = _("Reason"), picker
        reason.help_text = (
            _("Is one missing? Type it, and it is added to the list.")
            if may_add
            else _("Is one missing? The owner and administrators add to this list under Settings.")
        )

    @property
    def chosen(self) -> dict[str, str]:
        """What `lose_opportunity` takes: the value of a choice, or the words of a new one."""
        text = self.cleaned_data["reason"].strip()
        known = any(each.value == text for each in self.options)
        return {"reason" if known or not text else "new_reason": text}


def _chosen(ways: list[Pipeline], wanted: str) -> Pipeline:
    if not ways:
        raise Http404
    return next((way for way in ways if str(way.pk) == wanted), ways[0])


def _lost_stage(opportunity: Opportunity, wanted: str) -> Stage:
    lost = Stage.objects.filter(pipeline_id=opportunity.pipeline_id, outcome=Outcome.LOST)
    chosen = next((stage for stage in lost if str(stage.pk) == wanted), None) or lost.first()
    if chosen is None:
        raise DomainError(_("This pipeline has no stage for what is lost."))
    return chosen


def _pipelines(ways: list[Pipeline], chosen: Pipeline, query: str) -> list[tuple[str, str, bool]]:
    """(name, address, current); none where there is nothing to choose."""
    if len(ways) == 1:
        return []
    url = OPPORTUNITY.board_url
    return [(way.name, address(f"{url}?pipeline={way.pk}", query), way == chosen) for way in ways]


def _views(query: str, url: str) -> list[tuple[str, str, str, bool]]:
    return [
        (_("Board"), address(url, query), "square-kanban", True),
        (_("Table"), address(OPPORTUNITY.list_url, query), "table-2", False),
    ]


def _column(
    column: Column,
    number: int,
    steps: dict[UUID, Any],
    query: str,
    shows_money: bool,
    *,
    offers_new: bool,
) -> dict[str, Any]:
    stage = column.stage
    dot = {Outcome.WON: "green", Outcome.LOST: "red"}.get(Outcome(stage.outcome), _DOTS[number % len(_DOTS)])
    more = f"/opportunities/board/{stage.pk}/more/?from={CARDS_A_COLUMN}&{query}"
    return {
        "id": str(stage.pk),
        "label": stage.name,
        "dot": dot,
        "chance": f"{stage.probability_percent}%" if stage.outcome == Outcome.OPEN else _("last 30 days"),
        "create_url": f"/opportunities/new/?stage={stage.pk}"
        if offers_new and stage.outcome == Outcome.OPEN
        else "",
        "more_url": more if column.has_more else "",
        "cards": [_card(card, steps, shows_money) for card in column.cards],
        **(shown_sum(column.figures) if shows_money else _without_sum(column.figures.count)),
    }


def _without_sum(count: int) -> dict[str, Any]:
    """For whom amounts are hidden: how many cards, and nothing to work an amount out from."""
    return {"raw": "", "count": count, "total": ""}


def _card(card: Opportunity, steps: dict[UUID, Any], shows_money: bool) -> dict[str, Any]:
    text, tone = _next_step(card, steps)
    return {
        "id": str(card.pk),
        "title": card.name,
        "href": OPPORTUNITY.url_of(card.pk),
        "about": card.account.name if card.account else "",
        "figure": format_money(card.amount, showing().currency, trim=True) if shows_money else "",
        "move_url": f"/opportunities/{card.pk}/move/",
        "tag": "",
        "tag_tone": "",
        "next": text,
        "next_tone": tone,
        "owner": card.owner.name if card.owner else "",
        "picture": picture_of(card.owner_id),
    }


def _next_step(card: Opportunity, steps: dict[UUID, dt.date | None]) -> tuple[str, str]:
    """(words, tone) of a card's next step; closed cards show their day instead."""
    if card.outcome != Outcome.OPEN:
        return (date_format(card.closed_on, "SHORT_DATE_FORMAT") if card.closed_on else ""), ""
    if card.pk not in steps:
        return _("No next step"), "amber"
    day = steps[card.pk]
    if day is None:
        return _("Next step without a day"), ""
    late = (today() - day).days
    if late > 0:
        return ngettext("Overdue, %(days)d day", "Overdue, %(days)d days", late) % {"days": late}, "red"
    if late == 0:
        return _("Today"), "green"
    return date_format(day, "SHORT_DATE_FORMAT"), ""
