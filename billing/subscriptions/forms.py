"""The form of billing details."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.subscriptions.services.paying import TAX_ID_TYPES


class DetailsForm(forms.Form):
    """countries: (code, name), the first empty."""

    name = forms.CharField(label=_("Company"), max_length=120)
    mail = forms.EmailField(label=_("Mail for invoices"))
    line1 = forms.CharField(label=_("Street and number"), max_length=200, required=False)
    line2 = forms.CharField(label=_("Further address line"), max_length=200, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    region = forms.CharField(label=_("State or province"), max_length=100, required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    tax_id_type = forms.ChoiceField(label=_("Kind of tax number"), required=False)
    tax_id = forms.CharField(label=_("Tax number"), max_length=40, required=False)

    def __init__(self, *args: Any, countries: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries  # type: ignore[attr-defined]
        self.fields["tax_id_type"].choices = [("", "—"), *TAX_ID_TYPES.items()]  # type: ignore[attr-defined]
