"""The sign-up form: what is asked. What is acceptable is said by services.check_sign_up."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.places import known_country, known_currency, known_time_zone
from tenants.signup.trades import known_trade
from web.pickers import SearchedSelect


class SignUpForm(forms.Form):
    """Nothing is refused here but what would not fit; the service names all problems in one answer."""

    mail = forms.CharField(label=_("Work mail"), max_length=254, required=False)
    name = forms.CharField(label=_("Your name"), max_length=120, required=False)
    workspace = forms.CharField(label=_("Workspace name"), max_length=200, required=False)
    address = forms.CharField(label=_("Address"), max_length=63, required=False)
    password = forms.CharField(label=_("Password"), max_length=256, required=False, strip=False)
    language = forms.CharField(max_length=10, required=False)
    country = forms.CharField(max_length=2, required=False)
    currency = forms.CharField(max_length=3, required=False)
    time_zone = forms.CharField(max_length=64, required=False)
    trade = forms.CharField(max_length=20, required=False)
    terms = forms.BooleanField(required=False)
    texts = forms.CharField(max_length=200, required=False)

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).strip().lower()

    def clean_country(self) -> str:
        return _known(self.cleaned_data["country"], known_country, "")

    def clean_currency(self) -> str:
        return _known(self.cleaned_data["currency"], known_currency, "USD")

    def clean_trade(self) -> str:
        return known_trade(self.cleaned_data["trade"])

    def clean_time_zone(self) -> str:
        return _known(self.cleaned_data["time_zone"], known_time_zone, "UTC")

    def clean_terms(self) -> bool:
        if not self.cleaned_data["terms"]:
            raise forms.ValidationError(_("Please agree to the terms first."))
        return True


class MailForm(forms.Form):
    mail = forms.EmailField(
        label=_("Mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"}),
    )


class AddressForm(forms.Form):
    address = forms.CharField(label=_("Address of your workspace"), max_length=120)


class WorkspaceForm(forms.Form):
    """Settings of the workspace itself."""

    name = forms.CharField(label=_("Workspace name"), max_length=120)
    language = forms.ChoiceField(
        label=_("Language"), help_text=_("For everybody who chose none of their own, and for mails.")
    )
    country = forms.ChoiceField(label=_("Country"), required=False, widget=SearchedSelect)
    time_zone = forms.ChoiceField(label=_("Time zone"), widget=SearchedSelect)

    def __init__(self, *args: Any, choices: dict[str, list[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, options in choices.items():
            field: Any = self.fields[name]
            field.choices = options
            field.widget.attrs["data-label"] = field.label


class CloseForm(forms.Form):
    typed = forms.CharField(
        label=_("Name of the workspace"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


def _known(text: Any, is_known: Any, otherwise: str) -> str:
    """A tampered select falls back instead of failing: the person cannot mend what they cannot see."""
    return str(text) if is_known(str(text)) else otherwise
