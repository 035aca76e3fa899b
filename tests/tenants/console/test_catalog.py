"""Plans, add-ons and tax rates in the console, with Stripe's stand-in."""

import pytest
from django.conf import settings

from billing.gateway.catalog import prices_there
from billing.plans.models import Plan, TaxRate
from billing.plans.selectors import current_version, draft_of
from billing.plans.services import make_first_catalog
from core.errors import DomainError
from tenants.console.catalog.amounts import read_amount, write_amount
from tenants.console.catalog.grid import PLAN_COLUMNS, read_grid
from tenants.console.catalog.syncing import Sync, look_at_prices, wanted_of_version
from tenants.registry.models import TenantEvent
from tests.billing.begin import subscribe
from tests.billing.conftest import stripe  # noqa: F401

pytestmark = pytest.mark.django_db
DRAFT = {
    "included_seats": "3", "max_seats": "50", "features": ["api"], "limit_records": "100000",
    "limit_storage_bytes": "50", "limit_mails": "", "limit_api_calls": "20000", "limit_automation_runs": "5000",
    "currency_0": "USD", "month_base_0": "42.00", "month_seat_0": "12", "year_base_0": "", "year_seat_0": "",
    "currency_1": "JPY", "month_base_1": "5,800", "month_seat_1": "0", "year_base_1": "58000", "year_seat_1": "1",
    "currency_2": "",
}  # fmt: skip
PATH = "/console/plans/growth/"


@pytest.fixture(autouse=True)
def _for_sale(db, in_public):
    with in_public():
        make_first_catalog()


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("39", "USD", 3900), ("1,234.50", "USD", 123450), ("0.5", "EUR", 50), ("1800", "JPY", 1800),
     ("1800.00", "JPY", 1800), ("1.250", "KWD", 1250), (" ３９ ", "CNY", 3900), ("12.500", "USD", 1250)],
)  # fmt: skip
def test_amounts_are_read_in_the_currencys_own_units(text, currency, minor):
    assert read_amount(text, currency) == minor
    assert read_amount(write_amount(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [("", "USD"), ("12,50", "USD"), ("1800.5", "JPY"), ("1.999", "USD"), ("-1", "USD"), ("1e5", "USD"),
     ("$5", "USD"), ("1,23,4", "USD"), ("NaN", "USD"), ("9" * 13, "USD"), ("٣", "USD")],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text, currency):
    with pytest.raises(DomainError):
        read_amount(text, currency)


def test_a_grid_shows_each_slip_where_it_is():
    grid, prices = read_grid(
        PLAN_COLUMNS,
        {"currency_0": "USD", "month_base_0": "39", "month_seat_0": "", "currency_1": "USD", "year_base_1": "1",
         "currency_2": "", "month_base_2": "7", "currency_3": "JPY", "month_base_3": "1.5", "month_seat_3": "2",
         "currency_4": "EUR"},
    )  # fmt: skip
    assert grid.has_errors
    assert [bool(row.error) for row in grid.rows] == [False, True, True, False, False]
    assert [cell.name for row in grid.rows for cell in row.cells if cell.error] == [
        "month_seat_0",
        "month_base_3",
    ]
    assert ("EUR", "month") not in prices
    assert read_grid(PLAN_COLUMNS, {"currency_0": "USD"})[0].error


def test_nothing_typed_is_lost_on_an_error(console, in_public):
    answer = console.post(f"{PATH}draft/", {**DRAFT, "month_base_0": "42,5", "limit_mails": "many"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for typed in ('value="42,5"', 'value="many"', 'value="5,800"', 'value="58000"'):
        assert typed in page
    answer = console.post(f"{PATH}draft/", {**DRAFT, "max_seats": "2"})
    assert answer.status_code == 422 and 'value="42.00"' in answer.content.decode()
    with in_public():
        assert draft_of(Plan.objects.get(pk="growth")) is None


def test_a_version_is_drafted_looked_at_and_published(console, in_public, workspace, stripe):  # noqa: F811
    subscribe(workspace)
    assert console.post(f"{PATH}draft/", DRAFT).url == f"{PATH}publish/"
    with in_public():
        old = current_version("growth")
        draft = draft_of(Plan.objects.get(pk="growth"))
    page = console.get(f"{PATH}publish/")
    lines = {line.what: (line.was, line.becomes) for line in page.context["changes"]}
    assert lines["Several pipelines"] == ("yes", "no")
    assert lines["Mails this month"] == ("10,000", "no limit")
    assert lines["Price in USD, monthly, with the included seats"] == ("$39.00", "$42.00")
    assert lines["Price in EUR, yearly, each further seat"] == ("€110.00", "not sold")
    assert "API access" not in lines and "Records" not in lines
    assert console.post(f"{PATH}publish/", {"draft": str(draft.pk)}).url == PATH
    with in_public():
        new = current_version("growth")
        assert (new.pk, new.number) == (draft.pk, old.number + 1)
        wanted = wanted_of_version(new)
        assert set(look_at_prices(wanted).values()) == {Sync.THERE}
        assert TenantEvent.objects.filter(kind="plan_published", facts__number=new.number).count() == 1
    versions = {
        each.version.number: (each.on_it, each.paying) for each in console.get(PATH).context["row"].versions
    }
    assert versions[old.number][1] == 1 and versions[new.number] == (0, 0)
    # The same button once more.
    console.post(f"{PATH}publish/", {"draft": str(draft.pk)})
    with in_public():
        assert current_version("growth") == new


def test_a_draft_that_was_changed_meanwhile_is_not_published(console, in_public):
    console.post(f"{PATH}draft/", DRAFT)
    with in_public():
        seen, before = draft_of(Plan.objects.get(pk="growth")), current_version("growth")
    console.post(f"{PATH}draft/", {**DRAFT, "month_base_0": "1"})
    assert console.post(f"{PATH}publish/", {"draft": str(seen.pk)}).url == f"{PATH}publish/"
    assert console.post(f"{PATH}publish/", {"draft": "x"}).status_code == 404
    with in_public():
        assert current_version("growth") == before
    console.post(f"{PATH}draft/discard/")
    assert console.get(f"{PATH}publish/").url == PATH


@pytest.mark.parametrize(
    "path",
    ["plans/growth/publish/", "plans/scale/sale/", "plans/add-ons/records-50k/", "plans/tax-rates/new/"],
)
def test_what_changes_prices_asks_for_password_or_factor_again(path, console, monkeypatch):
    present = console.get(f"/console/{path}")
    assert "/confirm/" not in getattr(present, "url", "")
    monkeypatch.setattr("tenants.console.gate.RECENT_SECONDS", 0)
    for answer in (console.get(f"/console/{path}"), console.post(f"/console/{path}", DRAFT)):
        assert answer.status_code == 302 and answer.url.startswith("/console/account/confirm/")


def test_the_page_says_what_stripe_knows_and_tells_it(console, in_public, stripe):  # noqa: F811
    assert "Not at Stripe yet" in console.get(PATH).content.decode()
    assert console.post(f"{PATH}sync/").status_code == 302
    page = console.get(PATH).content.decode()
    assert "At Stripe" in page and "Not at Stripe yet" not in page
    with in_public():
        assert (
            len(prices_there([each.lookup_key for each in wanted_of_version(current_version("growth"))]))
            == 20
        )


def test_without_stripe_the_pages_open_and_publishing_stands(console, in_public, monkeypatch):
    monkeypatch.setitem(settings.BILLING, "STRIPE_SECRET_KEY", "sk_test_devstripe_away")
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:9")
    monkeypatch.setitem(settings.BILLING, "STRIPE_API_BASE", "http://127.0.0.1:9")
    assert "Stripe does not answer" in console.get(PATH).content.decode()
    console.post(f"{PATH}draft/", DRAFT)
    with in_public():
        draft = draft_of(Plan.objects.get(pk="growth"))
    console.post(f"{PATH}publish/", {"draft": str(draft.pk)})
    with in_public():
        assert current_version("growth").pk == draft.pk
    assert console.post(f"{PATH}sync/").status_code == 503


def test_a_plan_is_made_and_retired(console, in_public):
    words = {"key": "solo", "name_en": "Solo", "name_zh": "单人版"}
    assert console.post("/console/plans/new/", {**words, "key": "Solo!"}).status_code == 422
    assert console.post("/console/plans/new/", words).url == "/console/plans/solo/draft/"
    assert console.post("/console/plans/new/", words).status_code == 422
    assert console.get("/console/plans/solo/").status_code == 200
    assert console.post("/console/plans/solo/sync/").status_code == 404
    assert console.post("/console/plans/scale/sale/").status_code == 302
    with in_public():
        assert Plan.objects.get(pk="scale").is_public is False
    refused = console.post(f"{PATH}sale/")
    assert refused.status_code == 422 and "New workspaces try this plan" in refused.content.decode()
    assert console.get("/console/plans/nosuch/").status_code == 404


def test_an_add_on_is_made_priced_and_retired(console, in_public, stripe):  # noqa: F811
    words = {"key": "api-too", "name_en": "API", "name_zh": "接口", "feature": "api"}
    assert console.post("/console/plans/add-ons/new/", {**words, "limit": "records"}).status_code == 422
    path = "/console/plans/add-ons/api-too/"
    assert console.post("/console/plans/add-ons/new/", words).url == path
    prices = {"seen": "0", "currency_0": "JPY", "month_0": "1500.5", "year_0": "15000"}
    refused = console.post(path, prices)
    assert refused.status_code == 422 and 'value="1500.5"' in refused.content.decode()
    assert console.post(path, {**prices, "month_0": "1500"}).status_code == 302
    stale = console.post(path, {**prices, "month_0": "1600"})
    assert stale.status_code == 422 and 'value="1600"' in stale.content.decode()
    assert "Not at Stripe yet" not in console.get(path).content.decode()
    assert console.post(f"{path}sync/").status_code == 302
    assert console.post(f"{path}sale/").status_code == 302
    assert "Retired" in console.get("/console/plans/add-ons/").content.decode()


def test_a_tax_rate_is_set_synchronised_replaced_and_retired(console, in_public, stripe):  # noqa: F811
    words = {"country": "DE", "name": "USt", "percent": "19", "not_with_tax_id": "1"}
    assert console.post("/console/plans/tax-rates/new/", {**words, "percent": "190"}).status_code == 422
    assert console.post("/console/plans/tax-rates/new/", {**words, "country": "ZZ"}).status_code == 422
    console.post("/console/plans/tax-rates/new/", {**words, "percent": "16"})
    console.post("/console/plans/tax-rates/new/", words)
    with in_public():
        rate = TaxRate.objects.get(is_active=True)
    page = console.get("/console/plans/tax-rates/").content.decode()
    assert "Germany" in page and "19%" in page and "Not at Stripe yet" not in page
    assert console.post(f"/console/plans/tax-rates/{rate.pk}/sync/").status_code == 302
    assert console.post(f"/console/plans/tax-rates/{rate.pk}/retire/").status_code == 302
    assert console.post(f"/console/plans/tax-rates/{rate.pk}/retire/").status_code == 404
    with in_public():
        assert TaxRate.objects.filter(is_active=True).count() == 0
        kinds = list(TenantEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds[-3:] == ["tax_rate_set", "tax_rate_set", "tax_rate_retired"]
