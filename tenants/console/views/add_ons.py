"""Add-ons: what is sold beside plans, and at what price."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.plans.models import AddOn, AddOnPrice
from billing.plans.selectors import newest_prices
from core.errors import DomainError
from core.money import format_minor
from tenants.console.catalog import services
from tenants.console.catalog.forms import AddOnForm
from tenants.console.catalog.grid import ADD_ON_COLUMNS, grid_of, read_grid
from tenants.console.catalog.selectors import all_add_ons, booked_add_ons
from tenants.console.catalog.syncing import look_at_prices, synchronise_add_on, wanted_of_add_on
from tenants.console.catalog.words import SYNC_WORDS, brings
from tenants.console.gate import needs_confirmation
from tenants.console.views.plans import catalog_tabs
from tenants.console.views.tenant import form_page
from tenants.people.forms import with_problems
from web.answers import go
from web.shell import Place


@require_safe
def add_ons(request: HttpRequest) -> HttpResponse:
    """Every add-on with its present prices and how many have it."""
    booked = booked_add_ons()
    rows = [
        (each, brings(each), _amounts(newest_prices(each)), *booked.get(each.key, (0, 0)))
        for each in all_add_ons()
    ]
    context = {"title": _("Add-ons"), "tabs": catalog_tabs("add_ons"), "rows": rows}
    return render(request, "tenants/console/catalog/add_ons.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_on_new(request: HttpRequest) -> HttpResponse:
    """More of a limit, or a feature; its prices are set next."""
    form = AddOnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_add_on(by=request.user, **form.cleaned_data)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, reverse("add_on", args=[made.key]), _("Now set what it costs"))
    return form_page(request, form, title=_("New add-on"), crumb=_crumb(), submit=_("Go on"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def add_on_page(request: HttpRequest, key: str) -> HttpResponse:
    """Its prices, whether Stripe knows them, and a form for new ones."""
    add_on = _add_on_or_404(key)
    prices = newest_prices(add_on)
    present = {(each.currency, each.interval): (each.unit_minor,) for each in prices}
    number = prices[0].version if prices else 0
    grid, status = grid_of(ADD_ON_COLUMNS, present), 200
    if request.method == "POST":
        grid, typed = read_grid(ADD_ON_COLUMNS, request.POST)
        status = 422
        if not grid.has_errors:
            units = {place: amounts[0] for place, amounts in typed.items()}
            try:
                _version, told = services.price_add_on(
                    add_on=add_on, prices=units, seen=_number(request.POST.get("seen", "")), by=request.user
                )
            except DomainError as error:
                grid.error = str(error.fields.get("prices", error))
            else:
                said = (
                    _("Published") if told else _("Published. Stripe did not answer: synchronise it later.")
                )
                return go(request, reverse("add_on", args=[key]), said)
    wanted = wanted_of_add_on(prices)
    states = look_at_prices(wanted) if wanted else {}
    lines = [
        (price, format_minor(price.unit_minor, price.currency), *SYNC_WORDS[states[each.lookup_key]])
        for price, each in zip(prices, wanted, strict=True)
    ]
    context = {
        "title": str(add_on),
        "add_on": add_on,
        "brings": brings(add_on),
        "lines": lines,
        "grid": grid,
        "number": number,
        "booked": booked_add_ons().get(key, (0, 0)),
        "crumb": _crumb(),
    }
    return render(request, "tenants/console/catalog/add_on.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def add_on_sale(request: HttpRequest, key: str) -> HttpResponse:
    """Off sale, or on it again."""
    add_on = _add_on_or_404(key)
    if request.method == "POST":
        services.offer_add_on(add_on=add_on, is_public=not add_on.is_public, by=request.user)
        return go(request, reverse("add_on", args=[key]), _("Saved"))
    title = _("Retire the add-on from sale") if add_on.is_public else _("Offer the add-on again")
    intro = _("Nobody new can choose it. Who has it keeps it.") if add_on.is_public else ""
    crumb = Place(str(add_on), reverse("add_on", args=[key]), "package")
    return form_page(request, forms.Form(), title=title, intro=intro, crumb=crumb)


@require_POST
def add_on_sync(request: HttpRequest, key: str) -> HttpResponse:
    """Tell Stripe what it does not know. Raises StripeAway."""
    add_on = _add_on_or_404(key)
    synchronise_add_on(add_on, newest_prices(add_on))
    return go(request, reverse("add_on", args=[key]), _("Stripe knows these prices"))


def _amounts(prices: list[AddOnPrice]) -> str:
    """The monthly ones in a line."""
    monthly = [each for each in prices if each.interval == "month"]
    return ", ".join(format_minor(each.unit_minor, each.currency, trim=True) for each in monthly)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1


def _add_on_or_404(key: str) -> AddOn:
    found = AddOn.objects.filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def _crumb() -> Place:
    return Place(_("Add-ons"), reverse("add_ons"), "package")
