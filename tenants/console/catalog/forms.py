"""Forms of the catalogue. What is asked; the rules stay with billing.plans."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from billing.plans.rules import Content
from core.entitlements import FEATURE_WORDS, LIMIT_WORDS, Limit
from core.places import countries
from tenants.console.forms import GB, MoreForm

PLAN_LIMITS = tuple(limit for limit in Limit if limit != Limit.SEATS)
_UNITS = {
    Limit.STORAGE_BYTES: _("In GB. Empty: no limit."),
    Limit.MAILS: _("Recipients in a calendar month. Empty: no limit."),
    Limit.API_CALLS: _("Requests in a day. Empty: no limit."),
    Limit.AUTOMATION_RUNS: _("Runs in a calendar month. Empty: no limit."),
    Limit.RECORDS: _("Outside the bin. Empty: no limit."),
}


class PlanNameForm(forms.Form):
    key = forms.CharField(
        label=_("Key"),
        max_length=30,
        help_text=_("Stands in addresses and at Stripe, and never changes."),
    )
    name_en = forms.CharField(label=_("Name (English)"), max_length=60)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=60)


class VersionForm(forms.Form):
    """Seats, limits and features of a version; its prices are a grid of their own."""

    included_seats = forms.IntegerField(label=_("Seats in the base price"), min_value=0, max_value=100_000)
    max_seats = forms.IntegerField(
        label=_("Seats at most"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=_("Empty: no limit."),
    )
    features = forms.MultipleChoiceField(
        label=_("Features"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["features"].choices = [(key.value, word) for key, word in FEATURE_WORDS.items()]  # type: ignore[attr-defined]
        for limit in PLAN_LIMITS:
            self.fields[f"limit_{limit}"] = forms.IntegerField(
                label=LIMIT_WORDS[limit],
                min_value=0,
                max_value=10**9,
                required=False,
                help_text=_UNITS[limit],
            )

    @property
    def limit_fields(self) -> list[forms.BoundField]:
        return [self[f"limit_{limit}"] for limit in PLAN_LIMITS]

    def content(self, prices: Mapping[tuple[str, str], tuple[int, int]]) -> Content:
        """Of a form that is valid."""
        given = self.cleaned_data
        limits = {limit.value: given[f"limit_{limit}"] for limit in PLAN_LIMITS}
        if limits[Limit.STORAGE_BYTES] is not None:
            limits[Limit.STORAGE_BYTES] *= GB
        return Content(given["included_seats"], given["max_seats"], limits, given["features"], prices)


def initial_of(content: Content | None) -> dict[str, Any]:
    """What the form begins with; a first version brings one seat."""
    if content is None:
        return {"included_seats": 1}
    start: dict[str, Any] = {
        "included_seats": content.included_seats,
        "max_seats": content.max_seats,
        "features": list(content.features),
    }
    for limit in PLAN_LIMITS:
        most = content.limits.get(limit)
        start[f"limit_{limit}"] = most // GB if limit == Limit.STORAGE_BYTES and most else most
    return start


class AddOnForm(PlanNameForm, MoreForm):
    """What each one that is booked brings."""

    limits = PLAN_LIMITS


def _country_choices() -> list[tuple[str, str]]:
    return [("", "—"), *((code, f"{name} ({code})") for code, name, _c in countries(get_language() or "en"))]


class TaxRateForm(forms.Form):
    country = forms.ChoiceField(label=_("Country"), choices=_country_choices)
    name = forms.CharField(
        label=pgettext_lazy("tax", "Name"),
        max_length=40,
        help_text=_("As it stands on invoices: VAT, 增值税."),
    )
    percent = forms.DecimalField(
        label=_("Percent"), max_digits=7, decimal_places=4, min_value=0, max_value=100
    )
    inclusive = forms.BooleanField(label=_("Contained in the prices"), required=False)
    not_with_tax_id = forms.BooleanField(
        label=_("Not for businesses abroad that give a tax number"),
        required=False,
        help_text=_("They account for the tax themselves (reverse charge)."),
    )
