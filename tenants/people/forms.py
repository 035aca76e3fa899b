"""Forms of the people pages. Reading and rules stay with the services; these say what is asked."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.places import time_zones
from tenants.people.languages import offered_languages
from tenants.people.roles.services import role_choices
from web.pickers import SearchedMultiple, SearchedSelect

_MAIL = {"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}


class PeoplePicker(forms.Select):
    """A select that asks the server for people as one types."""

    def __init__(self, label: str = "") -> None:
        super().__init__(attrs={"data-picker": "", "data-label": label, "data-source": "/people/pick/"})

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        self.choices = [("", "—"), *((each, each) for each in value if each)]
        return super().optgroups(name, value, attrs)


class InviteForm(forms.Form):
    mails = forms.CharField(
        label=_("Mail addresses"),
        help_text=_("One or several, separated by spaces, commas or lines."),
        widget=forms.Textarea(attrs={"rows": 3, "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=role_choices,
        help_text=_("Administrators may do everything. What the others may do stands under Settings, Roles."),
    )


class PlaceholderForm(forms.Form):
    mail = forms.EmailField(label=_("Mail"), widget=forms.EmailInput(attrs=_MAIL))
    role = forms.ChoiceField(label=_("Role"), choices=role_choices)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=role_choices)


class ToPersonForm(forms.Form):
    to = forms.CharField(label=_("To"), widget=PeoplePicker(label="To"))


class JoinForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 10 characters, not only digits, nothing that others guess first."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    members = forms.MultipleChoiceField(
        label=_("Members"),
        required=False,
        help_text=_("A person is in one team: who joins leaves the former one."),
        widget=SearchedMultiple,
    )

    leader = forms.ChoiceField(
        label=_("Team leader"),
        required=False,
        help_text=_("Sees what belongs to the team, as far as the role reaches to teams."),
        widget=SearchedSelect,
    )
    parent = forms.ChoiceField(label=_("Part of"), required=False, widget=SearchedSelect)

    def __init__(
        self, *args: Any, people: Mapping[str, str], teams: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, known in (("leader", people), ("parent", teams)):
            field: Any = self.fields[name]
            field.choices = [("", "—"), *known.items()]
            field.widget.attrs["data-label"] = field.label
        members: Any = self.fields["members"]
        members.choices = list(people.items())
        members.widget.attrs["data-label"] = members.label


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    job_title = forms.CharField(
        label=_("Job title"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, widget=SearchedSelect)
    keyboard_shortcuts = forms.BooleanField(
        label=_("Keyboard shortcuts"),
        required=False,
        help_text=_("Single letters that jump and act. Press ? to see them."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        as_workspace = ("", gettext("As the workspace"))
        language, zone = (self.fields[name] for name in ("language", "time_zone"))
        offered = offered_languages()
        names = [(code, own) for code, own in language_names() if code in offered]
        language.choices = [as_workspace, *names]  # type: ignore[attr-defined]
        zone.choices = [as_workspace, *((name, label) for name, label, _country in time_zones())]  # type: ignore[attr-defined]
        zone.widget.attrs["data-label"] = zone.label


class NewMailForm(forms.Form):
    mail = forms.EmailField(label=_("New mail address"), widget=forms.EmailInput(attrs=_MAIL))


def language_names() -> list[tuple[str, str]]:
    """Each language in its own words: who cannot read the page finds theirs."""
    own = {"en": "English", "zh-hans": "简体中文"}
    return [(code, own.get(code, str(name))) for code, name in settings.LANGUAGES]


def with_problems(form: forms.Form, problems: Mapping[str, Any], sentence: Any = "") -> forms.Form:
    """The form with what a service refused: at the fields it knows, above them otherwise."""
    shown = False
    for name, text in problems.items():
        if name in form.fields:
            form.add_error(name, text if isinstance(text, list) else str(text))
            shown = True
    if not shown:
        form.add_error(None, str(sentence))
    return form
