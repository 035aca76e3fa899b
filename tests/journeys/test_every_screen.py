"""Every page that a route serves, looked at as people do: accessible, within its window, silent, in its language.

GUANXI_PICTURES: a folder; then each page is also kept there as a picture, to be looked at.
"""

import os
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation

from core.clock import now
from core.records.fields import Mail
from core.records.types import record_type, record_types
from core.records.writing import bin_records, create_record
from core.tenancy.scope import public_scope
from crm.accounts.models import Contact
from crm.activities.services.activities import plan_task
from crm.samples.services import add_samples
from tenants.people.models import User
from tests.billing.begin import subscribe
from tests.isolation.routes import RECORD_ROUTES, WORKSPACE_ROUTES, Route
from tests.journeys.console import forget_neighbours, furnish_console
from tests.looking import overflow, violations, widened_list
from tests.things import things_of

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("GUANXI_PICTURES", "")
ALLAUTH_PAGES = [
    "/account/password/change/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/sessions/",
]
OUTSIDE = ["/account/login/", "/account/password/reset/", "/account/password/reset/done/", "/nowhere/"]
# Fragments, files and JSON: not pages of their own.
NOT_PAGES = {"palette", "timeline_more", "board_more", "mentions", "team_pick", "picture", "file", "export_file",
             "file_preview", "import_errors", "import_progress", "export_progress", "record_count", "record_pick",
             "week_picture", "numbering_preview", "branding_preview", "formats_preview",
             "record_export", "look_alikes", "record_filter", "record_tab", "record_field", "view_new",
             # Moves on by itself as soon as it knows what became of a payment.
             "billing_back", "hand_over_preview", "security_log_export"}  # fmt: skip


LONG = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauamt"
LONG_MAIL = f"{'rindfleischetikettierungsueberwachung'}@{'x' * 14}.example"


@pytest.fixture
def furnished(live_workspace: Any) -> Any:
    """A workspace with sample data and one of everything that a page shows, under a name that needs some room."""
    owner = live_workspace.owner
    assert (len(LONG), len(LONG_MAIL)) == (60, 60)
    with live_workspace.scope(), translation.override("en"):
        owner.name = LONG
        owner.save(update_fields=["name"])
        add_samples(by=owner)
        records = {
            kind.key: create_record(kind, {kind.title: LONG, **_mails(kind)}, by=owner)
            for kind in record_types()
            if kind.creatable
        }
        for kind in ("meeting", "visit", "call"):
            plan_task(title=f"{kind} {LONG}", kind=kind, due_at=now(), by=owner)
            plan_task(title=kind, kind=kind, due_at=now(), target=records["account"].record, by=owner)
        create_record(
            record_type("opportunity"), {"name": LONG, "amount": Decimal("98765432109.87")}, by=owner
        )
        bin_records(
            record_type("contact"), Contact.objects.order_by("pk").values_list("pk", flat=True)[:2], by=owner
        )
    live_workspace.things = things_of(live_workspace, records)
    subscribe(live_workspace)
    return live_workspace


def _mails(kind: Any) -> dict[str, str]:
    return {field.attribute: LONG_MAIL for field in kind.editable if isinstance(field, Mail)}


def addresses_of(things: dict[str, Any]) -> Iterator[str]:
    """Every page behind sign-in."""
    for name, route in WORKSPACE_ROUTES.items():
        if route.method == "GET" and route.accepted == (200,) and name not in NOT_PAGES:
            yield _address(name, route, things)
    for name, route in RECORD_ROUTES.items():
        if route.method == "GET" and route.accepted == (200,) and name not in NOT_PAGES:
            for kind in record_types():
                if kind.creatable and (kind.owner or name != "record_share"):
                    yield _record_address(name, route, kind, things)
    yield from ALLAUTH_PAGES


def _address(name: str, route: Route, things: dict[str, Any]) -> str:
    arguments = dict(route.args)
    if "kind" in arguments:
        arguments["kind"] = record_type(arguments["kind"])
    for argument, thing in (each.split(":") for each in route.ids):
        arguments[argument] = things[thing]
    url = reverse(name, kwargs=arguments, urlconf=settings.ROOT_URLCONF)
    return f"{url}?{route.query}" if route.query else url


def _record_address(name: str, route: Route, kind: Any, things: dict[str, Any]) -> str:
    arguments = {"kind": kind, **route.args}
    if "record_id" in route.ids:
        arguments["record_id"] = things[kind.key]
    return reverse(name, kwargs=arguments, urlconf=settings.ROOT_URLCONF)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("en", "light", 1440), ("en", "dark", 390), ("zh-hans", "dark", 1440), ("zh-hans", "light", 320)],
)
def test_every_page_is_accessible_fits_and_says_nothing_to_the_console(
    furnished, page_of, language, scheme, width
):
    with furnished.scope():
        furnished.owner.language = language
        furnished.owner.save(update_fields=["language"])
    cache.clear()
    page = page_of(furnished, furnished.owner)
    page.set_viewport_size({"width": width, "height": 900 if width > 700 else 844})
    page.emulate_media(color_scheme=scheme)
    faults = [
        f"{address}: {fault}"
        for address in addresses_of(furnished.things)
        for fault in faults_of(page, address, f"{language}-{scheme}-{width}")
    ]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 320)])
def test_the_pages_before_sign_in_too(live_workspace, browser, server, scheme, width):
    context = browser.new_context(
        base_url=f"http://{live_workspace.host}:{server}",
        color_scheme=scheme,
        viewport={"width": width, "height": 844},
        locale="zh-CN",
    )
    page = context.new_page()
    faults = [
        f"{address}: {fault}"
        for address in OUTSIDE
        for fault in faults_of(page, address, f"outside-{scheme}-{width}", found=address != "/nowhere/")
    ]
    context.close()
    assert not faults, "\n" + "\n".join(faults)


@pytest.fixture
def console_page(live_workspace: Any, live_operator: Any, browser: Any, server: int) -> Iterator[Callable]:
    """console_page(language, scheme, width) → (a page of an operator at work, every address of the console)."""
    cookies, addresses = furnish_console(live_workspace, live_operator)
    contexts: list[Any] = []

    def open_page(language: str, scheme: str, width: int) -> tuple[Any, list[str]]:
        with public_scope(switch=True, reason="test"):
            User.objects.filter(pk=live_operator.pk).update(language=language)
        context = browser.new_context(
            base_url=f"http://{settings.GUANXI['BASE_HOST']}:{server}",
            color_scheme=scheme,
            viewport={"width": width, "height": 900 if width > 700 else 844},
        )
        context.add_cookies(cookies)
        contexts.append(context)
        return context.new_page(), addresses

    yield open_page
    for context in contexts:
        context.close()
    forget_neighbours()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("en", "light", 1440), ("en", "dark", 390), ("zh-hans", "dark", 1440), ("zh-hans", "light", 320)],
)
def test_every_page_of_the_console_too(console_page, language, scheme, width):
    page, addresses = console_page(language, scheme, width)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    faults = [
        f"{address}: {fault}"
        for address in addresses
        for fault in faults_of(page, address, f"console-{language}-{scheme}-{width}")
    ]
    # A fresh window, before sign-in.
    page.context.clear_cookies()
    faults += faults_of(page, "/console/sign-in/", f"console-{language}-{scheme}-{width}")
    assert not faults, "\n" + "\n".join(faults)
    assert complaints == []


def faults_of(page: Any, address: str, folder: str, *, found: bool = True) -> list[str]:
    """What is wrong with one page; keeps its picture where pictures are wanted."""
    answer = page.goto(address)
    if PICTURES:
        name = re.sub(r"[0-9a-f-]{36}", "id", address.strip("/")).replace("/", "_") or "root"
        page.screenshot(path=Path(PICTURES) / folder / f"{re.sub(r'[^a-z0-9_-]', '-', name)}.png")
    faults = violations(page)
    if found and answer.status != 200:
        faults.append(f"answered {answer.status}")
    if (wider := overflow(page)) > 0:
        faults.append(f"{wider} pixels too wide")
    if (wider := widened_list(page)) > 0:
        faults.append(f"a list is {wider} pixels wider than its place")
    return faults
