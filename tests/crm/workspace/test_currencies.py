"""Further currencies, their rates by day, and amounts that follow them."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from core.clock import today
from core.errors import DomainError
from core.exchange import NoRate
from core.history.models import Transaction
from core.history.undo import undo
from core.records.custom import read_attribute
from core.records.types import record_type
from core.records.writing import create_record, update_record
from core.tenancy.scope import public_scope
from crm.opportunities.models import Opportunity
from crm.opportunities.services.pricing import Amounts, reprice, settle_amounts
from crm.workspace.models import CurrencyRate
from crm.workspace.rules.rates import read_lines
from crm.workspace.selectors.currencies import currency_rows, further_currencies
from crm.workspace.services.base_currency import ask_for_base_currency, change_base_currency
from crm.workspace.services.currencies import (
    add_currency,
    keep_rate,
    paste_rates,
    remove_rate,
    retire_currency,
)
from tenants.people.models import User
from tenants.people.workspace_settings import forget_settings
from tenants.registry.hosts import snapshot_of_schema
from tests.crm.fields.conftest import new_field
from tests.importing import Importer

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 4, 30)


@pytest.fixture
def euros(workspace):
    """Base USD; 1 EUR = 1.0840 USD from 31 March 2026."""
    add_currency("EUR", rate="1.0840", since="2026-03-31", by=workspace.owner)
    return workspace


def _opportunity(workspace, **values):
    return create_record(record_type("opportunity"), {"name": "Deal", **values}, by=workspace.owner).record


def _edit(opportunity, workspace, **values):
    found = Opportunity.objects.get(pk=opportunity.pk)
    return update_record(record_type("opportunity"), found, values, by=workspace.owner).record


def test_a_rate_is_kept_as_it_was_typed(euros):
    assert CurrencyRate.objects.get().rate == "1.0840"
    keep_rate("EUR", rate="1,10", since="2026-05-01", by=euros.owner)
    assert list(CurrencyRate.objects.values_list("rate", flat=True)) == ["1.10", "1.0840"]
    assert [(row.code, row.days) for row in currency_rows()] == [("EUR", 2)]


@pytest.mark.parametrize(
    "rate", ["", "0", "0.00", "-1", "1.0.0", "abc", "1e5", "1,000.5", "1" * 16, "0.123456789012345"]
)
def test_what_is_no_rate_is_refused_at_its_field(workspace, rate):
    with pytest.raises(DomainError) as refused:
        add_currency("EUR", rate=rate, since="2026-03-31", by=workspace.owner)
    assert set(refused.value.fields) == {"rate"}
    assert further_currencies() == []


def test_an_amount_in_another_currency_gives_the_amount_in_the_base(euros):
    made = _opportunity(euros, currency="EUR", currency_amount=Decimal("1250"), expected_on=DAY)
    assert (made.amount, made.currency_amount) == (Decimal("1355.00"), Decimal("1250.00"))
    keep_rate("EUR", rate="1.2", since="2026-04-15", by=euros.owner)
    assert reprice("EUR") == 1
    assert Opportunity.objects.get().amount == Decimal("1500.00")
    assert reprice("EUR") == 0
    # The day that counts is its own: before the new rate, the old one.
    assert _edit(made, euros, expected_on=dt.date(2026, 4, 14)).amount == Decimal("1355.00")


def test_a_file_that_says_amount_and_currency_means_that_currency(euros):
    made = _opportunity(euros, currency="EUR", amount=Decimal("100"), expected_on=DAY)
    assert (made.amount, made.currency_amount) == (Decimal("108.40"), Decimal("100.00"))


def test_taking_the_currency_out_leaves_the_amount(euros):
    made = _opportunity(euros, currency="EUR", currency_amount=Decimal(100), expected_on=DAY)
    freed = _edit(made, euros, currency="")
    assert (freed.amount, freed.currency, freed.currency_amount) == (Decimal("108.40"), "", None)
    again = _edit(made, euros, currency="EUR", currency_amount=Decimal(50))
    assert again.amount == Decimal("54.20")
    emptied = _edit(made, euros, currency_amount=None)
    assert (emptied.amount, emptied.currency) == (Decimal("54.20"), "")


def test_the_amount_cannot_be_changed_beside_the_one_it_follows_from(euros):
    made = _opportunity(euros, currency="EUR", currency_amount=Decimal(100), expected_on=DAY)
    with pytest.raises(DomainError) as refused:
        _edit(made, euros, amount=Decimal(5))
    assert set(refused.value.fields) == {"amount"}
    assert _edit(made, euros, name="Other").amount == Decimal("108.40")


def test_without_a_rate_for_the_day_it_is_refused(euros):
    with pytest.raises(NoRate):
        _opportunity(euros, currency="EUR", currency_amount=Decimal(1), expected_on=dt.date(2026, 3, 30))
    assert not Opportunity.objects.exists()


def test_yen_have_no_decimals_and_dinars_three(workspace):
    add_currency("JPY", rate="0.0067", since="2026-01-01", by=workspace.owner)
    add_currency("KWD", rate="3.25", since="2026-01-01", by=workspace.owner)
    day = dt.date(2026, 2, 1)
    yen = settle_amounts(Amounts(None, "JPY", Decimal("1000.5")), stored=(None, None), day=day)
    assert (yen.currency_amount, yen.amount) == (Decimal(1001), Decimal("6.71"))
    dinar = settle_amounts(Amounts(None, "KWD", Decimal("10.1255")), stored=(None, None), day=day)
    assert (dinar.currency_amount, dinar.amount) == (Decimal("10.126"), Decimal("32.91"))
    made = _opportunity(workspace, currency="KWD", currency_amount=Decimal("10.126"), expected_on=day)
    field = record_type("opportunity").field("currency_amount")
    found = Opportunity.objects.get(pk=made.pk)
    assert field.raw(found.currency_amount) == "10.126"
    assert "10.126" in field.text(field.values_of(found), None)


def test_fields_of_currencies_are_there_once_there_is_one(workspace, client_of):
    made = _opportunity(workspace, amount=Decimal(5))
    client = client_of(workspace, workspace.owner)
    path = f"/opportunities/{made.pk}/edit/"
    assert 'name="currency_amount"' not in client.get(path).content.decode()
    assert "currency" not in client.get(f"/api/v1/opportunities/{made.pk}/").json()
    add_currency("EUR", rate="1.1", since="2026-01-01", by=workspace.owner)
    assert 'name="currency_amount"' in client.get(path).content.decode()
    assert client.get(f"/api/v1/opportunities/{made.pk}/").json()["currency"] == ""
    retire_currency("EUR", by=workspace.owner)
    assert '<option value="EUR"' not in client.get(path).content.decode()
    assert 'name="currency_amount"' in client.get(path).content.decode()


def test_an_import_writes_what_a_form_would(euros, worker):
    lines = "Name,Expected close,Amount,Currency\nA,2026-04-30,100,EUR\nB,2026-04-30,100,\n"
    lines += "C,2026-03-01,100,EUR\n"  # no rate for this day: this row alone is refused
    Importer(euros.owner).whole("opportunity", lines)
    columns = ("name", "amount", "currency", "currency_amount")
    imported = set(Opportunity.objects.values_list(*columns))
    Opportunity.everything.all().delete()
    for name, currency in (("A", "EUR"), ("B", "")):
        values = {"name": name, "amount": Decimal(100), "currency": currency, "expected_on": DAY}
        create_record(record_type("opportunity"), values, by=euros.owner)
    assert imported == set(Opportunity.objects.values_list(*columns))
    assert {row[:2] for row in imported} == {("A", Decimal("108.40")), ("B", Decimal("100.00"))}


def test_pasted_lines_are_all_taken_or_none(euros):
    batch, count = paste_rates("date;rate\n2026-04-01;1,09\n2026年5月1日;1.1", currency="EUR", by=euros.owner)
    assert count == 2
    assert list(CurrencyRate.objects.values_list("rate", flat=True)) == ["1.1", "1.09", "1.0840"]
    with pytest.raises(DomainError, match="Line 2") as refused:
        paste_rates("2026-06-01, 1.2\n3/4/2026, 1.3\nGBP, 2026-06-01, 1", currency="EUR", by=euros.owner)
    assert "GBP" in str(refused.value)
    assert CurrencyRate.objects.count() == 3
    undo(batch, by=euros.owner, label="undone")
    assert CurrencyRate.objects.count() == 1


def test_lines_are_read_in_their_usual_forms():
    text = 'currency,date,rate\nEUR,2026-01-01,7.80\njpy\t20260102\t0,05\n\n"USD";2026/1/3;7.1\nEUR,2026-01-01,7.9'
    rates, problems = read_lines(text, "")
    assert problems == []
    assert [(each.currency, each.since.isoformat(), each.rate) for each in rates] == [
        ("EUR", "2026-01-01", "7.9"), ("JPY", "2026-01-02", "0.05"), ("USD", "2026-01-03", "7.1"),
    ]  # fmt: skip
    assert len(read_lines("2026-01-01,7\n2026-01-02,x\nnonsense", "EUR")[1]) == 2


def test_the_last_rate_of_a_currency_stays(euros):
    rate = CurrencyRate.objects.get()
    with pytest.raises(DomainError, match="needs a rate"):
        remove_rate("EUR", rate.pk, by=euros.owner)
    keep_rate("EUR", rate="1.2", since="2026-04-15", by=euros.owner)
    remove_rate("EUR", CurrencyRate.objects.get(rate="1.2").pk, by=euros.owner)
    assert CurrencyRate.objects.count() == 1


def test_undoing_a_rate_brings_amounts_after_it(euros, client_of, worker, django_capture_on_commit_callbacks):
    made = _opportunity(euros, currency="EUR", currency_amount=Decimal(100), expected_on=DAY)
    with django_capture_on_commit_callbacks(execute=True):
        batch = keep_rate("EUR", rate="2", since="2026-04-15", by=euros.owner)
    assert Opportunity.objects.get(pk=made.pk).amount == Decimal("200.00")
    with django_capture_on_commit_callbacks(execute=True):
        assert client_of(euros, euros.owner).post(f"/undo/{batch}/").status_code == 204
    assert Opportunity.objects.get(pk=made.pk).amount == Decimal("108.40")


def test_another_base_currency_converts_each_amount_once(euros, worker):
    plain = _opportunity(euros, amount=Decimal("108.40"), expected_on=DAY)
    foreign = _opportunity(euros, currency="EUR", currency_amount=Decimal("50"), expected_on=DAY)
    product = create_record(
        record_type("product"), {"name": "P", "list_price": Decimal("10")}, by=euros.owner
    ).record
    assert change_base_currency("EUR", convert=True, change_id="one") == 2
    # The job was killed behind its commit and comes again.
    assert change_base_currency("EUR", convert=True, change_id="one") == 0
    with public_scope(switch=True, reason="test"):
        assert snapshot_of_schema(euros.schema).currency == "EUR"
    assert Opportunity.objects.get(pk=plain.pk).amount == Decimal("100.00")
    product.refresh_from_db()
    assert product.list_price == Decimal("9.23")
    assert Transaction.objects.filter(label__contains="EUR the base currency").count() == 1
    foreign.refresh_from_db()
    assert (foreign.currency, foreign.currency_amount) == ("EUR", Decimal("50.000"))


def test_the_rate_is_that_of_the_workspaces_day_wherever_the_work_is_done(workspace, worker, monkeypatch):
    """A job knows nobody's zone; a rate that came into force here today must not be tomorrow's to it."""
    east, west = ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago")
    monkeypatch.setattr("crm.workspace.services.base_currency.workspace_zone", lambda: east)
    plain = _opportunity(workspace, amount=Decimal("100"))
    CurrencyRate.objects.create(currency="GBP", base="USD", since=today(east), rate=Decimal(2))
    with timezone.override(west):
        ask_for_base_currency("GBP", convert=True, by=workspace.owner)
        change_base_currency("GBP", convert=True, change_id="one")
    plain.refresh_from_db()
    assert plain.amount == Decimal("50.00")


def test_keeping_the_numbers_changes_only_their_currency(euros):
    plain = _opportunity(euros, amount=Decimal("108.40"))
    change_base_currency("CNY", convert=False, change_id="one")
    plain.refresh_from_db()
    assert plain.amount == Decimal("108.40")
    with public_scope(switch=True, reason="test"):
        assert snapshot_of_schema(euros.schema).currency == "CNY"


def test_a_base_currency_that_cannot_be_reached_is_refused_before_anything(workspace):
    with pytest.raises(NoRate):
        ask_for_base_currency("GBP", convert=True, by=workspace.owner)
    with pytest.raises(DomainError):
        ask_for_base_currency("USD", convert=False, by=workspace.owner)


def test_the_pages_are_for_administrators_and_work(euros, client_of):
    owner = client_of(euros, euros.owner)
    for path in ("/settings/currencies/", "/settings/currencies/EUR/", "/settings/currencies/base/"):
        assert owner.get(path).status_code == 200
        member, _made = User.objects.get_or_create(email="m@own.example", defaults={"name": "M"})
        assert client_of(euros, member).get(path).status_code == 403
    answer = owner.post("/settings/currencies/", {"currency": "JPY", "rate": "x", "since": "2026-01-01"})
    assert answer.status_code == 422
    assert "is not a rate" in answer.content.decode()
    answer = owner.post("/settings/currencies/", {"currency": "JPY", "rate": "0.0067", "since": "2026-01-01"})
    assert (answer.status_code, answer.url) == (302, "/settings/currencies/JPY/")
    assert (
        owner.post(
            "/settings/currencies/paste/", {"rates": "EUR,2026-06-01,1.2\nJPY,2026-06-01,0.007"}
        ).status_code
        == 302
    )
    page = owner.get("/settings/currencies/EUR/").content.decode()
    assert "1.2" in page
    assert "1.0840" in page
    assert owner.post("/settings/currencies/EUR/retire/").status_code == 302
    assert owner.get("/settings/currencies/EUR/").status_code == 404


def test_an_undo_of_adding_takes_the_currency_away(workspace):
    batch = add_currency("EUR", rate="1.1", since="2026-01-01", by=workspace.owner)
    undo(batch, by=workspace.owner, label="undone")
    forget_settings()
    assert (further_currencies(), CurrencyRate.objects.count()) == ([], 0)


def test_own_amounts_are_converted_with_the_others_and_what_follows_from_them(euros, worker):
    owner = euros.owner
    deposit = new_field(euros, "money", "Deposit")
    new_field(euros, "formula", "Twice", options={"text": f"{deposit.name} * 2", "result": "money"})
    account = record_type("account")
    fields = {str(each.label): each for each in account.fields}
    made = create_record(
        account, {"name": "Acme", fields["Deposit"].attribute: Decimal("108.40")}, by=owner
    ).record
    assert change_base_currency("EUR", convert=True, change_id="one") == 1
    found = account.model.objects.get(pk=made.pk)
    assert read_attribute(found, fields["Deposit"].attribute) == Decimal("100.00")
    assert read_attribute(found, fields["Twice"].attribute) == Decimal("200.00")
