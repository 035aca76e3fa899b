"""Forms of the console. Reading and rules stay with the services; these say what is asked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.entitlements import FEATURE_WORDS, LIMIT_WORDS

_DATE = forms.DateInput(attrs={"type": "date"})


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Shown to the people of the workspace."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DeleteForm(forms.Form):
    typed = forms.CharField(
        label=_("Name of the workspace"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the access log."),
    )


class TrialForm(forms.Form):
    until = forms.DateField(label=_("Until the end of"), widget=_DATE)


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class GrantForm(forms.Form):
    limit = forms.ChoiceField(label=_("More of"), required=False)
    amount = forms.IntegerField(
        label=_("How much more"),
        required=False,
        min_value=1,
        max_value=10**15,
        help_text=_("Files in bytes."),
    )
    feature = forms.ChoiceField(label=_("Or a feature"), required=False)
    until = forms.DateField(
        label=_("Until the end of"), required=False, widget=_DATE, help_text=_("Empty: for good.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["limit"].choices = [("", "—"), *((key.value, word) for key, word in LIMIT_WORDS.items())]
        self.fields["feature"].choices = [
            ("", "—"),
            *((key.value, word) for key, word in FEATURE_WORDS.items()),
        ]

    def clean_amount(self) -> int:
        return self.cleaned_data.get("amount") or 0


class SupportForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The workspace reads it, and sees it above every page."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    ticket = forms.CharField(
        label=_("Ticket"), max_length=80, help_text=_("Where the customer asked for help.")
    )
    minutes = forms.TypedChoiceField(
        label=_("For how long"),
        coerce=int,
        choices=[(15, _("15 minutes")), (30, _("30 minutes")), (60, _("60 minutes"))],
        initial=30,
    )
    mode = forms.ChoiceField(
        label=pgettext_lazy("support", "To do what"),
        choices=[("read_only", _("Only look")), ("may_write", _("Look and change"))],
    )
