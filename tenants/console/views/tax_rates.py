"""Tax rates: what is added to charges by country."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.plans.models import TaxRate
from core.errors import DomainError
from core.places import countries
from tenants.console.catalog import services
from tenants.console.catalog.forms import TaxRateForm
from tenants.console.catalog.syncing import Sync, look_at_rates, synchronise_rate
from tenants.console.catalog.words import SYNC_WORDS
from tenants.console.gate import needs_confirmation
from tenants.console.views.plans import catalog_tabs
from tenants.console.views.tenant import form_page
from tenants.people.forms import with_problems
from web.answers import go
from web.shell import Place

_SHOWN = 300


@require_safe
def tax_rates(request: HttpRequest) -> HttpResponse:
    """The rate of each country that has one, and those that were retired."""
    rates = list(TaxRate.objects.order_by("-is_active", "country", "-pk")[:_SHOWN])
    states = look_at_rates([each for each in rates if each.is_active])
    names = {code: name for code, name, _currency in countries(get_language() or "en")}
    rows = [
        (each, names.get(each.country, each.country), *SYNC_WORDS[states.get(str(each.pk), Sync.UNKNOWN)])
        for each in rates
    ]
    context = {"title": _("Tax rates"), "tabs": catalog_tabs("tax_rates"), "rows": rows}
    return render(request, "tenants/console/catalog/tax_rates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def tax_rate_new(request: HttpRequest) -> HttpResponse:
    """In place of the country's former rate, if it has one."""
    form = TaxRateForm(request.POST or None, initial={"country": request.GET.get("country", "")[:2]})
    if request.method == "POST" and form.is_valid():
        try:
            _rate, told = services.set_tax_rate(by=request.user, **form.cleaned_data)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            said = _("Saved") if told else _("Saved. Stripe did not answer: synchronise it later.")
            return go(request, reverse("tax_rates"), said)
    intro = _("It counts from the next invoice on and replaces the country's former rate.")
    return form_page(
        request, form, title=_("Set a tax rate"), intro=intro, crumb=_crumb(), submit=_("Set it")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def tax_rate_retire(request: HttpRequest, rate_id: UUID) -> HttpResponse:
    """Nothing is added for the country from the next invoice on."""
    rate = _rate_or_404(rate_id)
    if request.method == "POST":
        services.retire_tax_rate(rate_id=rate_id, by=request.user)
        return go(request, reverse("tax_rates"), _("Retired"))
    title = _("Retire %(name)s of %(country)s") % {"name": rate.name, "country": rate.country}
    intro = _("No tax is added for this country from the next invoice on.")
    return form_page(request, forms.Form(), title=title, intro=intro, crumb=_crumb(), submit=_("Retire it"))


@require_POST
def tax_rate_sync(request: HttpRequest, rate_id: UUID) -> HttpResponse:
    """Tell Stripe. Raises StripeAway."""
    synchronise_rate(_rate_or_404(rate_id))
    return go(request, reverse("tax_rates"), _("Stripe knows this rate"))


def _rate_or_404(rate_id: UUID) -> TaxRate:
    found = TaxRate.objects.filter(pk=rate_id, is_active=True).first()
    if found is None:
        raise Http404
    return found


def _crumb() -> Place:
    return Place(_("Tax rates"), reverse("tax_rates"), "receipt")
