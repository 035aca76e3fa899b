"""Settings → Languages and formats."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.dateformat import format as format_date
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.numberformat import format as format_number
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import today
from core.errors import DomainError
from core.formats import format_of_language
from core.tenancy.scope import current_snapshot
from crm.workspace.rules.formats import DATES, NUMBERS, WEEK_STARTS, Formats, django_formats
from crm.workspace.selectors.formats import formats_now
from crm.workspace.services.formats import set_formats
from tenants.people.forms import language_names
from tenants.people.languages import offered_languages
from tenants.people.rights import require_administrator
from web.answers import go

_HOME = "/settings/formats/"
_NAMES = ("dates", "numbers", "week", "names")
_SAMPLE = Decimal("1234567.5")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def formats_settings(request: HttpRequest) -> HttpResponse:
    """Which languages are offered, and how dates, numbers and names are written."""
    user: Any = request.user
    require_administrator(user)
    if request.method != "POST":
        return _page(request, formats_now(), offered_languages())
    chosen, languages = _read(request.POST), request.POST.getlist("language")
    try:
        batch = set_formats(chosen, languages=languages, by=user)
    except DomainError as error:
        return _page(request, chosen, languages, error)
    return go(request, _HOME, _("Saved"), batch=batch)


@require_safe
@login_required
def formats_preview(request: HttpRequest) -> HttpResponse:
    """What is being chosen, written out."""
    require_administrator(request.user)  # type: ignore[arg-type]
    return render(request, "crm/workspace/_written.html", {"written": _written(_read(request.GET))})


def _read(data: QueryDict) -> Formats:
    return Formats(**{name: data.get(name, "") for name in _NAMES})


def _page(
    request: HttpRequest, chosen: Formats, languages: list[str], problem: DomainError | None = None
) -> HttpResponse:
    as_language = ("", _("As the language has it"))
    day = today()
    own = current_snapshot().language
    context = {
        "title": _("Languages and formats"),
        "languages": [
            (code, name, code in languages or code == own, code == own) for code, name in language_names()
        ],
        "chosen": chosen,
        "dates": [as_language, *((key, format_date(day, style)) for key, style in DATES.items())],
        "numbers": [as_language, *((key, _number(mark)) for key, mark in NUMBERS.items())],
        "weeks": [
            as_language,
            *((key, str(WEEKDAYS[(first - 1) % 7])) for key, first in WEEK_STARTS.items()),
        ],
        "names": [
            ("", _("As the name is written")),
            ("given", _("Given name first")),
            ("family", _("Family name first")),
        ],
        "problems": {name: [str(text)] for name, text in problem.fields.items()} if problem else {},
        "written": _written(chosen),
    }
    return render(request, "crm/workspace/formats.html", context, status=problem.status if problem else 200)


def _written(chosen: Formats) -> list[tuple[str, str]]:
    """(what, as it would be written) in the reader's language."""
    wishes = django_formats(chosen)

    def style(name: str) -> Any:
        return wishes[name] if name in wishes else format_of_language(name)

    first = int(style("FIRST_DAY_OF_WEEK"))
    day = dt.datetime.combine(today(), dt.time(14, 5))
    week = [str(WEEKDAYS[(first - 1 + number) % 7]) for number in (0, 6)]
    return [
        (_("Day"), format_date(day, style("SHORT_DATE_FORMAT"))),
        (_("Day and time"), format_date(day, style("SHORT_DATETIME_FORMAT"))),
        (_("In a sentence"), date_format(day, "DATE_FORMAT")),
        (_("Number"), _number(style("THOUSAND_SEPARATOR"))),
        (_("Week"), f"{week[0]} – {week[1]}"),
    ]


def _number(mark: str) -> str:
    return str(format_number(_SAMPLE, ".", 2, grouping=3, thousand_sep=mark, force_grouping=True))
