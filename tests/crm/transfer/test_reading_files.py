"""The same three companies, written in every way that files come in."""

import datetime as dt
import io
import re
from decimal import Decimal

import pytest
import xlsxwriter

from crm.accounts.models import Account, Contact
from crm.opportunities.models import Opportunity
from crm.transfer.models import ImportState

pytestmark = pytest.mark.django_db

_CHINESE = (
    "客户名称,城市,年收入\n"
    '宁波海曙口腔医院,宁波,"1,200.50"\n'
    "杭州西湖茶业有限公司,杭州,800\n"
    "上海浦东设备厂,上海,\n"
)
_WESTERN = "Company;City;Revenue\nMüller & Söhne;Köln;1.200,50\nCafé Zürich;Zürich;800\nØrsted Bygg;Århus;\n"


def _workbook() -> bytes:
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True})
    book.add_worksheet("Notes")
    sheet = book.add_worksheet("Companies")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["Opportunity", "Opened", "Value", "Reference"])
    sheet.write_row(1, 0, ["First"])
    sheet.write_datetime(1, 1, dt.date(2026, 3, 4), day)
    sheet.write_formula(1, 2, "=2*600.25", None, 1200.5)
    sheet.write_number(1, 3, 10017)
    book.close()
    return body.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_chinese_files_are_read_in_every_encoding(encoding, importer):
    job = importer.whole("account", _CHINESE.encode(encoding))
    assert job.state == ImportState.DONE
    hospital = Account.objects.get(name="宁波海曙口腔医院")
    assert (hospital.city, hospital.annual_revenue) == ("宁波", Decimal("1200.50"))
    assert hospital.name_key.startswith("ning bo hai shu")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16-le"])
def test_western_files_with_semicolons_and_decimal_commas(encoding, importer):
    job = importer.whole("account", _WESTERN.encode(encoding))
    assert (job.facts["delimiter"], job.reading["comma_decimal"]) == (";", True)
    assert Account.objects.get(name="Müller & Söhne").annual_revenue == Decimal("1200.50")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "^", "~"])
def test_any_delimiter(mark, importer):
    lines = [["name", "city", "phone"], ["Acme", "Leeds", "0113 1"], ["Bolt, Ltd", "York", "01904 2"]]
    text = "\r\n".join(mark.join(f'"{cell}"' for cell in line) for line in lines)
    importer.whole("account", text)
    assert set(Account.objects.values_list("name", "city")) == {("Acme", "Leeds"), ("Bolt, Ltd", "York")}


def test_a_sheet_gives_values_of_formulas_and_dates(importer):
    job = importer.whole("opportunity", _workbook(), "deals.xlsx")
    assert job.state == ImportState.DONE, job.message
    deal = Opportunity.objects.get(name="First")
    assert (deal.opened_on, deal.amount, deal.reference) == (dt.date(2026, 3, 4), Decimal("1200.50"), "10017")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("$1,200.50", "1200.50"),
        ("¥ 1200.5", "1200.50"),
        ("EUR 1200", "1200.00"),
        ("1 200 元", "1200.00"),
        ("1,200", "1200.00"),
    ],
)
def test_currency_marks_and_thousands(written, read, importer):
    importer.whole("opportunity", f'name,value\nFirst,"{written}"\n')
    assert Opportunity.objects.get().amount == Decimal(read)


def test_dates_with_one_day_over_twelve_need_no_question(importer):
    job = importer.whole("opportunity", "name,opened\nFirst,03/04/2026\nSecond,25/04/2026\n")
    assert job.reading["day_first"]
    assert Opportunity.objects.get(name="First").opened_on == dt.date(2026, 4, 3)


def test_dates_that_could_be_two_are_asked_about(importer):
    from crm.transfer.services.mapping import ambiguous_dates

    job = importer.upload("opportunity", "name,opened\nFirst,03/04/2026\nSecond,05/06/2026\n")
    assert ambiguous_dates(job) == ["03/04/2026", "05/06/2026"]
    importer.map(job, {"name": "name", "opened": "opened_on"}, day_first=True)
    importer.run(importer.check(job))
    assert Opportunity.objects.get(name="First").opened_on == dt.date(2026, 4, 3)


@pytest.mark.parametrize(
    ("amounts", "asked"),
    [
        (["1,234", "900"], ["1,234"]),
        (["1.234", "900"], ["1.234"]),
        (["12,5", "3.75"], ["12,5", "3.75"]),
        (["1,234", "1,234.50"], []),
        (["1.234", "7,5"], []),
        (["1234", "900"], []),
    ],
)
def test_numbers_that_could_be_two_are_asked_about_where_columns_are_chosen(
    amounts, asked, importer, workspace, client_of
):
    rows = "".join(f'Deal {place},"{amount}"\n' for place, amount in enumerate(amounts))
    job = importer.upload("opportunity", f"name,amount\n{rows}")
    page = client_of(workspace, workspace.owner).get(f"/import/{job.pk}/").content.decode()
    note = page.partition("Some numbers can be read two ways")[2].partition('for="decimals"')[0]
    assert re.findall(r'class="code"><bdi>(.*?)</bdi>', note) == asked


@pytest.mark.parametrize("written", ["2026年3月4日", "2026-03-04", "2026/3/4", "4 Mar 2026", "March 4, 2026"])
def test_dates_as_people_write_them(written, importer):
    importer.whole("opportunity", f'name,opened\nFirst,"{written}"\n')
    assert Opportunity.objects.get().opened_on == dt.date(2026, 3, 4)


def test_two_columns_make_a_name(importer):
    importer.whole(
        "contact", "First name,Last name,Email\nAda,Lovelace,ada@x.example\n小明,王,wang@x.example\n"
    )
    assert set(Contact.objects.values_list("name", flat=True)) == {"Ada Lovelace", "王小明"}


def test_a_mapping_is_kept_for_the_next_file_by_heading(importer):
    first = importer.upload("account", "Firm,Where,Note\nAcme,Leeds,hello\n")
    importer.map(first, {"Firm": "name", "Where": "city", "Note": "description"})
    second = importer.upload("account", "note,WHERE,firm\nhello,York,Bolt\n")
    assert second.mapping == {"0": "description", "1": "city", "2": "name"}


def test_another_encoding_can_be_chosen(importer):
    from crm.transfer.services import jobs

    job = importer.upload("account", "name,city\nAcme,東京\n".encode("shift_jis"))
    jobs.change_layout(job, changes={"encoding": "shift_jis"}, by=importer.by)
    importer.run(importer.check(job))
    assert Account.objects.get().city == "東京"
