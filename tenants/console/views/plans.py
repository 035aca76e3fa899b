"""Plans: what is on sale, their versions, and drafting and publishing a new one."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.plans.models import Plan, PlanVersion
from billing.plans.selectors import content_of, draft_of, published_version
from core.errors import DomainError
from tenants.console.catalog import services
from tenants.console.catalog.forms import PlanNameForm, VersionForm, initial_of
from tenants.console.catalog.grid import PLAN_COLUMNS, Grid, grid_of, read_grid
from tenants.console.catalog.selectors import PlanRow, plan_row, plan_rows
from tenants.console.catalog.syncing import look_at_prices, synchronise_version, wanted_of_version
from tenants.console.catalog.words import (
    changes_in_words,
    features_in_words,
    limits_in_words,
    price_lines,
)
from tenants.console.gate import needs_confirmation
from tenants.console.views.tenant import form_page
from tenants.people.forms import with_problems
from web.answers import go
from web.shell import Place


def catalog_tabs(current: str) -> list[tuple[str, str, str, bool]]:
    """Plans, add-ons, tax rates. current: the name of the page's address."""
    return [
        (_("Plans"), reverse("plans"), "", current == "plans"),
        (_("Add-ons"), reverse("add_ons"), "", current == "add_ons"),
        (_("Tax rates"), reverse("tax_rates"), "", current == "tax_rates"),
    ]


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """Every plan with what new customers get, and how many are on which version."""
    rows = [(row, features_in_words(row.current.features) if row.current else []) for row in plan_rows()]
    context = {"title": _("Plans"), "tabs": catalog_tabs("plans"), "rows": rows}
    return render(request, "tenants/console/catalog/plans.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request: HttpRequest) -> HttpResponse:
    """A name first; its first version is drafted next."""
    form = PlanNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_plan(by=request.user, **form.cleaned_data)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, reverse("plan_draft", args=[made.key]), _("Now draft what it brings"))
    return form_page(request, form, title=_("New plan"), crumb=_crumb(), submit=_("Go on"))


@require_safe
def plan_page(request: HttpRequest, key: str) -> HttpResponse:
    """What it brings and costs, who is on which version, and whether Stripe knows its prices."""
    row = _row_or_404(key)
    context = {"title": str(row.plan), "row": row, "crumb": _crumb()}
    if row.current is not None:
        wanted = wanted_of_version(row.current)
        context |= {
            "limits": limits_in_words(row.current),
            "features": features_in_words(row.current.features),
            "prices": price_lines(row.current, look_at_prices(wanted), wanted),
        }
    return render(request, "tenants/console/catalog/plan.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_draft(request: HttpRequest, key: str) -> HttpResponse:
    """The next version, beginning with the draft, else with what is published. Saving it changes nothing on sale."""
    plan = _row_or_404(key).plan
    start = draft_of(plan) or published_version(plan)
    content = content_of(start) if start else None
    form = VersionForm(request.POST or None, initial=initial_of(content))
    grid = grid_of(PLAN_COLUMNS, content.prices if content else {})
    if request.method == "POST":
        grid, prices = read_grid(PLAN_COLUMNS, request.POST)
        if form.is_valid() and not grid.has_errors:
            try:
                services.save_draft(plan=plan, content=form.content(prices), by=request.user)  # type: ignore[arg-type]
            except DomainError as error:
                _show_problems(form, grid, error)
            else:
                return go(request, reverse("plan_publish", args=[key]), _("The draft is saved"))
    failed = request.method == "POST"
    context = {
        "title": _("Next version"),
        "plan": plan,
        "crumb": _plan_crumb(plan),
        "form": form,
        "grid": grid,
        "is_draft": draft_of(plan) is not None,
    }
    return render(request, "tenants/console/catalog/draft.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def plan_publish(request: HttpRequest, key: str) -> HttpResponse:
    """What the draft changes, line by line; the button publishes exactly what was shown."""
    plan = _row_or_404(key).plan
    if request.method == "POST":
        return _publish(request, plan)
    draft, before = draft_of(plan), published_version(plan)
    if draft is None:
        return go(request, reverse("plan", args=[key]), _("There is no draft."))
    row = _row_or_404(key)
    keep = ngettext(
        "%(count)d subscription keeps its version.",
        "%(count)d subscriptions keep their versions.",
        row.on_it,
    ) % {"count": row.on_it}
    context = {
        "title": _("Publish version %(number)d") % {"number": draft.number},
        "plan": plan,
        "draft": draft,
        "before": before,
        "keep": keep,
        "changes": changes_in_words(before, draft),
        "crumb": _plan_crumb(plan),
    }
    return render(request, "tenants/console/catalog/publish.html", context)


@require_POST
def plan_draft_discard(request: HttpRequest, key: str) -> HttpResponse:
    """The draft away; nothing that is on sale changes."""
    plan = _row_or_404(key).plan
    services.discard_draft(plan=plan, by=request.user)
    return go(request, reverse("plan", args=[key]), _("The draft is discarded"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def plan_sale(request: HttpRequest, key: str) -> HttpResponse:
    """Off sale, or on it again."""
    plan = _row_or_404(key).plan
    form = forms.Form(request.POST or None)
    if request.method == "POST":
        form = forms.Form({})
        try:
            services.offer_plan(plan=plan, is_public=not plan.is_public, by=request.user)
        except DomainError as error:
            form.is_valid()
            with_problems(form, {}, error)
        else:
            return go(request, reverse("plan", args=[key]), _("Saved"))
    title = _("Retire the plan from sale") if plan.is_public else _("Offer the plan again")
    intro = _("Nobody new can choose it. Who has it keeps it.") if plan.is_public else ""
    return form_page(request, form, title=title, intro=intro, crumb=_plan_crumb(plan))


@require_POST
def plan_sync(request: HttpRequest, key: str) -> HttpResponse:
    """Tell Stripe what it does not know of the published version. Raises StripeAway."""
    version = _published_or_404(_row_or_404(key))
    synchronise_version(version)
    return go(request, reverse("plan", args=[key]), _("Stripe knows these prices"))


def _publish(request: HttpRequest, plan: Plan) -> HttpResponse:
    try:
        draft_id = UUID(request.POST.get("draft", ""))
    except ValueError:
        raise Http404 from None
    try:
        _version, told = services.publish(draft_id=draft_id, by=request.user)
    except DomainError as error:
        # To the changes as they stand now, or to the plan when there is no draft any more.
        name = "plan_publish" if draft_of(plan) else "plan"
        return go(request, reverse(name, args=[plan.key]), str(error))
    said = _("Published") if told else _("Published. Stripe did not answer: synchronise it later.")
    return go(request, reverse("plan", args=[plan.key]), said)


def _show_problems(form: VersionForm, grid: Grid, error: DomainError) -> None:
    """What the service refused, at its field, in the grid, or above the form."""
    problems = dict(error.fields)
    if "prices" in problems:
        grid.error = str(problems.pop("prices"))
    if problems:
        with_problems(form, problems, problems.get("limits", error))


def _row_or_404(key: str) -> PlanRow:
    row = plan_row(key)
    if row is None:
        raise Http404
    return row


def _published_or_404(row: PlanRow) -> PlanVersion:
    if row.current is None:
        raise Http404
    return row.current


def _crumb() -> Place:
    return Place(pgettext("menu", "Plans"), reverse("plans"), "layers")


def _plan_crumb(plan: Plan) -> Place:
    return Place(str(plan), reverse("plan", args=[plan.key]), "layers")
