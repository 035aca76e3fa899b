"""The living page: every component in every state, for developers and for the tests of the kit.

It is served only where GUANXI["DEV"] is on; elsewhere each of its addresses answers 404.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_safe

from web import charts
from web import living_samples as samples
from web.shell import Place

View = Callable[..., HttpResponse]


def developers_only(view: View) -> View:
    """404 in production; `?lang=zh-hans` shows a page in that language."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.GUANXI["DEV"]:
            raise Http404
        language = request.GET.get("lang") or request.COOKIES.get("lang", "en")
        with override(language if language in dict(settings.LANGUAGES) else "en"):
            response = view(request, *args, **kwargs)
        response.set_cookie("lang", language, samesite="Lax")
        return response

    return guarded


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=gettext_lazy("Name"), help_text=gettext_lazy("As it stands on an invoice."))
    mail = forms.EmailField(label=gettext_lazy("Mail"))
    tier = forms.ChoiceField(label=gettext_lazy("Tier"), choices=[("a", "A"), ("b", "B")], required=False)
    since = forms.DateField(
        label=gettext_lazy("Since"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    about = forms.CharField(
        label=gettext_lazy("About"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


def _page(request: HttpRequest, template: str, name: str, **context: Any) -> HttpResponse:
    return render(request, template, {"shell": samples.shell(name), **context})


@require_safe
@developers_only
def components(request: HttpRequest) -> HttpResponse:
    """The atoms and small parts, each in all its states."""
    refused = SampleForm({"name": "", "mail": "maya", "tier": "a"})
    return _page(
        request,
        "web/living.html",
        "",
        living_pages=[
            (_("Form"), "/living/form"),
            (_("Job"), "/living/job"),
            (_("Public"), "/living/public"),
        ],
        tones=["green", "amber", "red", "blue", "violet", "teal", "ok"],
        people=samples.told(samples.PEOPLE),
        firms=samples.told(samples.FIRMS),
        works=samples.told(samples.JOBS),
        kpis=samples.kpis(),
        jobs=[samples.job(state) for state in ("running", "waiting", "done", "failed", "cancelled")],
        tabs=[
            (_("Timeline"), "#", "", True),
            (_("Opportunities"), "#", 2, False),
            (_("Files"), "#", 18, False),
        ],
        steps=[_("Upload"), _("Map"), _("Check"), _("Run")],
        form=SampleForm(),
        refused=refused,
        columns=[("tier", _("Tier"), True), ("trade", _("Trade"), True), ("owner", _("Owner"), False)],
        kinds=_kinds(),
        picks=[(str(place), firm) for place, firm in enumerate(samples.told(samples.FIRMS))],
    )


@require_safe
@developers_only
def pictures(request: HttpRequest) -> HttpResponse:
    """Every chart, with figures and with none."""
    figures, shown = samples.figures(), samples.money
    return _page(
        request,
        "web/living_charts.html",
        "charts",
        bars=charts.bars(figures),
        funnel=charts.funnel(figures),
        figures=figures,
        columns=charts.columns(samples.months(), shown),
        line=charts.line(samples.months(40), shown),
        nothing=charts.columns([], shown),
        parts=charts.share_of_whole(figures),
    )


def _kinds() -> list[tuple[str, str, str]]:
    return [
        ("note", _("Note"), "message-square"),
        ("call", _("Call"), "phone"),
        ("meeting", _("Meeting"), "calendar"),
        ("task", _("Task"), "square-check"),
    ]


@require_safe
@developers_only
def accounts(request: HttpRequest) -> HttpResponse:
    """The list template."""
    firms = samples.told(samples.FIRMS)
    rows = [
        {
            "id": place,
            "name": firms[place % 4],
            "trade": samples.told(samples.TRADES)[place % 4],
            "owner": samples.told(samples.PEOPLE)[place % 3],
            "value": samples.money(60_800 - place * 1_900),
            "next": (
                _("Overdue, 2 days"),
                _("No next step"),
                _("Call today, 14:00"),
                _("Visit, 23 November"),
            )[place % 4],
            "tone": samples.NEXT_TONES[place % 4],
        }
        for place in range(20)
    ]
    nothing = "empty" in request.GET
    return _page(
        request,
        "web/list.html",
        "list",
        title=_("Accounts"),
        count="1,000+",
        caption=_("Accounts, by open value, highest first"),
        create=Place(_("New account"), "/living/form", "plus"),
        actions=[Place(_("Import"), "/living/job", "upload")],
        tabs=[
            (_("All"), "#", "1,000+", True),
            (_("Mine"), "#", 148, False),
            (_("Quiet for 30 days"), "#", 37, False),
        ],
        list_url="/living/list",
        search_hint=_("Name, phone or mail"),
        filters=[(_("Owner"), _("My team"), "/living/list")],
        filter_fields=[("tier", _("Tier"), "/living/dialog"), ("trade", _("Trade"), "/living/dialog")],
        save_view_url="/living/dialog",
        columns=[("trade", _("Trade"), True), ("owner", _("Owner"), True), ("value", _("Open value"), True)],
        columns_shown=3,
        heads=[
            {"label": _("Account"), "href": "?sort=name"},
            {"label": _("Trade"), "href": "?sort=trade"},
            {"label": _("Owner")},
            {"label": _("Open value"), "href": "?sort=value", "sorted": "descending", "cls": "r"},
            {"label": _("Next step")},
        ],
        rows_html=mark_safe(render_to_string("web/_living_rows.html", {"rows": rows})),
        empty={"sentence": _("No accounts yet."), "href": "/living/form", "label": _("New account")}
        if nothing
        else None,
        shown=_("%(count)s of 1,000+") % {"count": 20},
        older="?after=20",
        bulk=[
            {"label": _("Assign"), "icon": "user", "url": "/living/dialog"},
            {"label": _("Bin"), "icon": "trash-2", "url": "/living/dialog"},
        ],
    )


@require_safe
@developers_only
def record(request: HttpRequest) -> HttpResponse:
    """The record template."""
    firm, person = samples.told(samples.FIRMS)[0], samples.told(samples.PEOPLE)[0]
    moments = [
        render_to_string(
            "web/_living_moment.html", {"who": person, "icon": icon, "tone": tone, "what": what, "text": text}
        )
        for icon, tone, what, text in (
            ("phone", "green", _("called, 8 minutes"), _("Likes the second layout.")),
            ("mail", "blue", _("replied by mail"), _("Please look at page 3.")),
            ("arrow-right", "violet", _("moved an opportunity on"), ""),
        )
    ]
    return _page(
        request,
        "web/record.html",
        "record",
        crumb=Place(_("Accounts"), "/living/list", "building-2"),
        position=_("%(place)s of %(count)s") % {"place": 3, "count": 148},
        record={
            "title": firm,
            "avatar": firm,
            "status": _("Customer"),
            "status_tone": "green",
            "sub": samples.told(samples.TRADES)[0],
        },
        primary=Place(_("New opportunity"), "/living/form", "plus"),
        actions=[Place(_("Mail"), "/living/form", "mail"), Place(_("Call"), "/living/form", "phone")],
        menu=[
            Place(_("Merge"), "/living/form", "merge"),
            {"label": _("Bin"), "icon": "trash-2", "post": "/living/touch"},
        ],
        facts=[
            (_("Won to date"), samples.money(182_400), "5"),
            (_("Open"), samples.money(60_800), "2"),
            (_("Overdue"), "0", ""),
            (_("Last contact"), _("Today"), ""),
        ],
        tabs=[
            (_("Timeline"), "#", "", True),
            (_("Opportunities"), "#", 2, False),
            (_("History"), "#", "", False),
        ],
        composer={"action": "/living/touch", "mention_url": "/living/people", "kinds": _kinds()},
        timeline=[(_("Today"), moments)],
        older_url="/living/dialog",
        next={
            "sentence": _("Send the third layout"),
            "when": _("Tomorrow by 12:00"),
            "done_url": "/living/touch",
        },
        fields=[
            {"label": _("Owner"), "icon": "user", "value": person},
            {"label": _("Phone"), "icon": "phone", "value": "+44 113 496 0140", "edit_url": "/living/field"},
            {"label": _("Trade"), "icon": "tag", "value": "", "edit_url": "/living/field?name=trade"},
            {"label": _("Website"), "icon": "globe", "value": "northgate.example", "href": "/living/record"},
        ],
        related=[
            {
                "label": _("Opportunities"),
                "count": 2,
                "create_url": "/living/form",
                "href": "/living/board",
                "html": "",
            }
        ],
    )


@require_safe
@developers_only
def board(request: HttpRequest) -> HttpResponse:
    """The board template."""
    return _page(
        request,
        "web/board.html",
        "board",
        title=_("Pipeline"),
        pipelines=[(_("Fit-out projects"), "#", True), (_("Care plans"), "#", False)],
        views=[
            (_("Board"), "/living/board", "square-kanban", True),
            (_("Table"), "/living/list", "table-2", False),
        ],
        create=Place(_("New opportunity"), "/living/form", "plus"),
        filters=[(_("Owner"), _("My team"), "/living/board")],
        filter_fields=[],
        tabs=[],
        search="",
        search_hint=_("Search"),
        list_url="/living/board",
        save_view_url="",
        summary=_("%(total)s open") % {"total": samples.money(412_900)},
        stages=samples.stages(),
    )


@require_safe
@developers_only
def form_page(request: HttpRequest) -> HttpResponse:
    """The form template, refused once with `?refused`."""
    form = SampleForm({"name": "", "mail": "maya"}) if "refused" in request.GET else SampleForm()
    crumb = Place(_("Accounts"), "/living/list", "building-2")
    return _page(
        request,
        "web/form.html",
        "form",
        title=_("New account"),
        crumb=crumb,
        form=form,
        wide=["about"],
        submit=_("Save"),
        cancel_url="/living/list",
    )


@require_safe
@developers_only
def job_page(request: HttpRequest) -> HttpResponse:
    """The job template."""
    steps = [_("Upload"), _("Map"), _("Check"), _("Run")]
    return _page(
        request,
        "web/job.html",
        "job",
        title=_("Import accounts"),
        crumb=Place(_("Import"), "#", "upload"),
        job=samples.job("running"),
        steps=steps,
        step=4,
    )


@require_safe
@developers_only
def settings_page(request: HttpRequest) -> HttpResponse:
    """The settings template."""
    nav = [(_("General"), "#", True), (_("People"), "#", False), (_("Import and export"), "#", False)]
    return _page(request, "web/settings.html", "settings", title=_("General"), settings_nav=nav)


@require_safe
@developers_only
def public(request: HttpRequest) -> HttpResponse:
    """The template of pages without a workspace."""
    return render(request, "web/living_public.html", {"form": SampleForm()})


@require_safe
@developers_only
def error(request: HttpRequest, status: str) -> HttpResponse:
    """The error page in each of its kinds."""
    return render(request, "web/error.html", {"status": int(status) if status.isdigit() else status})
