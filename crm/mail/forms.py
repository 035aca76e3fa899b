"""The form of one mail."""

from django import forms
from django.utils.translation import gettext_lazy as _


class MailForm(forms.Form):
    """Addresses are read by the service: they may be several."""

    to = forms.CharField(label=_("To"), max_length=1000)
    cc = forms.CharField(label=_("Copy to"), max_length=1000, required=False)
    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = forms.CharField(label=_("Text"), max_length=50_000, widget=forms.Textarea(attrs={"rows": 10}))

    wide = ("to", "cc", "subject", "text")
