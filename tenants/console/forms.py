"""Forms of the console. Reading and rules stay with the services; these say what is asked."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from billing.plans.models import Coupon, Plan
from billing.plans.selectors import sale_currencies
from core.clock import now
from core.entitlements import FEATURE_WORDS, LIMIT_WORDS, Limit
from tenants.console.catalog.amounts import NotAnAmount, read_amount
from tenants.console.models import Announcement
from tenants.console.models.support import Policy
from tenants.registry.models import Domain

GB = 1024**3
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


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


class MoreForm(forms.Form):
    """More of a limit, in the unit that people use, or a feature. Cleaned, amount is in the limit's own unit."""

    limit = forms.ChoiceField(label=_("More of"), required=False)
    amount = forms.DecimalField(
        label=_("How much more"),
        required=False,
        min_value=0,
        max_value=10**9,
        decimal_places=3,
        help_text=_("Files in GB, everything else in whole numbers."),
    )
    feature = forms.ChoiceField(label=_("Or a feature"), required=False)
    limits: tuple[Limit, ...] = tuple(Limit)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limits = [(limit.value, LIMIT_WORDS[limit]) for limit in self.limits]
        features = [(key.value, word) for key, word in FEATURE_WORDS.items()]
        self.fields["limit"].choices = [("", "—"), *limits]  # type: ignore[attr-defined]
        self.fields["feature"].choices = [("", "—"), *features]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        amount = given.get("amount") or Decimal(0)
        if given.get("limit") == Limit.STORAGE_BYTES:
            amount *= GB
        elif amount != amount.to_integral_value():
            self.add_error("amount", gettext("Write a whole number."))
        given["amount"] = int(amount)
        return given


class GrantForm(MoreForm):
    until = forms.DateField(
        label=_("Until the end of"), required=False, widget=_DATE, help_text=_("Empty: for good.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)


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


class Names(forms.CharField):
    """Workspaces by their addresses, one a line or separated by spaces; cleaned to ids as text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False, widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}), **options
        )

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(hosts_of(value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        wanted = str(super().clean(value)).replace(",", " ").lower().split()
        base = settings.GUANXI["BASE_HOST"]
        hosts = {each if "." in each else f"{each}.{base}" for each in wanted}
        found = dict(Domain.objects.filter(domain__in=hosts).values_list("domain", "tenant_id"))
        if unknown := sorted(hosts - set(found)):
            raise forms.ValidationError(
                gettext("No workspace has the address %(host)s.") % {"host": unknown[0][:80]}
            )
        return sorted({str(each) for each in found.values()})


def hosts_of(tenant_ids: list[str]) -> list[str]:
    """The primary addresses of tenants."""
    return list(
        Domain.objects.filter(tenant_id__in=tenant_ids, is_primary=True)
        .order_by("domain")
        .values_list("domain", flat=True)
    )


class PlansField(forms.MultipleChoiceField):
    """Plans that exist, by key."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, choices=plan_choices, **options)


def plan_choices() -> list[tuple[str, str]]:
    return [(plan.key, str(plan)) for plan in Plan.objects.all()]


class AnnouncementForm(forms.Form):
    title_en = forms.CharField(label=_("Title (English)"), max_length=120)
    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=120)
    text_en = forms.CharField(
        label=_("Text (English)"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    text_zh = forms.CharField(
        label=_("Text (Chinese)"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    severity = forms.ChoiceField(label=_("How grave"), choices=Announcement.Severity.choices)
    plans = PlansField(label=_("Only for plans"), help_text=_("None, and no workspaces: for everybody."))
    tenants = Names(label=_("Only for workspaces"), help_text=_("Their addresses."))
    starts_at = forms.DateTimeField(
        label=_("From (UTC)"), required=False, widget=_MOMENT, help_text=_("Empty: now.")
    )
    ends_at = forms.DateTimeField(
        label=_("Until (UTC)"), required=False, widget=_MOMENT, help_text=_("Empty: until it is withdrawn.")
    )

    def clean_starts_at(self) -> Any:
        return self.cleaned_data.get("starts_at") or now()


class SwitchForm(forms.Form):
    percent = forms.IntegerField(label=_("Percentage of all tenants"), min_value=0, max_value=100)
    plans = PlansField(label=_("And tenants of these plans"))
    tenants_on = Names(label=_("And these workspaces"), help_text=_("Their addresses."))
    tenants_off = Names(label=_("But never these"), help_text=_("Wins over all else."))


class DefaultsForm(forms.Form):
    policy = forms.ChoiceField(
        label=_("Support access of workspaces that have said nothing"),
        choices=Policy.choices,
        widget=forms.RadioSelect,
    )


class MailForm(forms.Form):
    mail = forms.EmailField(label=_("Mail"), max_length=254)


class CouponForm(forms.Form):
    code = forms.CharField(label=pgettext_lazy("coupon", "Code"), max_length=40)
    name = forms.CharField(label=pgettext_lazy("coupon", "Name"), max_length=40, required=False)
    percent_off = forms.DecimalField(
        label=_("Percent off"), max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False
    )
    amount_off = forms.CharField(
        label=_("Or an amount off"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("Off each invoice that it counts for."),
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    duration = forms.ChoiceField(label=_("For"), choices=Coupon.Duration.choices)
    months = forms.IntegerField(label=_("How many months"), required=False, min_value=1, max_value=60)
    max_redemptions = forms.IntegerField(label=_("How often it can be used"), required=False, min_value=1)
    redeem_by = forms.DateTimeField(label=_("Can be used until (UTC)"), required=False, widget=_MOMENT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sold = [(each, each) for each in sale_currencies()]
        self.fields["currency"].choices = [("", "—"), *sold]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """amount_off becomes amount_off_minor, in the currency's minor units."""
        given = super().clean() or {}
        typed, currency = given.pop("amount_off", ""), given.get("currency", "")
        given["amount_off_minor"] = None
        if typed and not currency:
            self.add_error("currency", gettext("An amount needs its currency."))
        elif typed:
            try:
                given["amount_off_minor"] = read_amount(typed, currency)
            except NotAnAmount as error:
                self.add_error("amount_off", str(error))
        return given
