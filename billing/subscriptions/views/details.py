"""Whom invoices are made out to."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.subscriptions.access import billing_scope
from billing.subscriptions.forms import DetailsForm
from billing.subscriptions.services.paying import Details, change_details
from billing.subscriptions.services.standing import subscription_of
from billing.subscriptions.views.doors import is_local, require_payer
from core.errors import DomainError
from core.places import countries
from tenants.people.forms import with_problems
from web.answers import go


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def details_page(request: HttpRequest) -> HttpResponse:
    user = require_payer(request)
    language = translation.get_language() or "en"
    known = [("", "—"), *((code, name) for code, name, _currency in countries(language))]
    with billing_scope("details") as tenant_id:
        subscription = subscription_of(tenant_id)
        initial = {
            "name": subscription.billing_name,
            "mail": subscription.billing_mail or user.email,
            "line1": subscription.address_line1,
            "line2": subscription.address_line2,
            "postal_code": subscription.postal_code,
            "city": subscription.city,
            "region": subscription.region,
            "country": subscription.country,
            "tax_id_type": subscription.tax_id_type,
            "tax_id": subscription.tax_id,
        }
        form = DetailsForm(request.POST or None, initial=initial, countries=known)
        if request.method == "POST" and form.is_valid():
            try:
                change_details(subscription, Details(**form.cleaned_data), language=language, by=user.name)
            except DomainError as error:
                with_problems(form, error.fields or {"tax_id": str(error)}, error)
            else:
                return go(request, reverse("billing"), _("Saved"))
    context = {"title": _("Invoice details"), "form": form, "local": is_local()}
    status = 422 if form.errors else 200
    return render(request, "billing/subscriptions/details.html", context, status=status)
