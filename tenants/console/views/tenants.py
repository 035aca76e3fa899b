"""The list of tenants: the console's first page."""

import csv
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.clock import now
from core.money import format_minor, from_minor, short_money
from tenants.console.figures import last_days, run_of
from tenants.console.own_lists import COLUMNS, own_filters, shown_columns
from tenants.console.paging import page_of
from tenants.console.rows import TenantRow, row_of
from tenants.console.selectors import (
    SORTS,
    TABS,
    found_tenants,
    monthly_revenue,
    paying_tenants,
    tab_counts,
)
from tenants.console.views.bulk import verbs
from tenants.registry.events import record_event

_PALETTE_ROWS = 8
_EXPORT_STEP = 500


@require_safe
def tenant_list(request: HttpRequest) -> HttpResponse:
    """Tenants under a tab, searched and sorted; everything that shapes it stands in the address."""
    tab, search, sort = asked_list(request)
    order = SORTS[sort]
    page = page_of(
        found_tenants(tab=tab, search=search),
        by=order.expression,
        descending=order.descending,
        cursor=request.GET.get("after", ""),
    )
    at = now()
    counts = tab_counts()
    here = {"tab": tab, "q": search, "sort": sort}
    own = own_filters(request.user)
    present = next((each for each in own if (each.tab, each.search, each.sort) == (tab, search, sort)), None)
    columns = shown_columns(request.user)
    context = {
        "title": _("Tenants"),
        "rows": [row_of(tenant, at) for tenant in page.rows],
        "tabs": [
            (
                str(words),
                _address({"tab": name, "sort": sort}),
                number_format(counts[name]),
                name == tab and not present,
            )
            for name, words in TABS.items()
        ],
        "own_tabs": [
            (each.name, list_address(tab=each.tab, search=each.search, sort=each.sort), each == present)
            for each in own
        ],
        "present_filter": present,
        "columns": [(name, words, name in columns) for name, words in COLUMNS.items()],
        "shown": columns,
        "verbs": verbs(),
        "tab": tab,
        "search": search,
        "sort": sort,
        "sorts": [(name, str(each.label)) for name, each in SORTS.items()],
        "newer": _address({**here, "after": page.newer}) if page.newer else "",
        "older": _address({**here, "after": page.older}) if page.older else "",
        "figures": _figures(counts),
    }
    return render(request, "tenants/console/tenants.html", context)


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """The palette's search."""
    text = request.GET.get("q", "").strip()[:200]
    found = found_tenants(tab="all", search=text).order_by("name")[:_PALETTE_ROWS] if text else []
    items = [
        {
            "label": each.name,
            "sub": each.host,
            "icon": "building-2",
            "href": reverse("tenant", args=[each.pk]),
        }
        for each in found
    ]
    groups = [(_("Tenants"), items)] if items else []
    return render(request, "web/_palette_results.html", {"groups": groups})


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The tenants of the tab and search as CSV; written to the access log."""
    tab, search, sort = asked_list(request, request.POST)
    record_event(
        "exported",
        actor=request.user.name,
        operator_id=request.user.pk,
        tab=tab,
        search=search,  # type: ignore[union-attr]
    )
    rows = found_tenants(tab=tab, search=search).order_by("name", "pk")
    response = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="tenants.csv"'
    return response


def _csv(tenants: Any) -> Iterator[str]:
    """A byte-order mark first, so that Excel reads Chinese."""
    at = now()
    yield "\ufeff" + _line([str(words) for words in TenantRow.csv_heads()])
    for tenant in tenants.iterator(chunk_size=_EXPORT_STEP):
        yield _line(row_of(tenant, at).csv_cells())


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    # A cell that begins like a formula would be run by a spreadsheet.
    csv.writer(out).writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in cells])
    return out.getvalue()


def asked_list(request: HttpRequest, given: Any = None) -> tuple[str, str, str]:
    """Tab, search and sort; what is not known is the first."""
    given = request.GET if given is None else given
    tab, sort = given.get("tab", ""), given.get("sort", "")
    return tab if tab in TABS else "all", given.get("q", "")[:200], sort if sort in SORTS else "opened"


def list_address(*, tab: str, search: str, sort: str) -> str:
    """Of the list under a tab, searched and sorted."""
    return _address({"tab": tab, "q": search, "sort": sort})


def _address(parts: dict[str, str]) -> str:
    kept = {name: value for name, value in parts.items() if value and (name, value) not in _PLAIN}
    return reverse("console") + (f"?{urlencode(kept)}" if kept else "")


_PLAIN = {("tab", "all"), ("sort", "opened")}


def _figures(counts: dict[str, int]) -> list[dict[str, Any]]:
    revenue = monthly_revenue()
    currency, total = revenue[0] if revenue else ("USD", 0)
    others = ", ".join(short_money(from_minor(minor, each), each) for each, minor in revenue[1:3])
    days = last_days()

    def money(minor: int) -> str:
        return format_minor(minor, currency, trim=True)

    figures: list[dict[str, Any]] = [
        {
            "label": _("Monthly revenue"),
            "value": money(total),
            "note": _("and %(others)s") % {"others": others} if others else _("of all that is paid now"),
            "run": run_of(days, lambda day: day.monthly_minor.get(currency, 0), money),
        },
        {
            "label": _("Paying tenants"),
            "value": number_format(paying_tenants()),
            "note": _("of %(count)s") % {"count": number_format(counts["all"])},
            "run": run_of(days, lambda day: day.paying, number_format),
        },
        {
            "label": _("Trials ending"),
            "value": number_format(counts["trials"]),
            "note": _("within a week"),
            "href": _address({"tab": "trials"}),
            "run": run_of(days, lambda day: day.trials_ending, number_format),
        },
        {
            "label": _("Past due"),
            "value": number_format(counts["unpaid"]),
            "note": _("waiting for money"),
            "href": _address({"tab": "unpaid"}),
            "run": run_of(days, lambda day: day.past_due, number_format),
        },
    ]
    return figures
