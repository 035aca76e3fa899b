"""Revenue in pictures, failed payments, coupons, and changing a tenant's plan."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from billing.plans.models import Coupon, Interval
from billing.subscriptions.models import Invoice
from billing.subscriptions.services.offers import Offer
from billing.subscriptions.views.wording import off_of
from core.clock import now
from core.errors import DomainError
from core.money import format_minor, from_minor, short_money
from tenants.console.changing_plans import add_coupon, plan_offer, take_plan, try_plan, wish
from tenants.console.forms import CouponForm, plan_choices
from tenants.console.gate import needs_confirmation
from tenants.console.paging import page_of
from tenants.console.revenue import cohorts, conversion, currencies, months_of, spans_in, tried_in
from tenants.console.views.tenant import Ask, form_page, tenant_or_404
from tenants.people.forms import with_problems
from web.answers import go
from web.charts import Figure, columns, line
from web.shell import Place

_SHOWN = 200


@require_safe
def revenue(request: HttpRequest) -> HttpResponse:
    """MRR, churn, trial conversion and cohorts, in one currency."""
    at, known = now(), currencies() or ["USD"]
    currency = request.GET.get("currency", "")
    currency = currency if currency in known else known[0]
    spans = spans_in(currency)
    months = months_of(spans, at)
    tried = tried_in(currency, at)
    over, converted = conversion(tried, spans)

    def label(month: Any) -> str:
        # In Chinese the names of months are too long to stand side by side on a phone.
        return date_format(month.start, pgettext("format of a month's short name", "M"))

    def money(value: Decimal) -> str:
        return short_money(value, currency)

    paid = [
        Figure(
            label(each),
            from_minor(each.mrr_minor, currency),
            format_minor(each.mrr_minor, currency, trim=True),
        )
        for each in months
    ]
    lost = [
        Figure(
            label(each),
            Decimal(str(each.churn_percent)),
            f"{each.churn_percent}%",
            note=f"{each.churned}/{each.began}",
        )
        for each in months
    ]
    context = {
        "title": _("Revenue"),
        "currency": currency,
        "currencies": [
            (each, f"{reverse('revenue')}?currency={each}", "", each == currency) for each in known
        ],
        "now": months[-1],
        "mrr": format_minor(months[-1].mrr_minor, currency, trim=True),
        "mrr_plot": line(paid, money),
        "churn_plot": columns(lost, lambda value: f"{number_format(value, 0)}%"),
        "over": over,
        "converted": converted,
        "conversion": f"{round(100 * converted / over) if over else 0}%",
        "cohorts": [
            (date_format(each.start, "YEAR_MONTH_FORMAT"), each) for each in cohorts(tried, spans, at)
        ],
        "cohort_months": range(6),
    }
    return render(request, "tenants/console/revenue.html", context)


@require_safe
def failed_payments(request: HttpRequest) -> HttpResponse:
    """Invoices that could not be charged and are still open, the oldest failure first."""
    failed = Invoice.objects.filter(state=Invoice.State.OPEN, failed_at__isnull=False).select_related(
        "tenant", "tenant__subscription"
    )
    page = page_of(failed, by="failed_at", descending=False, cursor=request.GET.get("after", ""))
    sums = failed.values("currency").annotate(total=Sum("due_minor")).order_by("-total")
    here = reverse("failed_payments")
    context = {
        "title": _("Failed payments"),
        "rows": [(each, format_minor(each.due_minor, each.currency)) for each in page.rows],
        "at_risk": ", ".join(format_minor(each["total"], each["currency"], trim=True) for each in sums),
        "newer": f"{here}?after={page.newer}" if page.newer else "",
        "older": f"{here}?after={page.older}" if page.older else "",
    }
    return render(request, "tenants/console/failed_payments.html", context)


@require_safe
def coupons(request: HttpRequest) -> HttpResponse:
    """Codes that customers may give when they subscribe."""
    context = {
        "title": _("Coupons"),
        "rows": [(each, off_of(each)) for each in Coupon.objects.order_by("-created_at")[:_SHOWN]],
    }
    return render(request, "tenants/console/coupons.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def coupon_new(request: HttpRequest) -> HttpResponse:
    """A percentage or an amount off, once, for some months or for good."""
    form = CouponForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_coupon(by=request.user, **form.cleaned_data)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(
                request, reverse("coupons"), _("The coupon %(code)s can be used.") % {"code": made.code}
            )
    crumb = Place(_("Coupons"), reverse("coupons"), "tag")
    return form_page(request, form, title=_("New coupon"), crumb=crumb, submit=_("Make it"))


class PlanForm(forms.Form):
    plan = forms.ChoiceField(label=pgettext_lazy("column", "Plan"), choices=plan_choices)
    interval = forms.ChoiceField(label=gettext_lazy("Charged"), choices=Interval.choices)
    seats = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, max_value=100_000)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_confirmation
def plan(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """First the wish, then what it costs by Stripe's own preview, then the change. A trial changes at once."""
    tenant = tenant_or_404(tenant_id)
    paid = getattr(tenant, "subscription", None)
    initial = (
        {"plan": paid.plan_version.plan_id, "interval": paid.interval, "seats": paid.seats}
        if paid
        else {"seats": 1}
    )
    form = PlanForm(request.POST or None, initial=initial)
    words: dict[str, Any] = {"title": _("Change the plan"), "submit": _("Look at the price")}
    if request.method == "POST":
        try:
            if request.POST.get("token"):
                take_plan(tenant, token=request.POST["token"], by=request.user)
                return _changed(request, tenant_id)
            if form.is_valid():
                wanted = wish(tenant, **form.cleaned_data)
                shown = plan_offer(tenant, wanted)
                if shown is None:
                    try_plan(tenant, wanted=wanted, by=request.user)
                    return _changed(request, tenant_id)
                words["ask"] = _price_of(shown)
        except DomainError as error:
            with_problems(form, error.fields, error)
    return form_page(request, form, tenant=tenant, **words)


def _changed(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    return go(request, reverse("tenant", args=[tenant_id]), _("The plan is changed"))


def _price_of(shown: Offer) -> Ask:
    """What the customer is charged now and each time, from when, and what locks."""
    due, recurring = shown.due_now, shown.recurring
    amounts = {
        "due_now": format_minor(due.total_minor, due.currency) if due is not None else _("nothing"),
        "recurring": format_minor(recurring.total_minor, recurring.currency),
    }
    sentences = [
        _("Now: %(due_now)s. Then each time: %(recurring)s.") % amounts,
        _("It counts from %(day)s.") % {"day": date_format(shown.effective_at, "DATE_FORMAT")},
        *(lock.sentence for lock in shown.locks),
    ]
    return Ask(_("What the customer is charged"), sentences, "token", shown.token, _("Change it"))
