"""Exports of other programs: every column goes where it belongs without a word, and every row comes in."""

import datetime as dt
from decimal import Decimal

import pytest

from core.records.types import record_type
from crm.accounts.models import Account, Contact
from crm.activities.models import Task
from crm.opportunities.models import Opportunity
from crm.products.models import Product
from crm.transfer.models import ImportState
from crm.transfer.rules.guessing import guess_mapping
from crm.transfer.rules.synonyms import SYNONYMS
from tests.crm.transfer.exports import (
    CHINESE_CUSTOMERS,
    CHINESE_DEALS,
    CHINESE_PEOPLE,
    EXPORTS,
    GOOGLE_CONTACTS,
    HUBSPOT_DEALS,
    MAC_TASKS,
    NUMBERS_PRODUCTS,
    OUTLOOK_CONTACTS,
    SALESFORCE_OPPORTUNITIES,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", EXPORTS)
def test_headings_are_guessed_right_and_all_rows_come_in(name, importer):
    export = EXPORTS[name]
    job = importer.upload(export.kind, export.content)
    headings = job.facts["headings"]
    assert {headings[int(index)]: target for index, target in job.mapping.items()} == export.expected
    job = importer.run(importer.check(job))
    assert (job.state, job.findings["counts"]) == (ImportState.DONE, {"new": 3}), job.findings["bad"]


@pytest.mark.parametrize("kind", SYNONYMS)
def test_each_synonym_is_understood_and_of_one_field(kind, workspace):
    found = record_type(kind)
    taken: dict[str, str] = {}
    for field, words in SYNONYMS[kind].items():
        assert field in found.by_name, field
        for word in (each.strip() for each in words.split("|")):
            assert taken.setdefault(word, field) == field, word
            guessed = guess_mapping(found, [word], [[]], {})
            assert guessed[0].target == field, (word, guessed[0])


def test_chinese_amounts_days_and_shares(importer):
    importer.whole("opportunity", CHINESE_DEALS.content)
    amounts = set(Opportunity.objects.values_list("amount", "expected_on"))
    assert amounts == {
        (Decimal("1234.50"), dt.date(2024, 3, 5)),
        (Decimal("125000.00"), dt.date(2024, 3, 6)),
        (Decimal("8000.00"), dt.date(2024, 3, 7)),
    }
    assert sorted(Opportunity.objects.values_list("probability_percent", flat=True)) == [20, 60, 90]


def test_chinese_customers_in_units_of_ten_thousand_with_zeros_and_tabs(importer):
    importer.whole("account", CHINESE_CUSTOMERS.content)
    hospital = Account.objects.get(name="宁波海曙口腔医院")
    assert (hospital.annual_revenue, hospital.postcode, hospital.employees) == (
        Decimal("12005000.00"), "315000", 200,
    )  # fmt: skip
    assert Account.objects.get(city="杭州").phone == "057187654321"


def test_addresses_in_brackets_and_numbers_in_scientific_notation(importer):
    importer.whole("contact", CHINESE_PEOPLE.content)
    zhang = Contact.objects.get(name="张伟")
    assert (zhang.mail, zhang.birthday) == ("zhangwei@haishu.example", dt.date(1985, 3, 5))
    assert Contact.objects.get(name="李娜").mobile == "13800138001"


def test_shares_of_one_are_percent(importer):
    job = importer.whole("opportunity", HUBSPOT_DEALS.content)
    assert job.reading["fractions"]
    assert sorted(Opportunity.objects.values_list("probability_percent", flat=True)) == [20, 90, 100]


def test_whole_percents_stay(importer):
    importer.whole("opportunity", SALESFORCE_OPPORTUNITIES.content)
    lease = Opportunity.objects.get(name="Refit")
    assert (lease.probability_percent, lease.amount, lease.opened_on) == (
        90, Decimal("800.00"), dt.date(2026, 1, 25),
    )  # fmt: skip


def test_outlook_has_quoted_addresses_and_empty_days(importer):
    importer.whole("contact", OUTLOOK_CONTACTS.content)
    ada = Contact.objects.get(name="Ada Lovelace")
    assert (ada.mail, ada.birthday, ada.description) == ("ada@acme.example", None, "met at the fair")


def test_of_several_addresses_in_a_cell_the_first_is_taken_and_it_is_said(importer):
    job = importer.whole("contact", GOOGLE_CONTACTS.content)
    assert Contact.objects.get(name="Bo Lind").mail == "bo@bolt.example"
    assert Contact.objects.get(name="Ada Lovelace").phone == "+44 20 7946 0001"
    assert sorted(row[:3] for row in job.findings["notices"]) == [
        ["mail", "several", 1],
        ["phone", "several", 1],
    ]


def test_numbers_with_decimal_commas_keep_zeros_in_codes(importer):
    importer.whole("product", NUMBERS_PRODUCTS.content)
    assert set(Product.objects.values_list("code", "list_price")) == {
        ("00017", Decimal("1234.50")), ("00018", Decimal("99.90")), ("00019", Decimal("5.00")),
    }  # fmt: skip


def test_old_line_ends_and_dotted_days(importer):
    importer.whole("task", MAC_TASKS.content)
    assert Task.objects.get(title="Call Ada").due_on == dt.date(2026, 3, 5)
